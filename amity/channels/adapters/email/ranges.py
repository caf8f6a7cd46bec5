"""Which ids of a folder were read: ranges, so that a hundred thousand mails are a few numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise


class Ranges:
    """A set of positive whole numbers, kept as ranges in order."""

    def __init__(self, ranges: Iterable[Sequence[int]] = ()) -> None:
        self._ranges: list[list[int]] = []
        for low, high in sorted((int(low), int(high)) for low, high in ranges):
            self._append(low, high)

    def _append(self, low: int, high: int) -> None:
        if self._ranges and low <= self._ranges[-1][1] + 1:
            self._ranges[-1][1] = max(self._ranges[-1][1], high)
        else:
            self._ranges.append([low, high])

    def __contains__(self, number: int) -> bool:
        place = bisect_right(self._ranges, [number, float("inf")]) - 1
        return place >= 0 and self._ranges[place][0] <= number <= self._ranges[place][1]

    def with_all(self, numbers: Iterable[int]) -> Ranges:
        """These too."""
        return Ranges([*self._ranges, *([number, number] for number in numbers)])

    def closed_over(self, listed: Sequence[int]) -> Ranges:
        """Without the holes that lie between neighbours of `listed` (in order): nothing exists there."""
        joined = [[one, other] for one, other in pairwise(listed) if one in self and other in self]
        return Ranges([*self._ranges, *joined])

    def to_json(self) -> list[list[int]]:
        return self._ranges
