"""Topics on which two records are compared: names, birth, e-mail, phone, numbers, address, work.

A topic prepares what a record says once, and compares two prepared values: one level for each of its comparisons.
Level 0 means that one of both says nothing, which counts neither for nor against. What a level is worth is learnt
(`training`); its order here means nothing but which alignment of swapped fields is taken.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from amity.people.domain.matching.records import Said

Levels = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question about two records. `levels` are codes of the answers, the first is 'missing'.

    `rare` are the levels at which agreeing on a rare value says more than on a common one (term frequency).
    `expected` is how often each answer but 'missing' is given for one person, before anything was learnt; it starts
    the learning and smooths what was seen seldom. Shares, their sum is 1. `among_alike`: asked only of records
    that agree in something else; how often its levels are seen in two persons is then learnt from such records.
    `bounds`: for each answer but 'missing' the least and the most bits that it is worth, whatever was learnt.
    """

    name: str
    levels: tuple[str, ...]
    expected: tuple[float, ...]
    rare: frozenset[int] = frozenset()
    among_alike: bool = False
    bounds: tuple[tuple[float, float], ...] = ()

    def within(self, level: int, bits: float) -> float:
        """Bits of an answer, held within its bounds."""
        if not self.bounds:
            return bits
        least, most = self.bounds[level - 1]
        return min(max(bits, least), most)


class Topic(Protocol):
    """Values are hashable and may be shared by many records; `compare` is symmetric and knows nothing but them."""

    name: str

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """What is asked of two values."""
        ...

    def prepare(self, said: Said) -> Hashable | None:
        """What is compared, or None if the record says nothing about the topic."""
        ...

    def compare(self, one: Any, other: Any) -> Levels:
        """A level for each comparison."""
        ...

    def terms(self, value: Any) -> tuple[str, ...]:
        """For each comparison what is counted to know how rare it is; empty where nothing is."""
        ...

    def shown(self, value: Any) -> tuple[str, ...]:
        """For each comparison what people are shown of it."""
        ...
