"""The weights of matching and the scorer: bits of evidence for and against two records being of one person.

A bit doubles the odds. Each comparison adds log2(m/u): m is how often its level is seen in two records of one person, u
how often in records of two (Fellegi and Sunter 1969, doi 10.1080/01621459.1969.10501049). Where both say the same, u is
the share of records that say so: agreeing on a rare name means more (term frequency; Winkler 2000).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from amity.people.domain.matching.chains import Moves
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Comparison, Topic

SOFT = 0.5
"""How much of the rarity counts where the two values are not the same but near (a short form, a typing error)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the levels of one comparison are worth. `m` and `u` are parallel to its levels; index 0 is not used.

    `shares` are the shares of records for the commonest terms, `floor` that of any other term, `average` the
    chance that two records have the same one.
    """

    m: tuple[float, ...]
    u: tuple[float, ...]
    shares: Mapping[str, float] = field(default_factory=dict)
    floor: float = 0.0
    average: float = 0.0

    def bits(self, level: int) -> float:
        """log2(m/u) of a level; 0 for 'missing'."""
        return math.log2(self.m[level] / self.u[level]) if level else 0.0

    def rarity(self, comparison: Comparison, level: int, one: str, other: str) -> float:
        """Bits to add because the value is rarer (or less rare) than the average one."""
        if level not in comparison.rare or not self.floor:
            return 0.0
        share = max(self.shares.get(one, self.floor), self.shares.get(other, self.floor))
        return math.log2(self.u[1] / share) if level == 1 else SOFT * math.log2(self.average / share)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of the waterfall: `code` is comparison.level, `shown` the two values, `bits` for (+) or against (-)."""

    code: str
    shown: tuple[str, str]
    bits: float


@dataclass(frozen=True, slots=True)
class Score:
    """`bits` is the logarithm of the odds that both are one person; the evidence adds up to it."""

    bits: float
    evidence: tuple[Evidence, ...]

    @property
    def probability(self) -> float:
        """Share, 0 to 1."""
        return probability(self.bits)


def probability(bits: float) -> float:
    """The probability with these logarithmic odds to the base 2."""
    return 1.0 / (1.0 + math.pow(2.0, -bits)) if bits > -1000 else 0.0


@dataclass(frozen=True, slots=True)
class Model:
    """Weights for the comparisons of `topics` and their twins, in the order of `moves.comparisons`.

    `prior_bits`: logarithmic odds that two records picked at random are of one person.
    """

    topics: tuple[Topic, ...]
    weights: tuple[Weights, ...]
    prior_bits: float
    moves: Moves

    def prepare(self, said: Said) -> tuple[Any, ...]:
        """What the topics compare of a record, in their order."""
        return tuple(topic.prepare(said) for topic in self.topics)

    def score(self, one: Sequence[Any], other: Sequence[Any]) -> Score:
        """Compare two prepared records."""
        levels: list[int] = []
        for topic, first, second in zip(self.topics, one, other, strict=True):
            if first is None or second is None:
                levels += [0] * len(topic.comparisons)
            else:
                levels += topic.compare(first, second)
        moved = self.moves.apply_one(levels)
        lines = [Evidence("prior", ("", ""), self.prior_bits)]
        for place, level in enumerate(moved):
            if level:
                lines.append(self._line(place, level, one, other))
        return Score(math.fsum(line.bits for line in lines), tuple(lines))

    def _line(self, place: int, level: int, one: Sequence[Any], other: Sequence[Any]) -> Evidence:
        comparison, weights = self.moves.comparisons[place], self.weights[place]
        topic, step = self.moves.places[self.moves.sources[place]]
        first, second = one[topic], other[topic]
        terms, shown = self.topics[topic].terms, self.topics[topic].shown
        bits = weights.bits(level)
        if level in comparison.rare:
            bits += weights.rarity(comparison, level, terms(first)[step], terms(second)[step])
        bits = comparison.within(level, bits)
        code = f"{comparison.name}.{comparison.levels[level]}"
        return Evidence(code, (shown(first)[step], shown(second)[step]), bits)
