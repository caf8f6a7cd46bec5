"""Which messages are one thread: two messages are, if one names the other and both are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")


class DisjointSets:
    """Union-find with path halving over any hashable nodes."""

    def __init__(self) -> None:
        self._parent: dict[object, object] = {}

    def find(self, node: object) -> object:
        parent = self._parent
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def union(self, one: object, other: object) -> None:
        self._parent[self.find(one)] = self.find(other)


@dataclass(slots=True)
class Threading(Generic[T]):
    """The answer of `join`: the thread of each new message, what is still wanted, and which threads are one now."""

    thread_of: dict[str, T] = field(default_factory=dict)
    wanted: list[tuple[str, T]] = field(default_factory=list)
    merged: list[tuple[T, T]] = field(default_factory=list)  # (winner, loser)


def join(
    messages: Sequence[tuple[str, tuple[str, ...]]],
    known: Mapping[str, T],
    wanted: Iterable[tuple[str, T]],
    new_thread: Callable[[str], T],
) -> Threading[T]:
    """Put new `messages` (own ref, refs they name) into threads, whatever the order in which messages arrive.

    `known` maps refs of earlier messages (own or named here) to their thread; `wanted` are refs that an earlier
    thread named before they came. A ref that nobody has seen joins nothing yet: it becomes wanted.
    """
    sets = DisjointSets()
    own = {ref for ref, _ in messages}
    threads: dict[object, set[T]] = {}
    for ref, thread in known.items():
        sets.union(("message", ref), ("thread", thread))
    for ref, thread in wanted:
        sets.union(("message", ref), ("thread", thread))
    for ref, names in messages:
        for name in names:
            if name in own or name in known:
                sets.union(("message", ref), ("message", name))
    for node in [*known.values(), *(thread for _, thread in wanted)]:
        threads.setdefault(sets.find(("thread", node)), set()).add(node)

    answer: Threading[T] = Threading()
    chosen: dict[object, T] = {}
    for ref, names in messages:
        root = sets.find(("message", ref))
        if root not in chosen:
            chosen[root] = _choose(threads.get(root, set()), answer, partial(new_thread, ref))
        answer.thread_of[ref] = chosen[root]
        answer.wanted += [(name, chosen[root]) for name in names if name not in own and name not in known]
    return answer


def _choose(existing: set[T], answer: Threading[T], make: Callable[[], T]) -> T:
    if not existing:
        return make()
    winner, *losers = sorted(existing, key=str)
    answer.merged += [(winner, loser) for loser in losers]
    return winner
