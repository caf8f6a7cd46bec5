"""What conversations tell the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel.bus import event


@event
@dataclass(frozen=True, slots=True)
class ConversationAnswered:
    conversation_id: UUID
    activity_id: UUID
    staff_id: UUID
    at: datetime


@event
@dataclass(frozen=True, slots=True)
class ConversationAssigned:
    """A colleague gave it to somebody, or to nobody."""

    conversation_id: UUID
    assignee_id: UUID | None
    at: datetime


@event
@dataclass(frozen=True, slots=True)
class ConversationMoved:
    """It was closed, reopened or snoozed."""

    conversation_id: UUID
    before: str
    after: str
    at: datetime
