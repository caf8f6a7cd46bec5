"""Background jobs of channels."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amity.channels import outbox
from amity.channels.adapters import Trouble

# A message must not be forgotten because the database was away; trying again is safe, it is sent at most once.
_WHEN_DATABASE_IS_BACK = RetryStrategy(
    max_attempts=1_000, wait=5, retry_exceptions=[OperationalError, InterfaceError]
)


@app.task(name="channels.send_message", queue="outbox", retry=_WHEN_DATABASE_IS_BACK)
def send_message(message_id: str) -> None:
    """Send one message of the outbox."""
    outbox.deliver(UUID(message_id), at=timezone.now())


@app.task(name="channels.look_for_message", queue="outbox", retry=_WHEN_DATABASE_IS_BACK)
def look_for_message(message_id: str) -> None:
    """Look whether a message of unknown fate left. Where the account is out of reach, it stays unknown."""
    with suppress(Trouble):
        outbox.look_for(UUID(message_id), at=timezone.now())
