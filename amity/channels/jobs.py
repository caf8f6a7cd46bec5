"""Background jobs of channels."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from amity.channels import outbox


@app.task(name="channels.send_message", queue="outbox")
def send_message(message_id: str) -> None:
    """Send one message of the outbox."""
    outbox.deliver(UUID(message_id), at=timezone.now())
