"""Which of several statements wins: the rule that a company set for a field, and by what a statement won."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from amity.people.domain.fields.definition import PREFIX, Kind

HAND: Final = "hand"
"""Stands in the order of trust for what colleagues typed."""
SEEN: Final = "@seen"
"""Field of a statement that a source named an e-mail address, and when first; its value is the address."""

Teller = UUID | str | None
"""Who said it: a source, or `HAND`; None where no rule looks at it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact as the rules see it."""

    field: str
    value: str
    observed_at: datetime
    source: Teller = None


class Way(StrEnum):
    """How one of several values is chosen."""

    NEWEST = "newest"
    TRUSTED = "trusted"  # of the source that stands first in the order of trust; within it the newest
    COMPLETE = "complete"  # see `completeness`; of those alike the newest
    FIRST = "first"  # in the alphabet: addresses, which nobody says again


_MEASURED: tuple[Way, ...] = (Way.NEWEST, Way.TRUSTED, Way.COMPLETE)
_PLAIN: tuple[Way, ...] = (Way.NEWEST, Way.TRUSTED)
FIELDS: Mapping[str, tuple[Way, ...]] = {
    "name": _MEASURED,
    "email": (Way.FIRST, Way.NEWEST, Way.TRUSTED),
    "city": _MEASURED,
    "job_title": _MEASURED,
    "organisation": _MEASURED,
    "birthday": _MEASURED,
    "street": _MEASURED,
    "postcode": _MEASURED,
    "website": _MEASURED,
    "country": _PLAIN,
    "language": _PLAIN,
    "tax_number": _PLAIN,
}
"""The ways that each field of the record can have; the first is the one that holds while nobody set another."""
_OF_LENGTH = frozenset({Kind.TEXT, Kind.CHOICES})


def ways_of(name: str, kind: Kind | None = None) -> tuple[Way, ...]:
    """The ways that a field can have, its usual one first; `kind` of one of the company's own. None for others."""
    if name.startswith(PREFIX):
        return _MEASURED if kind in _OF_LENGTH else _PLAIN
    return FIELDS.get(name, ())


@dataclass(frozen=True)
class Rules:
    """What a company set: a way for each field that has not its usual one, and whom it trusts, most of all first.

    `trust` holds ids of sources and `HAND`. Who does not stand there comes after all of these.
    """

    ways: Mapping[str, Way] = field(default_factory=dict)
    trust: tuple[UUID | str, ...] = (HAND,)

    @property
    def are_usual(self) -> bool:
        return not self.ways

    def way(self, name: str) -> Way:
        return self.ways.get(name) or FIELDS.get(name, (Way.NEWEST,))[0]

    @property
    def look_at_addresses(self) -> bool:
        """Whether it matters who named an e-mail address, and when."""
        return "email" in self.ways

    @cached_property
    def _ranks(self) -> dict[Teller, int]:
        return {one: place for place, one in enumerate(self.trust)}

    def rank(self, statement: Statement) -> int:
        """The place of who said it in the order of trust, from 0; who stands nowhere is behind all."""
        return self._ranks.get(statement.source, len(self.trust))

    def is_trusted(self, statement: Statement) -> bool:
        return statement.source in self._ranks

    def as_value(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "ways": {name: str(way) for name, way in self.ways.items()},
            "trust": list(map(str, self.trust)),
        }


USUAL = Rules()
"""What holds while nobody set anything: the newest value of each field."""


def rules_from(value: Mapping[str, Any]) -> Rules:
    """What `as_value` gave."""
    ways = {name: Way(way) for name, way in value["ways"].items()}
    return Rules(ways, tuple(one if one == HAND else UUID(one) for one in value["trust"]))


def completeness(name: str, value: str) -> tuple[int, int]:
    """How much a value says, to be compared with others of its field.

    Of a text it is how many words it has, those of two letters and more before initials: "Tomás Arrieta Lindero" says
    more than "Tomás Arrieta", and that more than "T. A. L.". Of a date it is how many of day, month and year it names.
    """
    if name == "birthday":
        digits = re.findall(r"\d+", value)
        return (3 if len(digits) == 1 and len(digits[0]) == 8 else len(digits), 0)
    words = re.findall(r"\w+", value)
    return sum(len(word) > 1 for word in words), len(words)


class Reason(StrEnum):
    """Why a value is shown."""

    CHOSEN = "chosen"  # by a colleague
    NEWEST = "newest"
    TRUSTED = "trusted"
    COMPLETE = "complete"
    FIRST = "first"
    PARTS = "parts"  # a name put together of its two parts


@dataclass(frozen=True, slots=True)
class Won:
    """The value that is shown, by what it won, and of whom it is where that was trust."""

    value: str
    reason: Reason
    source: Teller = None


def best_of(name: str, said: Sequence[Statement], rules: Rules) -> tuple[Statement, Reason]:
    """The statement of a field that wins, of at least one, and by what: where all are alike it is the newest."""
    way = rules.way(name)
    said = sorted(
        said, key=lambda one: one.value, reverse=name != "email"
    )  # the first of those that are alike
    if way is Way.TRUSTED:
        best = max(said, key=lambda one: (-rules.rank(one), one.observed_at))
        return best, Reason.TRUSTED if rules.is_trusted(best) else Reason.NEWEST
    if way is Way.COMPLETE:
        best = max(said, key=lambda one: (completeness(name, one.value), one.observed_at))
        most = completeness(name, best.value)
        more = any(completeness(name, one.value) < most for one in said)
        return best, Reason.COMPLETE if more else Reason.NEWEST
    return max(said, key=lambda one: one.observed_at), Reason.NEWEST


def won_by(name: str, said: Sequence[Statement], rules: Rules) -> Won | None:
    """The value of a field that wins among these statements, None where there are none."""
    if not said:
        return None
    best, reason = best_of(name, said, rules)
    return Won(best.value, reason, best.source if reason is Reason.TRUSTED else None)


def by_field(statements: Iterable[Statement]) -> dict[str, list[Statement]]:
    """The statements of each field."""
    found: dict[str, list[Statement]] = {}
    for one in statements:
        found.setdefault(one.field, []).append(one)
    return found


def merged_with_hidden(
    before: Sequence[UUID | str], wanted: Sequence[UUID | str], seen: Iterable[UUID | str]
) -> tuple[UUID | str, ...]:
    """A new order of trust by somebody who does not see all sources: those stay behind the one that they followed."""
    visible, order = {*seen, HAND}, list(wanted)
    for place, one in enumerate(before):
        if one not in visible:
            behind = next((order.index(old) + 1 for old in reversed(before[:place]) if old in order), 0)
            order.insert(behind, one)
    return tuple(order)
