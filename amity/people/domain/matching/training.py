"""Learning the weights without being told who is who (expectation maximisation, Dempster, Laird and Rubin 1977).

u comes from pairs picked at random, of which nearly all are of two persons. m comes from the pairs that share a key: they
hold nearly all pairs of one person, and the others among them are told apart by all comparisons together. Chance that a
pair is of one person: those found among the candidates, over all pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.model import SOFT, Model, Weights
from amity.people.domain.matching.table import Codes, Levels, Table, levels_of
from amity.people.domain.matching.topics import Comparison

RANDOM_PAIRS = 1_000_000
MOST_TERMS = 5_000
Floats = npt.NDArray[np.float64]


@dataclass(slots=True)
class Terms:
    """How rare the values of one comparison are: `log_shares` by code of the column (0: not counted)."""

    log_shares: npt.NDArray[np.float32]
    shares: dict[str, float]
    floor: float
    agreeing: float  # share of pairs of records that say the same


def terms_of(table: Table) -> list[Terms | None]:
    """For each comparison with rare levels how often each term stands in the records."""
    found: list[Terms | None] = []
    for column in table.columns:
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values))
        words = [column.topic.terms(value) for value in column.values]
        for place, comparison in enumerate(column.topic.comparisons):
            found.append(_count([word[place] for word in words], counts) if comparison.rare else None)
    return found


def _count(words: Sequence[str], counts: npt.NDArray[np.int64]) -> Terms | None:
    sums: dict[str, int] = {}
    for word, count in zip(words, counts.tolist(), strict=True):
        if word:
            sums[word] = sums.get(word, 0) + count
    total = sum(sums.values())
    if total < 2:
        return None
    floor = min(1.0, 2 / total)
    logs = [np.log2(max(sums[word] / total, floor)) if word else 0.0 for word in words]
    common = sorted(sums, key=lambda word: (-sums[word], word))[:MOST_TERMS]
    shares = {word: sums[word] / total for word in common if sums[word] / total > floor}
    agreeing = sum(count * (count - 1) for count in sums.values()) / (total * (total - 1))
    return Terms(np.array(logs, np.float32), shares, floor, agreeing)


def random_pairs(count: int, wanted: int, seed: int) -> tuple[Codes, Codes]:
    """Pairs of different records picked at random (all of them, if there are not many more than `wanted`)."""
    if count * (count - 1) // 2 <= wanted:
        one, other = np.triu_indices(count, 1)
        return one.astype(np.int32), other.astype(np.int32)
    rng = np.random.default_rng(seed)
    one = rng.integers(0, count, wanted, dtype=np.int32)
    other = (one + rng.integers(1, count, wanted, dtype=np.int32)) % np.int32(count)
    return one, other


@dataclass(slots=True)
class Learning:
    """What the iterations work on. `levels` of candidate pairs, `log_shares` of their terms, both pairs by comparisons.

    `weight` is how many candidates each pair stands for; `every` is the number of all pairs of `records`.
    """

    comparisons: Sequence[Comparison]
    levels: Levels
    log_shares: npt.NDArray[np.float32]
    seen: list[Floats]  # share of each level among random pairs
    weight: float
    every: float
    records: int
    claims: Codes | None = None  # of each pair the record that is of one of the others at most


def pair_log_shares(table: Table, terms: Sequence[Terms | None], one: Codes, other: Codes) -> npt.NDArray[np.float32]:
    """log2 of the share of records with the commoner of both values; pairs by comparisons."""
    shares = np.zeros((len(one), len(terms)), np.float32)
    place = 0
    for column in table.columns:
        first, second = column.codes[one], column.codes[other]
        for _ in column.topic.comparisons:
            found = terms[place]
            if found is not None:
                shares[:, place] = np.maximum(found.log_shares[first], found.log_shares[second])
            place += 1
    return shares


def pair_bits(
    comparisons: Sequence[Comparison], m: Sequence[Floats], u: Sequence[Floats], levels: Levels,
    log_shares: npt.NDArray[np.float32], counted: Sequence[bool],
) -> npt.NDArray[np.float32]:
    """The sum of evidence of each pair in bits, without the prior."""
    bits = np.zeros(len(levels), np.float32)
    for place, comparison in enumerate(comparisons):
        column = levels[:, place]
        worth = np.log2(m[place] / u[place])
        worth[0] = 0
        bits += worth.astype(np.float32)[column]
        if counted[place]:
            soft = np.zeros(len(comparison.levels), np.float32)
            soft[list(comparison.rare)] = SOFT
            soft[1] = 1.0
            bits += soft[column] * (np.float32(np.log2(u[place][1])) - log_shares[:, place])
    return bits


def learn(state: Learning, counted: Sequence[bool], *, rounds: int = 40) -> tuple[list[Floats], list[Floats], float]:
    """m, u and the prior share of pairs that are of one person."""
    m = [np.r_[1.0, comparison.expected] for comparison in state.comparisons]
    prior = min(0.1, max(1.0, state.records / 2) / state.every)  # every second record has another one
    u = [_without_matches(seen, guess, prior) for seen, guess in zip(state.seen, m, strict=True)]
    if state.claims is not None:
        u = _without_best(state)
    for _ in range(rounds):
        bits = pair_bits(state.comparisons, m, u, state.levels, state.log_shares, counted)
        bits += np.float32(np.log2(prior / (1 - prior)))
        chances = chances_of(bits, state.claims)
        before, prior = prior, max(float(chances.sum()) * state.weight, 1.0) / state.every
        for place, comparison in enumerate(state.comparisons):
            sums = np.bincount(state.levels[:, place], weights=chances, minlength=len(comparison.levels))
            sums[0] = 0
            sums[1:] += 20 * np.array(comparison.expected)
            m[place] = sums / sums.sum()
            m[place][0] = 1.0
        if state.claims is None:
            u = [_without_matches(seen, guess, prior) for seen, guess in zip(state.seen, m, strict=True)]
        if abs(np.log2(prior / before)) < 0.001:
            break
    return m, u, prior


def chances_of(bits: npt.NDArray[np.float32], claims: Codes | None = None) -> npt.NDArray[np.float64]:
    """Probability of each pair from its bits. With `claims`, those of one record exclude each other: their sum is at
    most 1, and what is missing to 1 is the chance that it is of none of them."""
    odds = np.exp2(np.minimum(bits.astype(np.float64), 500.0))
    if claims is None:
        return np.asarray(odds / (1 + odds))
    return np.asarray(odds / (1 + np.bincount(claims, weights=odds)[claims]))


def _of_others(state: Learning, chances: npt.NDArray[np.float64]) -> list[Floats]:
    """u from the pairs themselves: where a record has one owner at most, its other pairs are surely of two persons."""
    u = []
    for place, comparison in enumerate(state.comparisons):
        sums = np.bincount(state.levels[:, place], weights=1 - chances, minlength=len(comparison.levels))
        sums[0] = 0
        sums[1:] += 0.5
        u.append(sums / sums.sum())
        u[-1][0] = 1.0
    return u


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


def train(table: Table, one: Codes, other: Codes, *, seed: int = 1, most: int = RANDOM_PAIRS, every_pairs: int = 0, exclusive: bool = False) -> Model:
    """Weights from the records themselves; `one` and `other` are the candidate pairs."""
    comparisons = [comparison for column in table.columns for comparison in column.topic.comparisons]
    terms = terms_of(table)
    seen = _seen(table, comparisons, terms, seed, most)
    weight = 1.0
    if len(one) > most:
        chosen = np.random.default_rng(seed).choice(len(one), most, replace=False)
        weight, one, other = len(one) / most, one[chosen], other[chosen]
    every = float(every_pairs or max(table.count * (table.count - 1) / 2, 1.0))
    state = Learning(
        comparisons, levels_of(table, one, other), pair_log_shares(table, terms, one, other), seen, weight, every, table.count,
        one if exclusive else None,
    )
    counted = [found is not None for found in terms]
    m, u, prior = learn(state, counted)
    weights = tuple(
        Weights(tuple(m[place]), tuple(u[place]), found.shares if found else {}, found.floor if found else 0.0)
        for place, found in enumerate(terms)
    )
    return Model(tuple(column.topic for column in table.columns), weights, float(np.log2(prior / (1 - prior))))


def _seen(table: Table, comparisons: Sequence[Comparison], terms: Sequence[Terms | None], seed: int, most: int) -> list[Floats]:
    first, second = random_pairs(table.count, most, seed)
    levels = levels_of(table, first, second)
    seen = []
    for place, comparison in enumerate(comparisons):
        sums = np.bincount(levels[:, place], minlength=len(comparison.levels)).astype(float)
        sums[0] = 0
        total = sums.sum()
        shares = (sums + 0.5 / len(sums)) / (total + 0.5)
        found = terms[place]
        if found is not None:
            shares[1] = max(found.agreeing, 0.5 / table.count ** 2)
        seen.append(shares)
    return seen


def score_pairs(table: Table, model: Model, one: Codes, other: Codes, *, step: int = 1_000_000) -> npt.NDArray[np.float32]:
    """Bits of each pair, with the prior. The same to a rounding error as `Model.score`."""
    comparisons = model.comparisons
    terms = _terms_by_weights(table, model)
    m = [np.array(weights.m) for weights in model.weights]
    u = [np.array(weights.u) for weights in model.weights]
    counted = [bool(weights.floor) for weights in model.weights]
    bits = np.zeros(len(one), np.float32)
    for start in range(0, len(one), step):
        part = slice(start, start + step)
        levels = levels_of(table, one[part], other[part])
        shares = pair_log_shares(table, terms, one[part], other[part])
        bits[part] = pair_bits(comparisons, m, u, levels, shares, counted) + model.prior_bits
    return bits


def _terms_by_weights(table: Table, model: Model) -> list[Terms | None]:
    """For each code of the columns the share that the model knows of it."""
    found: list[Terms | None] = []
    place = 0
    for column in table.columns:
        words = [column.topic.terms(value) for value in column.values]
        for step in range(len(column.topic.comparisons)):
            weights = model.weights[place]
            logs = [np.log2(weights.shares.get(word[step], weights.floor)) if weights.floor else 0.0 for word in words]
            found.append(Terms(np.array(logs, np.float32), {}, weights.floor, 0.0) if weights.floor else None)
            place += 1
    return found
