"""When people have their birthday: soon, today, or in which month.

Month and day of the birthday that is shown are kept, the year is not. A condition that looks ahead changes at midnight
(UTC): when a birthday comes so near, and when it is over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from amity.people.domain.precedence import HAND, Statement
from amity.people.domain.survivorship import winner
from amity.people.queries.locks import chosen_values
from amity.people.queries.ruling import ruling
from amity.segments import conditions, edges
from amity.segments.conditions import Edge, Field, Found, Moment, Op, Sql
from amity.segments.domain.birthdays import A_YEAR, month_and_day, spans
from amity.segments.domain.parts import FIELDS
from amity.segments.domain.traits import A_DAY, Traits
from amity.segments.domain.trees import BrokenRule, Leaf
from amity.segments.fields.profile import KNOWN, UNKNOWN, values_of

KEY = "birthday"
_DAY = "birthday"
_FIRST_DAY = date(1970, 1, 1)
_AT = f"(t.fields ->> '{KEY}')"
_MONTHS = frozenset(map(str, MONTHS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday(Field):
    """Month and day; the year does not matter."""

    ops: ClassVar = (
        Op("in_next", _("in the next"), "days", _("days")), Op("today", _("is today")),
        Op("in_month", _("is in the month"), "option"), KNOWN, UNKNOWN,
    )  # fmt: skip
    toil: ClassVar = 2

    def check(self, leaf: Leaf) -> Leaf:
        """A month is a number from 1 to 12."""
        asked = leaf
        if isinstance(leaf.value, int) and leaf.op == "in_month":
            asked = Leaf(leaf.field, leaf.op, str(leaf.value), leaf.within_days, leaf.of)
        checked = Field.check(self, asked)
        if checked.op == "in_month":
            for one in values_of(checked):
                if one not in _MONTHS:
                    raise BrokenRule("no_option", field=str(self.label), option=one)
        return checked

    def choices(self) -> list[tuple[str, str]]:
        return [(str(number), str(name)) for number, name in MONTHS.items()]

    def named(self, value: str) -> str:
        return str(MONTHS[int(value)]) if value in _MONTHS else value

    def told(self, found: str) -> str:
        month, day = map(int, found.split("-"))
        return date_format(date(2000, month, day), "MONTH_DAY_FORMAT")  # a leap year

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        if leaf.op in (KNOWN.key, UNKNOWN.key) or self._holds_always(leaf):
            return Sql(f"{_AT} IS {'' if leaf.op == UNKNOWN.key else 'NOT '}NULL")
        if leaf.op == "in_month":
            return Sql(f"COALESCE(left({_AT}, 2) = ANY(%s::text[]), false)", (self._months(leaf),))
        pieces = self._spans(leaf, moment)
        # A day is always written with five characters: they sort as days do.
        some = " OR ".join(f'{_AT} COLLATE "C" BETWEEN %s AND %s' for _one in pieces)
        return Sql(f"COALESCE({some}, false)", tuple(end for piece in pieces for end in piece))

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        day = traits.fields.get(KEY)
        if leaf.op in (KNOWN.key, UNKNOWN.key):
            return Found((day is not None) == (leaf.op == KNOWN.key), day)
        if day is None:
            return Found(False)
        if leaf.op == "in_month":
            return Found(day[:2] in self._months(leaf), day)
        is_near = self._holds_always(leaf) or any(
            first <= day <= last for first, last in self._spans(leaf, moment)
        )
        return Found(is_near, day)

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        """The midnights at which a birthday comes near enough and is over, counted from that of the birthday."""
        if leaf.op not in ("in_next", "today") or self._holds_always(leaf):
            return ()
        return Edge(_DAY, -self._ahead(leaf) * A_DAY), Edge(_DAY, A_DAY)

    def _ahead(self, leaf: Leaf) -> int:
        return int(leaf.value) if leaf.op == "in_next" else 0

    def _holds_always(self, leaf: Leaf) -> bool:
        """Within a year everybody has their birthday."""
        return self._ahead(leaf) >= A_YEAR

    def _spans(self, leaf: Leaf, moment: Moment) -> list[tuple[str, str]]:
        return spans(_FIRST_DAY + timedelta(days=moment.now // A_DAY), self._ahead(leaf))

    def _months(self, leaf: Leaf) -> list[str]:
        return [f"{int(one):02}" for one in values_of(leaf)]


# -------------------------------------------------------------------------------------------------------------- values

_TOLD = """
    SELECT l.person_id, f.value, f.observed_at, f.source_id, f.said_by_id IS NOT NULL
    FROM people_link l JOIN people_fact f ON f.identity_id = l.identity_id AND f.field = 'birthday'
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL AND f.source_id <> ALL(%s)
    ORDER BY l.person_id, f.observed_at DESC, f.value DESC
"""


def read_values(person_ids: Sequence[UUID], hidden: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """Month and day of the birthday that everybody is shown of these people."""
    told: dict[UUID, list[Statement]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [list(person_ids), list(hidden)])
        for person, value, at, source, is_typed in cursor.fetchall():
            told[person].append(Statement(KEY, value, at, HAND if is_typed else source))
    if not told:
        return {}
    rules, chosen = ruling().shown, chosen_values(list(told), hidden)
    found = {}
    for person, said in told.items():
        won = winner(KEY, {KEY: said}, rules)
        day = month_and_day(chosen.get(person, {}).get(KEY) or (won.value if won else ""))
        if day:
            found[person] = {KEY: day}
    return found


# Of whom a birthday has its midnight there; after a year without a look it is everybody's. In years without one the
# 29th of February is on the 28th, on which the day after is the 1st of March.
_PASSED = f"""
    WITH bounds AS (
        SELECT ceil(%(first)s / {A_DAY}.0)::integer AS low, ceil(%(last)s / {A_DAY}.0)::integer - 1 AS high),
    days AS (
        SELECT date '1970-01-01' + n AS at FROM bounds, generate_series(low, LEAST(high, low + 366)) AS passed (n)),
    written AS (
        SELECT to_char(at, 'MM-DD') AS day FROM days
        UNION SELECT '02-29' FROM days WHERE to_char(at, 'MM-DD') = '02-28' AND to_char(at + 1, 'MM-DD') = '03-01')
    SELECT t.person_id FROM segments_trait t JOIN written ON t.fields ->> '{KEY}' = written.day
"""


def register() -> None:
    """Bring it into the registry."""
    from amity.segments.fields import ABOUT

    conditions.register(Birthday(key=KEY, label=_("Birthday"), group=ABOUT, part=FIELDS, personal=(KEY,)))
    conditions.register_provider(tuple, read_values)
    edges.register_passing(_DAY, edges.Passing("person_id", _PASSED))
