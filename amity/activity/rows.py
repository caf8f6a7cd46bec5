"""A row on its way into the activity table, and what the stages leave for each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from amity.channels.records import Attachment, Record
from amity.kernel.pipeline import Key


@dataclass(slots=True)
class ActivityRow:
    """The columns of `Activity` before they are written; `record` is what it was made from."""

    id: UUID
    occurred_at: datetime
    external_id: str
    direction: str
    channel: str
    verb: str
    object_type: str
    record: Record | None = None
    item_id: UUID | None = None
    actor_id: UUID | None = None
    staff_id: UUID | None = None
    about_id: UUID | None = None
    thread_id: UUID | None = None
    object_id: UUID | None = None
    subject: str = ""
    text: str = ""
    full_text: str = ""
    html: str = ""
    in_reply_to: tuple[str, ...] = ()
    is_public: bool = False
    amount: Decimal | None = None
    currency: str = ""
    language: str = ""
    sentiment: float | None = None
    confidence: float | None = None
    payload: dict[str, Any] | None = None
    attachments: tuple[Attachment, ...] = ()

    @property
    def is_message(self) -> bool:
        return self.object_type != "order"


@dataclass(frozen=True, slots=True)
class ThreadMerge:
    """Two threads turned out to be one."""

    winner: UUID
    loser: UUID


ROWS: Key[list[ActivityRow]] = Key("activity.rows")
MERGES: Key[list[ThreadMerge]] = Key("activity.merges")
AGAIN: Key[list[tuple[str, UUID]]] = Key("activity.again")
"""External ids that a batch tells more than once, with the items that are not the first."""
