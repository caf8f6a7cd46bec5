"""What channels tell the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel.bus import event


@event
@dataclass(frozen=True, slots=True)
class MessageFailed:
    """A message of ours certainly did not leave, and is not tried again by itself."""

    message_id: UUID
    at: datetime


@event
@dataclass(frozen=True, slots=True)
class ImportFinished:
    """A file was read to its end."""

    run_id: UUID
    at: datetime
