"""Where a list goes on: the sort value and the id of the last row that was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list that is sorted by an instant and, among equals, by id."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """As it travels in an address."""
        return f"{self.at.isoformat()}{_BETWEEN}{self.id}"


def decode(text: str) -> Cursor | None:
    """The place that `encode` wrote; None for anything else, because addresses are typed and cut by people."""
    written, _, name = text.partition(_BETWEEN)
    try:
        instant = datetime.fromisoformat(written)
        found = Cursor(instant, UUID(name))
    except ValueError:
        return None
    return found if instant.tzinfo is not None else None
