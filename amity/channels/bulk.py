"""Many rows that a program tells at once: what may become of each, and how one that breaks is kept to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from django.db import transaction

from amity.channels.holding import is_away
from amity.channels.inlet import WasErased

TOGETHER = 2_500


class Mode(StrEnum):
    """`create`: only those whom nobody knows; `update`: only those who are known; `upsert`: both."""

    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: created, updated, unchanged; or exists, missing, invalid, failed: nothing is kept then."""

    status: str
    id: UUID | None = None
    code: str = ""
    reason: str = ""


class Placed(Protocol):
    @property
    def place(self) -> int: ...


R = TypeVar("R", bound=Placed)


def walk_or_isolate(
    rows: Sequence[R],
    outcomes: list[Outcome],
    walk: Callable[[Sequence[R]], Iterable[tuple[int, Outcome]]],
) -> None:
    """Walk rows in one transaction. A row that breaks the walk breaks it for itself alone."""
    try:
        with transaction.atomic():
            found = dict(walk(rows))
    except Exception as error:
        if is_away(error):
            raise
        if len(rows) == 1:
            outcomes[rows[0].place] = (
                Outcome("invalid", None, error.code, error.message)
                if isinstance(error, WasErased)
                else Outcome("failed", None, "internal", type(error).__name__)
            )
            return
        half = len(rows) // 2
        walk_or_isolate(rows[:half], outcomes, walk)
        walk_or_isolate(rows[half:], outcomes, walk)
        return
    for place, outcome in found.items():
        outcomes[place] = outcome
