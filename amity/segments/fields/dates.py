"""When something happened first or last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.segments.conditions import Edge, Field, Found, Moment, Op, Sql
from amity.segments.domain.traits import A_DAY, Traits, cutoff_of, minute_of
from amity.segments.domain.trees import Leaf

_TIMED = ("in_last", "longer_ago")


def first_minute(said: str) -> int:
    """The minute at which a day begins (UTC)."""
    day = date.fromisoformat(said)
    return minute_of(datetime(day.year, day.month, day.day, tzinfo=UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Field):
    """An instant: the `first` or last entry of a list of minutes, or a single one. Whoever has none is `never`."""

    column: str
    first: bool = False
    listed: bool = True
    edge: str = ""
    ops: ClassVar = (
        Op("in_last", _("in the last"), "days", _("days")), Op("longer_ago", _("more than"), "days", _("days ago")),
        Op("since", _("on or after"), "date"), Op("before", pgettext_lazy("segment", "before"), "date"),
        Op("never", _("never")), Op("ever", _("at any time")),
    )  # fmt: skip

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        at = f"t.{self.column}"
        if self.listed:
            at = f"{at}[1]" if self.first else f"{at}[cardinality({at})]"
        if leaf.op in ("never", "ever"):
            return Sql(f"{at} IS {'NOT ' if leaf.op == 'ever' else ''}NULL")
        bound, later = self._bound(leaf, moment)
        return Sql(f"COALESCE({at} {'>' if later else '<='} {bound}, false)")

    def _bound(self, leaf: Leaf, moment: Moment) -> tuple[int, bool]:
        """The last minute of one side, and whether the other side, the later one, is asked for."""
        if leaf.op in _TIMED:
            cutoff = cutoff_of(moment.now, leaf.value)
            assert cutoff is not None
            return cutoff, leaf.op == "in_last"
        return first_minute(leaf.value) - 1, leaf.op == "since"

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        at: int | None = getattr(traits, self.column) if not self.listed else None
        if self.listed and (minutes := traits.minutes(self.column)):
            at = minutes[0] if self.first else minutes[-1]
        if leaf.op in ("never", "ever"):
            return Found((at is not None) == (leaf.op == "ever"), at)
        if at is None:
            return Found(False)
        bound, later = self._bound(leaf, moment)
        return Found((at > bound) == later, at)

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        return (Edge(self.edge, leaf.value * A_DAY),) if leaf.op in _TIMED else ()
