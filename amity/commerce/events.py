"""What commerce tells the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel.bus import event


@event
@dataclass(frozen=True, slots=True)
class TiersChanged:
    """Customers may have another tier now: the persons of these identities, or, where there are none, everybody."""

    identity_ids: tuple[UUID, ...]
    at: datetime
