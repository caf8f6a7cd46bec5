"""From counts to shares, and from shares to one score: the weighted mean, 0 to 100."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from amity.quality.domain.fields import Field, Problem


class Dimension(StrEnum):
    """What data should be (field.md calls freshness timeliness)."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    FRESHNESS = "freshness"
    CONSISTENCY = "consistency"


AGAINST: Mapping[Dimension, Problem] = {
    Dimension.COMPLETENESS: Problem.MISSING,
    Dimension.VALIDITY: Problem.INVALID,
    Dimension.UNIQUENESS: Problem.SHARED,
    Dimension.FRESHNESS: Problem.STALE,
    Dimension.CONSISTENCY: Problem.CONFLICT,
}
"""What counts against each."""
USUAL_WEIGHTS: Mapping[Dimension, int] = {
    Dimension.COMPLETENESS: 3,
    Dimension.VALIDITY: 3,
    Dimension.UNIQUENESS: 2,
    Dimension.FRESHNESS: 1,
    Dimension.CONSISTENCY: 2,
}


@dataclass(frozen=True, slots=True)
class Share:
    """Of `of` people `bad` have the problem. `value` is the share of the others, None where there is nobody."""

    field: str
    dimension: Dimension
    problem: Problem
    bad: int
    of: int
    weight: int

    @property
    def good(self) -> int:
        return self.of - self.bad

    @property
    def value(self) -> float | None:
        return (self.of - self.bad) / self.of if self.of else None


Counts = Mapping[tuple[str, Problem], int]


def shares(
    fields: Sequence[Field],
    counts: Counts,
    people: int,
    of_field: Mapping[str, int],
    of_dimension: Mapping[Dimension, int],
) -> list[Share]:
    """Every share of these fields. Completeness is of all people, the others of those who have the field."""
    found = []
    for one in fields:
        there = people - counts.get((one.key, Problem.MISSING), 0)
        for dimension, problem in AGAINST.items():
            if problem in one.problems:
                of = people if problem is Problem.MISSING else there
                weight = of_field.get(one.key, one.weight) * of_dimension.get(
                    dimension, USUAL_WEIGHTS[dimension]
                )
                found.append(
                    Share(one.key, dimension, problem, counts.get((one.key, problem), 0), of, weight)
                )
    return found


def score(of: Sequence[Share]) -> float | None:
    """The weighted mean of the shares that there are, times 100; None where nothing counts."""
    counting = [one for one in of if one.value is not None and one.weight]
    total = sum(one.weight for one in counting)
    return 100 * sum(one.weight * (one.value or 0.0) for one in counting) / total if total else None


def lost(one: Share, of: Sequence[Share]) -> float:
    """How many points of the score this share costs."""
    total = sum(each.weight for each in of if each.value is not None)
    return 0.0 if one.value is None or not total else 100 * one.weight * (1 - one.value) / total
