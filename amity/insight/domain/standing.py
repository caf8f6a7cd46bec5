"""How an objective stands: one word for a row of values between a baseline and a target."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

NOTICEABLE = 0.05  # of the way from baseline to target: less is called no change
LOOK_BACK = 3  # values before the last one that it is compared with


class Standing(StrEnum):
    REACHED = "reached"
    ON_COURSE = "on_course"
    NO_CHANGE = "no_change"
    SLIPPING = "slipping"
    UNKNOWN = "unknown"


def standing(values: Sequence[float | None], *, baseline: float, target: float) -> Standing:
    """`values` are oldest first, the last one is today's. The way from baseline to target says which way is better.

    Reached: today is at the target or beyond. Else today is compared with the median of the three known values
    before it, as a share of the way from baseline to target.
    """
    if not values or values[-1] is None:
        return Standing.UNKNOWN
    today, way = values[-1], target - baseline
    if way == 0 or (today - target) / way >= 0:
        return Standing.REACHED
    earlier = [value for value in values[:-1] if value is not None][-LOOK_BACK:]
    if not earlier:
        return Standing.UNKNOWN
    step = (today - sorted(earlier)[len(earlier) // 2]) / way
    if abs(step) < NOTICEABLE:
        return Standing.NO_CHANGE
    return Standing.ON_COURSE if step > 0 else Standing.SLIPPING
