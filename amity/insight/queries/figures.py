"""A figure: what it is called, how it is computed, and the records behind it.

Value, trend and records come from one queryset that starts from what the actor may see, so that they cannot disagree;
where a rollup answers instead, a property test holds it to the records (law 5).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    Avg,
    CharField,
    Count,
    DateTimeField,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Abs, Cast, NullIf
from django.utils import timezone
from django.utils.functional import Promise as Words

from amity.activity.models import DailyCount
from amity.insight.domain.reckoning import How, Part
from amity.insight.domain.windows import Window, back_from, day_of, rolling, utc_days
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.keyset import Cursor

BUCKETS = 10
PAGE = 40
Rows = QuerySet[Any]
RowsOf = Callable[[Actor, datetime], Rows]


class Unit(StrEnum):
    COUNT = "count"
    MINUTES = "minutes"
    SHARE = "share"  # 0 to 1
    BALANCE = "balance"  # -1 to 1, shown as points from -100 to 100


class Span(StrEnum):
    """Which window a figure is about."""

    NOW = "now"  # as things stand; it has no past
    DAY = "day"  # the reader's day
    MONTH = "month"  # the last 28 days, so that every weekday counts four times
    UTC_MONTH = "utc_month"  # the same in whole days of UTC, as daily counts are kept
    LAST_YEAR = "last_year"  # 28 days that ended a year ago: a year has passed for all of them


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure read. `value` is in the figure's unit, None where `count` records tell nothing."""

    value: float | None
    count: int
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    window: Window
    value: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """`formula` and `source` are sentences. `rows` gives every record with `moment` and `part` (its part)."""

    key: str
    name: str | Words
    unit: Unit
    formula: str | Words
    source: str | Words
    good_when: str  # higher, lower
    span: Span
    how: How
    rows: RowsOf
    counted: Callable[[], Q] | None = None  # which daily counts answer, instead of counting records
    shows: str = "conversation"  # what its records are: conversation, activity, promise, order

    def window(self, at: datetime) -> Window:
        """The window of today's value."""
        if self.span is Span.DAY:
            return day_of(timezone.localtime(at))
        if self.span is Span.UTC_MONTH:
            return utc_days(at, 28)
        if self.span is Span.LAST_YEAR:
            return rolling(at - timedelta(days=365), 28)
        return rolling(at, 28)

    @property
    def nothing(self) -> tuple[float | None, int]:
        """Value and count where there is no record."""
        return (0.0 if self.how in (How.COUNT, How.DISTINCT) else None), 0

    def records(self, actor: Actor, at: datetime, window: Window | None = None) -> Rows:
        """Exactly the records that the value is computed from, newest first."""
        rows = self.rows(actor, at)
        if self.span is not Span.NOW:
            held = window or self.window(at)
            rows = rows.filter(moment__gte=held.start, moment__lt=held.end)
        return rows.order_by("-moment", "-id")

    def compute(self, actor: Actor, at: datetime, window: Window | None = None) -> Reading:
        """The value over `window` (by default today's). Raises `Forbidden` for who may not read figures."""
        _require(actor)
        (row,) = self._measured(actor, at, window or self.window(at))
        return Reading(*_told(row), at)

    def series(self, actor: Actor, at: datetime, buckets: int = BUCKETS) -> list[Bucket]:
        """The same figure over windows that lead up to today's, oldest first, in one query; empty if it has no past."""
        return series_of([self], actor, at, buckets)[self.key]

    def _measured(self, actor: Actor, at: datetime, window: Window, edges: Sequence[datetime] = ()) -> Rows:
        """Rows of key, value and count; with `edges` one for each bucket that holds anything, and its number."""
        if self.counted is not None:
            rows: Rows = _days(self.counted(), actor, window)
            measured, instant = _of_days(self.how), "day"
        else:
            rows = self.records(actor, at, window).order_by()
            measured, instant = _of_rows(self.how), "moment"
        rows = rows.annotate(figure=Value(self.key, CharField()))
        if not edges:
            told: Rows = rows.values("figure").annotate(**measured)
        else:
            placed = rows.annotate(bucket=_place(instant, edges))
            told = placed.values("figure", "bucket").annotate(**measured)
        return told


def read_many(figures: Sequence[Figure], actor: Actor, at: datetime) -> dict[str, Reading]:
    """Several figures in one query, by key."""
    _require(actor)
    rows = _united([figure._measured(actor, at, figure.window(at)) for figure in figures])
    return {row["figure"]: Reading(*_told(row), at) for row in rows}


def series_of(
    figures: Sequence[Figure], actor: Actor, at: datetime, buckets: int = BUCKETS
) -> dict[str, list[Bucket]]:
    """The trends of several figures in one query, by key; the last bucket of each is the window of today's value."""
    _require(actor)
    windows = {one.key: back_from(one.window(at), buckets) for one in figures if one.span is not Span.NOW}
    rows = _united(
        [
            one._measured(
                actor,
                at,
                Window(windows[one.key][0].start, windows[one.key][-1].end),
                [window.start for window in windows[one.key]],
            )
            for one in figures
            if one.key in windows
        ]
    )
    found = {(row["figure"], row["bucket"]): _told(row) for row in rows}
    return {
        one.key: [
            Bucket(window, *found.get((one.key, place), one.nothing))
            for place, window in enumerate(windows.get(one.key, []), start=1)
        ]
        for one in figures
    }


def _united(parts: Sequence[Rows]) -> Rows | list[dict[str, Any]]:
    if not parts:
        return []
    return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


def records_page(
    figure: Figure, actor: Actor, at: datetime, after: Cursor | None, limit: int = PAGE
) -> tuple[list[Any], Cursor | None]:
    """Up to `limit` records behind `after`, and where the next page begins; None at the end."""
    _require(actor)
    rows = figure.records(actor, at)
    if after is not None:
        # The first condition lets an index begin at the right place; the second alone would be right.
        rows = rows.filter(moment__lte=after.at).filter(
            Q(moment=after.at, id__lt=after.id) | Q(moment__lt=after.at)
        )
    found = list(rows[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return found[:limit], Cursor(last.moment, last.id) if last else None


def part_of(record: Any) -> Part:
    """What a record counts for in its figure."""
    part: Part = record.part
    return part


# --------------------------------------------------------------------------------------------------- how it is computed


class _Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class _Place(Func):
    function = "width_bucket"
    output_field = IntegerField()


def _require(actor: Actor) -> None:
    policy.require(actor, "read", "figure")


def _place(field: str, edges: Sequence[datetime]) -> _Place:
    """In which window a record lies, from 1; edges are where windows start."""
    if field == "day":
        instant = Cast(F("day"), DateTimeField())  # midnight of UTC: the database session speaks UTC
        return _Place(instant, Value([edge.astimezone(UTC) for edge in edges], ArrayField(DateTimeField())))
    return _Place(F(field), Value(list(edges), ArrayField(DateTimeField())))


def _of_rows(how: How) -> dict[str, Any]:
    part = F("part")
    values: dict[How, Any] = {
        How.COUNT: Cast(Count("*"), FloatField()),
        How.DISTINCT: Cast(Count(part, distinct=True), FloatField()),
        How.MEDIAN: _Median(part),
        How.SHARE: Avg(part, output_field=FloatField()),
        How.NET: Sum(part, output_field=FloatField()) / NullIf(Sum(Abs(part)), Value(0.0)),
    }
    return {"told_value": values[how], "told_count": Count("*")}


def _of_days(how: How) -> dict[str, Any]:
    """The same from counts by day and mood."""
    total = Cast(Sum("count"), FloatField())
    positive = Cast(Sum("count", filter=Q(mood="positive"), default=0), FloatField())
    negative = Cast(Sum("count", filter=Q(mood="negative"), default=0), FloatField())
    values: dict[How, Any] = {
        How.COUNT: Cast(Sum("count", default=0), FloatField()),
        How.SHARE: negative / NullIf(total, Value(0.0)),
        How.NET: (positive - negative) / NullIf(positive + negative, Value(0.0)),
    }
    return {"told_value": values[how], "told_count": Sum("count", default=0)}


def _days(which: Q, actor: Actor, window: Window) -> QuerySet[DailyCount]:
    first, last = window.start.astimezone(UTC).date(), window.end.astimezone(UTC).date()
    return DailyCount.objects.visible_to(actor).filter(which, day__gte=first, day__lt=last)


def _told(row: dict[str, Any]) -> tuple[float | None, int]:
    value = row["told_value"]
    return (None if value is None else float(value)), int(row["told_count"] or 0)
