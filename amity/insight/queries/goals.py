"""How our objectives stand today: what the program wants, measured by the figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from amity.insight.domain.standing import Standing, standing
from amity.insight.queries.figures import Bucket, Figure, series_of
from amity.insight.queries.registry import figure
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.program.models import Objective


@dataclass(frozen=True, slots=True)
class Goal:
    """`figure` is None where the key names none any more; then there is no value and the standing is unknown."""

    objective: Objective
    figure: Figure | None
    trend: Sequence[Bucket]
    value: float | None
    standing: Standing


def goals(actor: Actor, at: datetime) -> list[Goal]:
    """Every objective with its trend, in two queries. None for who may read neither objectives nor figures."""
    if not (policy.may(actor, "read", "objective") and policy.may(actor, "read", "figure")):
        return []
    objectives = list(Objective.objects.visible_to(actor).select_related("owner"))
    figures = {one.figure_key: figure(one.figure_key) for one in objectives}
    trends = series_of([one for one in figures.values() if one is not None], actor, at) if objectives else {}
    return [_goal(one, figures[one.figure_key], trends.get(one.figure_key, [])) for one in objectives]


def _goal(objective: Objective, measured: Figure | None, trend: Sequence[Bucket]) -> Goal:
    values = [bucket.value for bucket in trend]
    return Goal(
        objective,
        measured,
        trend,
        values[-1] if values else None,
        standing(values, baseline=objective.baseline, target=objective.target),
    )
