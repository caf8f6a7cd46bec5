"""What names somebody who was erased elsewhere than in their own records: each package brings how it sweeps that.

A sweep runs after the transaction of the erasure, a portion at a time, may run twice, and says by table what went.
`scope` holds what they were called: `addresses`, `names`, the `ids` of all records of theirs, and `messages`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from amity.kernel.erasing import Counts

Sweep = Callable[[dict[str, Any]], Counts]
_sweeps: dict[str, tuple[int, Sweep]] = {}


def sweeps(key: str, order: int) -> Callable[[Sweep], Sweep]:
    """Register a sweep. They run by `order`."""

    def register(sweep: Sweep) -> Sweep:
        _sweeps[key] = order, sweep
        return sweep

    return register


def sweep_all() -> list[tuple[str, Sweep]]:
    """All sweeps, in their order."""
    return [(key, sweep) for key, (_order, sweep) in sorted(_sweeps.items(), key=lambda one: one[1][0])]
