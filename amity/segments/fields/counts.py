"""How often, how much, in which mood; over all time or in the last days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amity.segments.conditions import Edge, Field, Found, Moment, Op, Sql, days_edge
from amity.segments.domain.traits import Traits, cutoff_of
from amity.segments.domain.trees import Leaf

AT_LEAST, AT_MOST = _("at least"), _("at most")


def behind(column: str, cutoff: int) -> str:
    """SQL of how many entries of a list are too old: a binary search in it."""
    return f"width_bucket({cutoff}, t.{column})"


def compared(leaf: Leaf, text: str, value: object) -> Sql:
    """SQL that compares a number with what is asked for."""
    return Sql(f"{text} {'>=' if leaf.op == 'at_least' else '<='} %s", (value,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Field):
    """How many entries a list of minutes has, in a window, of those narrowed to one code in the list beside it."""

    column: str
    beside: str = ""
    edge: str = ""
    windowed: bool = True
    toil: ClassVar = 3
    ops: ClassVar = (Op("at_least", AT_LEAST, "number"), Op("at_most", AT_MOST, "number"))

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        cutoff, code = cutoff_of(moment.now, leaf.within_days), self.code(leaf, moment)
        if code is not None:
            later = "" if cutoff is None else f"[{behind(self.column, cutoff)} + 1:]"
            some = f"array_positions((t.{self.beside}){later}, {code}::{self._type})"
            text = f"COALESCE(cardinality({some}), 0)"
        elif cutoff is not None:
            text = f"COALESCE(cardinality(t.{self.column}) - {behind(self.column, cutoff)}, 0)"
        else:
            text = f"COALESCE(cardinality(t.{self.column}), 0)"
        return compared(leaf, text, leaf.value)

    @property
    def _type(self) -> str:
        return "integer" if self.of == "product" else "smallint"

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        cutoff, code = cutoff_of(moment.now, leaf.within_days), self.code(leaf, moment)
        n = traits.count(self.column, cutoff, self.beside if code is not None else "", code)
        return Found(n >= leaf.value if leaf.op == "at_least" else n <= leaf.value, n)

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        return days_edge(self.edge, leaf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent(Field):
    """What was paid in one currency; amounts of two are never added."""

    windowed: bool = True
    toil: ClassVar = 5
    of: str = "currency"
    of_needed: bool = True
    ops: ClassVar = (Op("at_least", AT_LEAST, "amount"), Op("at_most", AT_MOST, "amount"))

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        cutoff, code = cutoff_of(moment.now, leaf.within_days), self.code(leaf, moment)
        old = "0" if cutoff is None else f"COALESCE(t.paid[{behind('orders', cutoff)}], 0)"
        first = "0" if cutoff is None else behind("orders", cutoff)
        text = (
            f"CASE WHEN t.currency = %s THEN t.paid[cardinality(t.paid)] - {old} WHEN t.paid_each IS NOT NULL THEN "
            f"segments_paid(t.paid_each, t.paid_in, {code}, {first}) ELSE 0 END"
        )
        wanted = compared(leaf, text, round(leaf.value * 100))
        return Sql(wanted.text, (leaf.of, *wanted.params))

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        cutoff = cutoff_of(moment.now, leaf.within_days)
        paid, wanted = traits.spent(leaf.of, self.code(leaf, moment), cutoff), round(leaf.value * 100)
        return Found(paid >= wanted if leaf.op == "at_least" else paid <= wanted, paid / 100)

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        return days_edge("order", leaf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood(Field):
    """The mean mood of what they wrote, from −1 to 1. Whoever wrote nothing that was judged has none."""

    windowed: bool = True
    toil: ClassVar = 4
    ops: ClassVar = (Op("at_least", AT_LEAST, "mood"), Op("at_most", AT_MOST, "mood"))

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        cutoff, wanted = cutoff_of(moment.now, leaf.within_days), round(leaf.value * 1000)
        n, total = "cardinality(t.mood)", "t.mood_sum[cardinality(t.mood)]"
        if cutoff is not None:
            n = f"({n} - {behind('mood', cutoff)})"
            total = f"({total} - COALESCE(t.mood_sum[{behind('mood', cutoff)}], 0))"
        than = ">=" if leaf.op == "at_least" else "<="
        return Sql(f"COALESCE({n} > 0 AND {total}::bigint {than} {n}::bigint * {wanted}, false)")

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        n, total = traits.mood_in(cutoff_of(moment.now, leaf.within_days))
        if not n:
            return Found(False)
        wanted = n * round(leaf.value * 1000)
        return Found(
            total >= wanted if leaf.op == "at_least" else total <= wanted, round(total / n / 1000, 2)
        )

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        return days_edge("activity", leaf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(Field):
    """A plain number of the record."""

    column: str
    ops: ClassVar = (Op("at_least", AT_LEAST, "number"), Op("at_most", AT_MOST, "number"))

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        return compared(leaf, f"t.{self.column}", leaf.value)

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        n = getattr(traits, self.column)
        return Found(n >= leaf.value if leaf.op == "at_least" else n <= leaf.value, n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Field):
    """Whether they wait for our answer, and for how long."""

    ops: ClassVar = (
        Op("longer_than", _("longer than"), "hours", _("hours")), Op("yes", _("at all")), Op("no", _("not at all")),
    )  # fmt: skip

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        if leaf.op == "longer_than":
            return Sql(f"COALESCE(t.waiting <= {moment.now - leaf.value * 60}, false)")
        return Sql(f"t.waiting IS {'NOT ' if leaf.op == 'yes' else ''}NULL")

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        since = traits.waiting
        if leaf.op == "longer_than":
            return Found(since is not None and since <= moment.now - leaf.value * 60, since)
        return Found((since is not None) == (leaf.op == "yes"), since)

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        return (Edge("waiting", leaf.value * 60),) if leaf.op == "longer_than" else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InSegment(Field):
    """Membership of another segment."""

    ops: ClassVar = (Op("in", _("in"), "segment"), Op("not_in", _("not in"), "segment"))

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        """Joined under the segment's name by `compiling`, so that the members are read once."""
        held = "s_" + UUID(leaf.value).hex
        return Sql(f"{held}.person_id IS {'NOT ' if leaf.op == 'in' else ''}NULL")

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        there = moment.inside(UUID(leaf.value))
        return Found(there == (leaf.op == "in"), there)
