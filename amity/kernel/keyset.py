"""Keyset paging of what is sorted by time: where one page ends and the next begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place among records that are newest first: everything older than this comes next."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The place that `str(cursor)` wrote; None for anything else."""
        instant, _, id = text.partition("~")
        try:
            found = cls(datetime.fromisoformat(instant), UUID(id))
        except ValueError:
            return None
        return found if found.at.tzinfo else None
