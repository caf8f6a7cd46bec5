"""A batch walks through stages. The kernel knows neither: packages hang their results on the batch by typed keys."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from amity.kernel import metrics, tracing

T = TypeVar("T")
STAGE_SECONDS = metrics.Timing(
    "amity_stage_seconds", "How long a stage of the corridor takes, a batch.", ("stage",)
)


@dataclass(frozen=True, slots=True)
class Key(Generic[T]):
    """The name and type under which a stage leaves its result for later stages."""

    name: str


@dataclass(slots=True)
class Batch:
    """One bundle of work with everything the stages found out about it.

    `at` is the instant that every row of the batch is recorded with; `run_id` names the import run it belongs to.
    """

    source_id: UUID
    at: datetime
    run_id: UUID | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    _results: dict[str, Any] = field(default_factory=dict)

    def put(self, key: Key[T], value: T) -> None:
        self._results[key.name] = value

    def get(self, key: Key[T]) -> T:
        """What an earlier stage left; a missing one is a mistake in the order of the corridor."""
        value: T = self._results[key.name]
        return value

    def has(self, key: Key[Any]) -> bool:
        return key.name in self._results


class Stage(Protocol):
    """One step of the corridor, owned by one package."""

    def __call__(self, batch: Batch, /) -> Batch: ...


def stage_name(stage: Stage) -> str:
    """`amity.activity.services.record` is shown and timed as `activity.record`."""
    module = getattr(stage, "__module__", "").split(".")
    name: str = getattr(stage, "__name__", type(stage).__name__)
    return f"{module[1]}.{name}" if len(module) > 1 else name


def run_stages(stages: Sequence[Stage], batch: Batch) -> Batch:
    """Walk the batch through the stages in order and note the wall-clock seconds of each in `batch.seconds`."""
    for stage in stages:
        started, name = time.perf_counter(), stage_name(stage)
        with tracing.span(f"stage {name}"):
            batch = stage(batch)
        seconds = time.perf_counter() - started
        STAGE_SECONDS.observe(seconds, stage=name)
        batch.seconds[name] = batch.seconds.get(name, 0.0) + seconds
    return batch
