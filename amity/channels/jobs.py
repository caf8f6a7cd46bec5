"""Background jobs of channels."""

from __future__ import annotations

from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amity.channels import outbox

# A message must not be forgotten because the database was away; trying again is safe, it is sent at most once.
_WHEN_DATABASE_IS_BACK = RetryStrategy(
    max_attempts=1_000, wait=5, retry_exceptions=[OperationalError, InterfaceError]
)


@app.task(name="channels.send_message", queue="outbox", retry=_WHEN_DATABASE_IS_BACK)
def send_message(message_id: str) -> None:
    """Send one message of the outbox."""
    outbox.deliver(UUID(message_id), at=timezone.now())
