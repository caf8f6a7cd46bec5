"""What people tell the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel.bus import event


@event
@dataclass(frozen=True, slots=True)
class PeopleRegrouped:
    """Identities count for other persons now, as two were merged or came apart; or something else is shown of them by
    other rules. `person_ids` are all that changed."""

    person_ids: tuple[UUID, ...]
    at: datetime
