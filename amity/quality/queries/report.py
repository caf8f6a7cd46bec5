"""The report on data quality: shares by field and dimension, the score, what costs most, and the trend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.quality.domain.fields import RECORD, Field, Problem
from amity.quality.domain.scoring import Share, lost, score, shares
from amity.quality.models import HERE, SOURCE, Day
from amity.quality.queries.counting import Sight, keys_of_findings, sight_of
from amity.quality.queries.known import (
    EVERYTHING,
    Scope,
    Settings,
    fields_for,
    last_look,
    scopes_for,
    settings,
)

TREND = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Worst:
    """What costs most points: a share, how many points, and at which source most of it lies, where that is known."""

    share: Share
    points: float
    scope: Scope | None


@dataclass(frozen=True, slots=True)
class DayOfScore:
    """The score on a day, of how many people; `by_field` the score of each field."""

    on: date
    score: float | None
    people: int
    by_field: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Report:
    """`people` are those whom the scope tells of. `looked_at`: when everybody was judged last."""

    scope: Scope
    people: int
    fields: tuple[Field, ...]
    shares: tuple[Share, ...]
    looked_at: datetime | None

    @property
    def score(self) -> float | None:
        return score(self.shares) if self.people else None

    def of_field(self, key: str) -> list[Share]:
        return [one for one in self.shares if one.field == key]

    def score_of(self, key: str) -> float | None:
        """The score of one field alone, also of one that does not count."""
        return _score_of_field(self.of_field(key)) if self.people else None


def _score_of_field(of: Sequence[Share]) -> float | None:
    found = score(of)
    if found is None:
        found = score([Share(one.field, one.dimension, one.problem, one.bad, one.of, 1) for one in of])
    return found


def report_on(actor: Actor, at: datetime, scope: Scope = EVERYTHING, sight: Sight | None = None) -> Report:
    """The figures of a scope, as this actor may see them. Raises `Forbidden` for who may not read people."""
    policy.require(actor, "read", "person")
    sight = sight or Sight(actor, at)
    set_now = settings()
    fields = fields_in(actor, at, scope)
    counts = {
        (one.key, problem): sight.count((scope.kind, scope.ref, one.key, problem.value))
        for one in fields
        for problem in one.problems
    }
    people = sight.count((scope.kind, scope.ref, "", HERE))
    return Report(scope, people, fields, tuple(_shares(fields, counts, people, set_now)), last_look())


def fields_in(actor: Actor, at: datetime, scope: Scope) -> tuple[Field, ...]:
    """The fields of a scope: whether a record is there twice is asked of all sources together."""
    return tuple(one for one in fields_for(actor, at) if scope == EVERYTHING or one.key != RECORD)


def _shares(
    fields: Sequence[Field], counts: Mapping[tuple[str, Problem], int], people: int, set_now: Settings
) -> list[Share]:
    return shares(fields, counts, people, set_now.fields, set_now.of_dimension)


def worst_of(report: Report, actor: Actor, sight: Sight) -> Worst | None:
    """Where most of the score is lost; None where nothing is."""
    costs = max(report.shares, key=lambda one: lost(one, report.shares), default=None)
    if costs is None or lost(costs, report.shares) < 0.05:
        return None
    where = None
    if report.scope == EVERYTHING and costs.field != RECORD:
        counted = {
            one: sight.count((SOURCE, one.ref, costs.field, costs.problem.value))
            for one in scopes_for(actor)
            if one.kind == SOURCE
        }
        most = max(counted, key=lambda one: counted[one], default=None)
        where = most if most is not None and counted[most] else None
    return Worst(costs, lost(costs, report.shares), where)


def trend_of(actor: Actor, at: datetime, scope: Scope = EVERYTHING) -> list[DayOfScore]:
    """The score of each day that was kept, oldest first, by today's weights."""
    policy.require(actor, "read", "person")
    keys = {
        number: (field, problem)
        for number, (kind, id, field, problem) in keys_of_findings().items()
        if (kind, id) == (scope.kind, scope.ref)
    }
    rows = Day.objects.filter(
        sight=sight_of(policy.hidden_source_ids(actor)), on__gt=(at - TREND).date(), finding_id__in=list(keys)
    ).values_list("on", "finding_id", "count")
    days: dict[date, dict[tuple[str, str], int]] = defaultdict(dict)
    for on, number, count in rows:
        days[on][keys[number]] = count
    fields, set_now = fields_in(actor, at, scope), settings()
    return [_day(on, days[on], fields, set_now) for on in sorted(days)]


def _day(
    on: date, counted: Mapping[tuple[str, str], int], fields: Sequence[Field], set_now: Settings
) -> DayOfScore:
    people = counted.get(("", HERE), 0)
    counts = {(name, Problem(problem)): n for (name, problem), n in counted.items() if problem != HERE}
    of = _shares(fields, counts, people, set_now)
    by_field = {one.key: _score_of_field([s for s in of if s.field == one.key]) for one in fields}
    return DayOfScore(on, score(of) if people else None, people, by_field)
