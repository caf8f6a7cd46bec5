"""What segments tell the rest of the house: of a change of one person one event, of a new rule none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel.bus import event


@event
@dataclass(frozen=True, slots=True)
class SegmentEntered:
    """The rule holds of these people now, since something about them changed or time passed."""

    segment_id: UUID
    person_ids: tuple[UUID, ...]
    at: datetime


@event
@dataclass(frozen=True, slots=True)
class SegmentLeft:
    """It no longer does."""

    segment_id: UUID
    person_ids: tuple[UUID, ...]
    at: datetime
