"""When a day counts as burning: far more unhappy messages than usual by this hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 8
RATIO = 3.0


@dataclass(frozen=True, slots=True)
class Fire:
    """`seen` unhappy messages so far today; between `low` and `high` on the middle half of usual days."""

    seen: int
    low: int
    high: int
    usual: float


def fire(seen: int, usual_days: Sequence[int]) -> Fire | None:
    """None while nothing burns. `usual_days` holds the same hours of earlier days, one count for each.

    Burning is at least eight, and at least three times the mean of the usual days.
    """
    if not usual_days:
        return None
    usual = sum(usual_days) / len(usual_days)
    if seen < LEAST or seen < RATIO * usual:
        return None
    ordered = sorted(usual_days)
    quarter = len(ordered) // 4
    return Fire(seen, ordered[quarter], ordered[len(ordered) - 1 - quarter], usual)
