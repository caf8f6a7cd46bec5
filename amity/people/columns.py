"""The slots of the list of people: later packages register columns and filters of what they know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    """A filter that is on or off. `restrict` leaves the people for whom it holds, as this actor may know.

    Those of one `group` are one list to choose from.
    """

    key: str
    label: Words
    order: int
    resource: str
    restrict: Callable[[Actor, QuerySet[Person]], QuerySet[Person]]
    group: Words = ""


@dataclass(frozen=True, slots=True)
class ExportColumns:
    """Columns of exports alone: in tables `titles` stand above them, in lines they are parts of `extra`.

    `load` gives the texts of people at once, in the order of the titles; those without any are left out. Lines leave
    out what is `implied`: texts that would say nothing where they are read again.
    """

    titles: tuple[str, ...]
    resource: str
    load: Callable[[Actor, Sequence[UUID]], Mapping[UUID, Sequence[str]]]
    implied: frozenset[str] = frozenset()


FlagsNamed = Callable[[Actor, str], Flag | None]
_columns: dict[str, Column] = {}
_flags: dict[str, Flag] = {}
_more_flags: list[Callable[[Actor], Iterable[Flag]]] = []
_families: dict[str, FlagsNamed] = {}
_exported: list[Callable[[Actor], ExportColumns]] = []


def register_column(column: Column) -> None:
    """Add a column to the list of people, its export included."""
    _columns[column.key] = column


def register_flag(flag: Flag) -> None:
    """Add a filter to the list of people."""
    _flags[flag.key] = flag


def register_flags(provider: Callable[[Actor], Iterable[Flag]]) -> None:
    """Add filters that are made while Amity runs: asked for each time, they are those that the actor may use."""
    _more_flags.append(provider)


def register_export_columns(provider: Callable[[Actor], ExportColumns]) -> None:
    """Add columns to exports of people that are made while Amity runs: those that the actor may see."""
    _exported.append(provider)


def export_columns_for(actor: Actor) -> list[ExportColumns]:
    """The columns of exports alone that this actor gets, in order."""
    found = (provider(actor) for provider in _exported)
    return [one for one in found if one.titles and policy.may(actor, "export", one.resource)]


def columns_for(actor: Actor) -> list[Column]:
    """The columns of other packages that this actor may read, in order."""
    return sorted(
        (column for column in _columns.values() if policy.may(actor, "read", column.resource)),
        key=lambda column: column.order,
    )


def flags_for(actor: Actor) -> list[Flag]:
    """The filters of other packages that this actor may use, in order."""
    return sorted(
        (flag for flag in (*_flags.values(), *_made(actor)) if policy.may(actor, "read", flag.resource)),
        key=lambda flag: flag.order,
    )


def _made(actor: Actor) -> Iterable[Flag]:
    return [flag for provider in _more_flags for flag in provider(actor)]


def register_flag_family(prefix: str, named: FlagsNamed) -> None:
    """Add filters that are too many for a menu: an address names them by a key that begins with `prefix` and a colon.

    `named` gives the filter of a key; None for what is none, or is not for the actor.
    """
    _families[prefix] = named


def flags_named(actor: Actor, keys: Iterable[str]) -> list[Flag]:
    """The filters of these keys that this actor may use, in order."""
    wanted = frozenset(keys)
    if not wanted:  # nothing is asked of whoever makes filters
        return []
    found = [flag for flag in flags_for(actor) if flag.key in wanted]
    for key in sorted(wanted):
        named = _families.get(key.partition(":")[0]) if ":" in key else None
        flag = named(actor, key) if named else None
        if flag is not None and policy.may(actor, "read", flag.resource):
            found.append(flag)
    return found
