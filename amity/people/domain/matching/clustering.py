"""Joining scored pairs into persons without joining too much.

Following every link (connected components) lets one wrong link melt two persons together. Here the two groups that are
closest on average over all their pairs are joined first, while the average says that they are one person (average
linkage; Sokal and Michener 1958). A record that resembles one member of a group and contradicts the others stays out.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from amity.activity.domain.threads import DisjointSets
from amity.people.domain.matching.table import Codes

JOIN_BITS = 0.0
"""Groups are joined where the mean evidence of their pairs is so many bits: where one person is likelier than two."""
MOST_BITS = 12.0
"""What one pair counts for or against at most, so that it does not outvote many."""
UNKNOWN_BITS = -1.0
"""What a pair counts that shares no key and was not compared: rather two persons than one."""

Bits = npt.NDArray[np.float32]


def join(count: int, one: Codes, other: Codes, bits: Bits, *, at: float = JOIN_BITS) -> Codes:
    """For each of `count` records the lowest record of its person. `bits` are the scores of the pairs, with the
    prior."""
    labels = np.arange(count, dtype=np.int32)
    for records, pairs in _components(one, other, bits, at):
        for group in _groups(len(records), pairs, at):
            members = records[group]
            labels[members] = members.min()
    return labels


def _components(
    one: Codes, other: Codes, bits: Bits, at: float
) -> Iterable[tuple[Codes, list[tuple[int, int, float]]]]:
    """Records that links of `at` bits or more hold together, with all scored pairs among them in local numbers."""
    sets: DisjointSets = DisjointSets()
    for first, second in zip(one[bits >= at].tolist(), other[bits >= at].tolist(), strict=True):
        sets.union(first, second)
    linked = np.unique(np.r_[one[bits >= at], other[bits >= at]])
    if not len(linked):
        return
    root = np.full(int(linked[-1]) + 1, -1, np.int32)
    root[linked] = np.array([sets.find(record) for record in linked.tolist()], np.int32)
    near = (one < len(root)) & (other < len(root))
    one, other, bits = one[near], other[near], bits[near]
    inside = (root[one] == root[other]) & (root[one] >= 0)
    one, other, bits = one[inside], other[inside], bits[inside]
    order = np.argsort(root[one], kind="stable")
    bounds = np.flatnonzero(np.diff(root[one[order]])) + 1
    for part in np.split(order, bounds):
        records, local = np.unique(np.r_[one[part], other[part]], return_inverse=True)
        firsts, seconds = local[: len(part)].tolist(), local[len(part) :].tolist()
        yield records, list(zip(firsts, seconds, bits[part].tolist(), strict=True))


def _groups(size: int, pairs: list[tuple[int, int, float]], at: float) -> list[list[int]]:
    """Average linkage over one component. Neighbours hold (sum of bits, pairs compared) of two groups."""
    if size == 2:
        return [[0, 1]]
    sums: list[dict[int, tuple[float, int]]] = [{} for _ in range(size)]
    for first, second, bits in pairs:
        capped = max(-MOST_BITS, min(MOST_BITS, bits))
        sums[first][second] = sums[second][first] = (capped, 1)
    members = [[record] for record in range(size)]
    waiting = [
        (-_mean(sums, members, first, second), first, second) for first, second, bits in pairs if bits >= at
    ]
    heapify(waiting)
    while waiting:
        distance, first, second = heappop(waiting)
        if second not in sums[first] or abs(_mean(sums, members, first, second) + distance) > 1e-9:
            continue
        _merge(sums, members, first, second)
        for third in sums[first]:
            mean = _mean(sums, members, first, third)
            if mean >= at:
                heappush(waiting, (-mean, first, third))
    return [group for group in members if len(group) > 1]


def _mean(
    sums: list[dict[int, tuple[float, int]]], members: list[list[int]], first: int, second: int
) -> float:
    total, compared = sums[first][second]
    every = len(members[first]) * len(members[second])
    return (total + UNKNOWN_BITS * (every - compared)) / every


def _merge(
    sums: list[dict[int, tuple[float, int]]], members: list[list[int]], first: int, second: int
) -> None:
    """`second` goes into `first`."""
    members[first] += members[second]
    members[second] = []
    del sums[first][second], sums[second][first]
    for third, (bits, compared) in sums[second].items():
        known = sums[first].get(third, (0.0, 0))
        sums[first][third] = sums[third][first] = (known[0] + bits, known[1] + compared)
        del sums[third][second]
    sums[second] = {}
