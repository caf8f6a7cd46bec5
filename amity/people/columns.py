"""The slots of the list of people: later packages register columns and filters of what they know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise as Lazy

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.money import Money
from amity.people.models import Person

Words: TypeAlias = str | Lazy


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a column: words, a count, amounts of money; `url` opens the records."""

    count: int | None = None
    amounts: tuple[Money, ...] = ()
    words: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that another package fills, for the people of one page at once."""

    key: str
    title: Words
    order: int
    resource: str
    load: Callable[[Actor, Sequence[UUID]], Mapping[UUID, Cell]]
    is_rare: bool = False  # left out of a page on which nobody has it


@dataclass(frozen=True, slots=True)
class Flag:
    """A filter that is on or off. `restrict` leaves the people for whom it holds, as this actor may know."""

    key: str
    label: Words
    order: int
    resource: str
    restrict: Callable[[Actor, QuerySet[Person]], QuerySet[Person]]


_columns: dict[str, Column] = {}
_flags: dict[str, Flag] = {}


def register_column(column: Column) -> None:
    """Add a column to the list of people, its export included."""
    _columns[column.key] = column


def register_flag(flag: Flag) -> None:
    """Add a filter to the list of people."""
    _flags[flag.key] = flag


def columns_for(actor: Actor) -> list[Column]:
    """The columns of other packages that this actor may read, in order."""
    return sorted(
        (column for column in _columns.values() if policy.may(actor, "read", column.resource)),
        key=lambda column: column.order,
    )


def flags_for(actor: Actor) -> list[Flag]:
    """The filters of other packages that this actor may use, in order."""
    return sorted(
        (flag for flag in _flags.values() if policy.may(actor, "read", flag.resource)),
        key=lambda flag: flag.order,
    )
