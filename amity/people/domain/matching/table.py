"""Many records at once: values of each topic in codes, pairs by shared keys, levels of pairs as arrays.

Every pair of values is compared once, however many pairs of records have it: a million records hold far fewer names
than pairs. The comparing is done by the topics, so batch and live agree to the last bit.
"""

from __future__ import annotations

import gc
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.keys import LARGEST, keys_of
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Topic

Codes = npt.NDArray[np.int32]
Levels = npt.NDArray[np.uint8]
ALL_PAIRS = 2_000
"""Up to so many records every pair is compared: there is no need to choose."""
FEW_PAIRS, PAIRS_A_RECORD = 3_000_000, 6
"""So many pairs, or so many for each record if that is more, are compared; the rarest keys come first."""


@dataclass(slots=True)
class Column:
    """Values of one topic: `codes` has one a record (-1: says nothing), `values` what the codes stand for."""

    topic: Topic
    codes: Codes
    values: list[Any]


@dataclass(slots=True)
class Table:
    """Prepared records. `keys` and `owners` are parallel: the record `owners[i]` has the key `keys[i]`."""

    columns: list[Column]
    count: int
    keys: npt.NDArray[np.int64]
    owners: Codes
    split: int = 0

    @property
    def every_pair(self) -> float:
        """The number of all pairs that may be of one person."""
        if self.split:
            return float(self.split) * (self.count - self.split)
        return max(1.0, self.count * (self.count - 1) / 2)


def every_pair(table: Table) -> tuple[Codes, Codes]:
    """All pairs of records, lower index first."""
    if table.split:
        sides = np.meshgrid(np.arange(table.split), np.arange(table.split, table.count), indexing="ij")
        return sides[0].ravel().astype(np.int32), sides[1].ravel().astype(np.int32)
    one, other = np.triu_indices(table.count, 1)
    return one.astype(np.int32), other.astype(np.int32)


def table_of(records: Iterable[Said], topics: Sequence[Topic], *, split: int = 0) -> Table:
    """Prepare `records` for comparing. `split`: the first so many are one side, and only pairs across are compared."""
    known: list[dict[Hashable, int]] = [{} for _ in topics]
    codes: list[list[int]] = [[] for _ in topics]
    keys: list[npt.NDArray[np.int64]] = []
    sizes: list[int] = []
    named = [(topic.name, topic, known[place], codes[place]) for place, topic in enumerate(topics)]
    with _without_collecting():
        for said in records:
            values: dict[str, Any] = {}
            for name, topic, seen, column in named:
                value = topic.prepare(said)
                values[name] = value
                column.append(-1 if value is None else seen.setdefault(value, len(seen)))
            own = keys_of(values)
            keys.append(np.array(own, np.int64))
            sizes.append(len(own))
    count = len(sizes)
    return Table(
        [
            Column(topic, np.array(codes[place], np.int32), list(known[place]))
            for place, topic in enumerate(topics)
        ],
        count,
        np.concatenate(keys) if keys else np.zeros(0, np.int64),
        np.repeat(np.arange(count, dtype=np.int32), sizes),
        split,
    )


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Millions of values that stay and hold no cycles: searching them for cycles took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def candidate_pairs(table: Table, *, largest: int = LARGEST) -> tuple[Codes, Codes]:
    """Pairs of records (lower index first) that share a key which at most `largest` records have, the rarest keys
    first."""
    if table.count <= ALL_PAIRS:
        return every_pair(table)
    order = np.argsort(table.keys, kind="stable")
    keys, owners = table.keys[order], table.owners[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    sizes = np.diff(np.r_[starts, len(keys)])
    packed: list[npt.NDArray[np.int64]] = []
    left = max(FEW_PAIRS, PAIRS_A_RECORD * table.count)
    for size in range(2, largest + 1):
        block_starts = starts[sizes == size]
        left -= len(block_starts) * size * (size - 1) // 2
        if left < 0:
            break
        if len(block_starts):
            packed.append(np.unique(_pairs_of_blocks(owners, block_starts, size)))
    every = np.unique(np.concatenate(packed)) if packed else np.zeros(0, np.int64)
    one, other = (every >> 32).astype(np.int32), (every & 0xFFFFFFFF).astype(np.int32)
    if table.split:
        across = (one < table.split) & (other >= table.split)
        return one[across], other[across]
    return one, other


def _pairs_of_blocks(owners: Codes, starts: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    members = owners[starts[:, None] + np.arange(size)].astype(np.int64)
    first, second = np.triu_indices(size, 1)
    one, other = members[:, first].ravel(), members[:, second].ravel()
    return np.asarray((np.minimum(one, other) << 32) | np.maximum(one, other))


def levels_of(table: Table, one: Codes, other: Codes) -> Levels:
    """Levels of all comparisons for pairs of records: an array of pairs by comparisons, in the topics' order."""
    width = sum(len(column.topic.comparisons) for column in table.columns)
    levels = np.zeros((len(one), width), np.uint8)
    place = 0
    for column in table.columns:
        size = len(column.topic.comparisons)
        levels[:, place : place + size] = _column_levels(column, column.codes[one], column.codes[other])
        place += size
    return levels


def _column_levels(column: Column, one: Codes, other: Codes) -> Levels:
    size = len(column.topic.comparisons)
    levels = np.zeros((len(one), size), np.uint8)
    both = np.flatnonzero((one >= 0) & (other >= 0))
    low = np.minimum(one[both], other[both]).astype(np.int64)
    packed = (low << 32) | np.maximum(one[both], other[both])
    distinct, inverse = np.unique(packed, return_inverse=True)
    values, compare = column.values, column.topic.compare
    found = np.empty((len(distinct), size), np.uint8)
    firsts, seconds = (distinct >> 32).tolist(), (distinct & 0xFFFFFFFF).tolist()
    for place, (first, second) in enumerate(zip(firsts, seconds, strict=True)):
        found[place] = compare(values[first], values[second])
    levels[both] = found[inverse]
    return levels
