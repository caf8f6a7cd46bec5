"""How a figure follows from its records. The database computes the same for many; a test holds both together."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

Part = float | UUID | None


class How(StrEnum):
    """What is done with the part that each record has in the figure."""

    COUNT = "count"  # how many records there are
    DISTINCT = "distinct"  # how many different parts they have
    MEDIAN = "median"  # the part in the middle
    SHARE = "share"  # parts are 1 or 0: the share of ones
    NET = "net"  # parts are 1, 0 or -1: (ones - minus ones) / (ones + minus ones)


def reckon(how: How, parts: Sequence[Part]) -> float | None:
    """The figure of these records; None where there is nothing to tell."""
    known = [part for part in parts if part is not None]
    if how is How.COUNT:
        return float(len(parts))
    if how is How.DISTINCT:
        return float(len(set(known)))
    numbers = [part for part in known if not isinstance(part, UUID)]
    if how is How.NET:
        feeling = sum(abs(number) for number in numbers)
        return sum(numbers) / feeling if feeling else None
    if not numbers:
        return None
    return statistics.median(numbers) if how is How.MEDIAN else sum(numbers) / len(numbers)
