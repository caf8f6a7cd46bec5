"""What keeps an import from being taken back: later packages say why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias
from uuid import UUID

Keeper: TypeAlias = Callable[[UUID], str]
_keepers: dict[str, Keeper] = {}


def keeps_runs(key: str, keeper: Keeper) -> None:
    """Register `keeper(run_id)`: it says in words what keeps the run, or nothing, before anything goes."""
    _keepers[key] = keeper


def what_keeps(run_id: UUID) -> str:
    """Why this run must not be taken back; empty where nothing keeps it."""
    return next((why for keeper in _keepers.values() if (why := keeper(run_id))), "")
