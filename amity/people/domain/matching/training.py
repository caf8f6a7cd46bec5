"""Learning the weights without being told who is who (expectation maximisation, Dempster, Laird and Rubin 1977).

u comes from pairs picked at random, of which nearly all are of two persons. m comes from the pairs that share a
key: they
hold nearly all pairs of one person, and the others among them are told apart by all comparisons together. Chance that a
pair is of one person: those found among the candidates, over all pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.chains import Moves, moves
from amity.people.domain.matching.model import SOFT, Model, Weights
from amity.people.domain.matching.table import Codes, Levels, Table, every_pair, levels_of
from amity.people.domain.matching.topics import Comparison

RANDOM_PAIRS = 300_000
MOST_PAIRS = 500_000
TRUST = 0.1
"""Share of what is expected of pairs of one person in what is learnt: it keeps the learning at people, when most pairs
that have something in common are neighbours."""
DOUBT = 2.0
"""Pairs of two persons that are taken to answer like one person where records agree already: what was never seen there
says nothing, instead of counting a second time."""
SMOOTHING = 20
"""Pairs that the expected shares count for, beside those that were seen."""
MOST_TERMS, LEAST_RECORDS = 5_000, 3
"""How many terms the weights keep, each said by so many records: what one or two people say is not written down."""
Floats = npt.NDArray[np.float64]
Bits = npt.NDArray[np.float32]


@dataclass(slots=True)
class Terms:
    """How rare the values of one comparison are: `log_shares` by code of the column (0: not counted)."""

    log_shares: npt.NDArray[np.float32]
    shares: dict[str, float]
    floor: float
    average: float  # share of pairs of records that say the same


def terms_of(table: Table) -> list[Terms | None]:
    """For each comparison with rare levels how often each term stands in the records."""
    found: list[Terms | None] = []
    for column in table.columns:
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
        words = [column.topic.terms(value) for value in column.values]
        for place, comparison in enumerate(column.topic.comparisons):
            found.append(_count([word[place] for word in words], counts) if comparison.rare else None)
    return found


def _for_all(terms: Sequence[Terms | None], chained: Moves) -> list[Terms | None]:
    """The terms of the topics' comparisons, and of the twins for which rarity counts."""
    pairs = zip(chained.comparisons, chained.sources, strict=True)
    return [terms[source] if comparison.rare else None for comparison, source in pairs]


def _count(words: Sequence[str], counts: npt.NDArray[np.int64]) -> Terms | None:
    sums: dict[str, int] = {}
    for word, count in zip(words, counts.tolist(), strict=True):
        if word:
            sums[word] = sums.get(word, 0) + count
    total = sum(sums.values())
    if total < 2:
        return None
    floor = (LEAST_RECORDS - 1) / total
    common = sorted(
        (word for word in sums if sums[word] >= LEAST_RECORDS), key=lambda word: (-sums[word], word)
    )
    shares = {word: sums[word] / total for word in common[:MOST_TERMS]}
    if len(common) > MOST_TERMS:
        floor = shares[common[MOST_TERMS - 1]]
    logs = [np.log2(shares.get(word, floor)) if word else 0.0 for word in words]
    average = sum(count * (count - 1) for count in sums.values()) / (total * (total - 1))
    return Terms(np.array(logs, np.float32), shares, floor, average)


def random_pairs(table: Table, wanted: int, seed: int) -> tuple[Codes, Codes]:
    """Pairs of different records picked at random (all of them, if there are not many more than `wanted`)."""
    if table.every_pair <= wanted:
        return every_pair(table)
    rng = np.random.default_rng(seed)
    first_side = table.split or table.count
    one = rng.integers(0, first_side, wanted, dtype=np.int32)
    if table.split:
        return one, rng.integers(table.split, table.count, wanted, dtype=np.int32)
    return one, (one + rng.integers(1, table.count, wanted, dtype=np.int32)) % np.int32(table.count)


@dataclass(slots=True)
class Learning:
    """What the iterations work on. `levels` of candidate pairs, `log_shares` of their terms, both pairs by comparisons.

    `weight` is how many candidates each pair stands for; `every` is the number of all pairs of `records`.
    """

    comparisons: Sequence[Comparison]
    levels: Levels
    log_shares: npt.NDArray[np.float32]
    seen: list[Floats]  # share of each level among random pairs; of a twin that of its source
    averages: list[float]
    weight: float
    every: float
    records: int
    claims: Codes | None = None  # of each pair the record that is of one of the others at most


def pair_log_shares(
    table: Table, chained: Moves, terms: Sequence[Terms | None], one: Codes, other: Codes
) -> npt.NDArray[np.float32]:
    """log2 of the share of records with the commoner of both values; pairs by comparisons."""
    shares = np.zeros((len(one), len(terms)), np.float32)
    for place, found in enumerate(terms):
        if found is not None and len(found.log_shares):
            column = table.columns[chained.places[chained.sources[place]][0]]
            first, second = found.log_shares[column.codes[one]], found.log_shares[column.codes[other]]
            np.maximum(first, second, out=shares[:, place])
    return shares


@dataclass(slots=True)
class Guess:
    """m and u of every comparison, parallel to its levels, and for those with terms the average chance to agree."""

    m: list[Floats]
    u: list[Floats]
    averages: list[float]

    def bits(
        self, comparisons: Sequence[Comparison], levels: Levels, log_shares: npt.NDArray[np.float32]
    ) -> Bits:
        """The sum of the evidence of each pair, without the prior."""
        total = np.zeros(len(levels), np.float32)
        for place, comparison in enumerate(comparisons):
            column = levels[:, place]
            worth = np.log2(self.m[place] / self.u[place])
            worth[0] = 0
            share_counts = np.zeros(len(comparison.levels), np.float32)
            if comparison.bounds:
                total += self._bounded(place, comparison, column, log_shares[:, place])
                continue
            if self.averages[place]:
                rare = [level for level in comparison.rare if level != 1]
                worth[rare] += SOFT * np.log2(self.averages[place])
                worth[1] = np.log2(self.m[place][1])  # u of the same is the share itself
                share_counts[rare], share_counts[1] = SOFT, 1.0
                total -= share_counts[column] * log_shares[:, place]
            total += worth.astype(np.float32)[column]
        return total

    def _bounded(
        self,
        place: int,
        comparison: Comparison,
        column: npt.NDArray[np.uint8],
        log_shares: npt.NDArray[np.float32],
    ) -> Bits:
        """The evidence of one comparison whose answers have bounds; of the rare ones the share counts fully."""
        worth = np.log2(self.m[place] / self.u[place])
        found = worth.astype(np.float32)[column]
        if self.averages[place] and 1 in comparison.rare:
            same = column == 1
            found[same] = np.float32(np.log2(self.m[place][1])) - log_shares[same]
        low, high = (np.array([0.0, *side], np.float32) for side in zip(*comparison.bounds, strict=True))
        return np.clip(found, low[column], high[column])


def learn(state: Learning, *, rounds: int = 40) -> tuple[Guess, float]:
    """m, u and the prior share of pairs that are of one person."""
    prior = min(0.1, max(1.0, state.records / 2) / state.every)  # every second record has another one
    m = [np.r_[1.0, comparison.expected] for comparison in state.comparisons]
    guess = Guess(m, [seen.copy() for seen in state.seen], state.averages)
    _set_u(state, guess, prior, None)
    for _ in range(rounds):
        bits = guess.bits(state.comparisons, state.levels, state.log_shares)
        chances = chances_of(bits + np.float32(np.log2(prior / (1 - prior))), state.claims)
        before, prior = prior, max(float(chances.sum()) * state.weight, 1.0) / state.every
        for place, comparison in enumerate(state.comparisons):
            sums = np.bincount(state.levels[:, place], weights=chances, minlength=len(comparison.levels))
            weight = SMOOTHING + TRUST * float(sums[1:].sum())
            guess.m[place] = _shares(sums, weight * np.array(comparison.expected))
        _set_u(state, guess, prior, chances)
        if abs(np.log2(prior / before)) < 0.001:
            break
    return guess, prior


def _shares(sums: npt.NDArray[Any], smoothing: Floats | float) -> Floats:
    shares = sums.astype(float)
    shares[0] = 0
    shares[1:] += smoothing
    shares /= shares.sum()
    shares[0] = 1.0
    return shares


def _set_u(state: Learning, guess: Guess, prior: float, chances: Floats | None) -> None:
    """u from random pairs less those of one person among them. What is asked of records that agree already, from
    the candidates that are of two persons; and where a record has one owner at most, from its pairs with the others."""
    if state.claims is not None:
        if chances is None:
            guess.u = _without_best(state)
        return
    for place, comparison in enumerate(state.comparisons):
        if not comparison.among_alike:
            guess.u[place] = _without_matches(state.seen[place], guess.m[place], prior)
        elif chances is not None:
            sums = np.bincount(state.levels[:, place], weights=1 - chances, minlength=len(comparison.levels))
            guess.u[place] = _shares(sums, DOUBT * np.array(comparison.expected))


def chances_of(bits: npt.NDArray[np.float32], claims: Codes | None = None) -> npt.NDArray[np.float64]:
    """Probability of each pair from its bits. With `claims`, those of one record exclude each other: their sum is at
    most 1, and what is missing to 1 is the chance that it is of none of them."""
    odds = np.exp2(np.minimum(bits.astype(np.float64), 500.0))
    if claims is None:
        return np.asarray(odds / (1 + odds))
    return np.asarray(odds / (1 + np.bincount(claims, weights=odds)[claims]))


def _of_others(state: Learning, chances: Floats) -> list[Floats]:
    """Shares of levels among the pairs that are of two persons, by these chances."""
    return [
        _shares(np.bincount(state.levels[:, place], weights=1 - chances, minlength=len(one.levels)), 0.5)
        for place, one in enumerate(state.comparisons)
    ]


def _without_best(state: Learning) -> list[Floats]:
    """u from all pairs but the closest of each record: levels are in order, from agreeing to differing.

    Where one comparison alone decides, nothing in the shares of its levels would tell the two kinds of pairs apart.
    """
    assert state.claims is not None
    far = np.where(state.levels == 0, 99, state.levels).sum(axis=1).astype(np.int32)
    best = np.full(int(state.claims.max()) + 1, 10_000, np.int32)
    np.minimum.at(best, state.claims, far)
    return _of_others(state, (far == best[state.claims]).astype(float))


def _without_matches(seen: Floats, m: Floats, prior: float) -> Floats:
    """Shares of levels among pairs of two persons: random pairs less those of one person among them."""
    u = np.maximum((seen - prior * m) / (1 - prior), np.maximum(seen * 0.02, 1e-9))
    u[0] = 1.0
    return u


def train(
    table: Table, one: Codes, other: Codes, *, seed: int = 1, most: int = MOST_PAIRS, exclusive: bool = False
) -> Model:
    """Weights from the records themselves; `one` and `other` are the candidate pairs.

    `exclusive`: every record of `one` is of one of `other` at most (accounts and the people who may own them); the
    pairs are then all pairs.
    """
    topics = tuple(column.topic for column in table.columns)
    chained = moves(topics)
    terms = _for_all(terms_of(table), chained)
    averages = [found.average if found else 0.0 for found in terms]
    every = float(len(one)) if exclusive else table.every_pair
    weight = 1.0
    if len(one) > most and not exclusive:
        chosen = np.random.default_rng(seed).choice(len(one), most, replace=False)
        weight, one, other = len(one) / most, one[chosen], other[chosen]
    levels = chained.apply(levels_of(table, one, other))
    shares = pair_log_shares(table, chained, terms, one, other)
    seen = _seen(table, chained, averages, seed)
    claims = one if exclusive else None
    state = Learning(chained.comparisons, levels, shares, seen, averages, weight, every, table.count, claims)
    guess, prior = learn(state)
    weights = tuple(
        Weights(tuple(m), tuple(u), found.shares, found.floor, found.average)
        if found
        else Weights(tuple(m), tuple(u))
        for m, u, found in zip(guess.m, guess.u, terms, strict=True)
    )
    return Model(topics, weights, float(np.log2(prior / (1 - prior))), chained)


def _seen(table: Table, chained: Moves, averages: Sequence[float], seed: int) -> list[Floats]:
    """Shares of levels among random pairs; those that say the same are counted exactly from the terms."""
    levels = levels_of(table, *random_pairs(table, RANDOM_PAIRS, seed))
    seen = []
    for source, comparison in zip(chained.sources, chained.comparisons, strict=True):
        sums = np.bincount(levels[:, source], minlength=len(comparison.levels))
        shares = _shares(sums, 0.5 / len(sums))
        if averages[source]:
            shares[1] = max(averages[source], 0.5 / table.count**2)
        seen.append(shares)
    return seen


def score_pairs(table: Table, model: Model, one: Codes, other: Codes, *, step: int = 500_000) -> Bits:
    """Bits of each pair, with the prior. The same to a rounding error as `Model.score`."""
    chained = model.moves
    terms = _terms_by_weights(table, model)
    averages = [weights.average for weights in model.weights]
    guess = Guess(
        [np.array(weights.m) for weights in model.weights],
        [np.array(weights.u) for weights in model.weights],
        averages,
    )
    bits = np.zeros(len(one), np.float32)
    for start in range(0, len(one), step):
        part = slice(start, start + step)
        levels = chained.apply(levels_of(table, one[part], other[part]))
        shares = pair_log_shares(table, chained, terms, one[part], other[part])
        bits[part] = guess.bits(chained.comparisons, levels, shares) + model.prior_bits
    return bits


def _terms_by_weights(table: Table, model: Model) -> list[Terms | None]:
    """For each code of the columns the share that the model knows of it."""
    chained = model.moves
    words = [[column.topic.terms(value) for value in column.values] for column in table.columns]
    found: list[Terms | None] = []
    for source, weights in zip(chained.sources, model.weights, strict=True):
        if not weights.floor:
            found.append(None)
            continue
        topic, step = chained.places[source]
        logs = [weights.shares.get(word[step], weights.floor) for word in words[topic]]
        found.append(Terms(np.log2(np.array(logs, np.float32)), {}, weights.floor, weights.average))
    return found
