"""What is counted and timed for Prometheus: nothing, nor is the library loaded, unless `AMITY_METRICS_TOKEN` is set.

    MESSAGES = Counter("amity_messages_total", "Messages that came in.", ("outcome",))
    MESSAGES.add(3, outcome="new")

Values of labels are names from code: routes, stages, tasks, states. Never what came from outside: a label lives as
long as the process and is shown to whoever watches it. Should one slip in, `MOST_SERIES` keeps it from growing.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from django.conf import settings

if TYPE_CHECKING:
    import prometheus_client as prometheus

K = TypeVar("K", "prometheus.Counter", "prometheus.Histogram")

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder through which processes add up what they count; `amity run` sets it."""
MOST_SERIES = 2_000
OTHER = "(other)"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


def is_on() -> bool:
    """Whether anybody may ask for metrics."""
    return bool(settings.METRICS_TOKEN)


class _Metric(ABC, Generic[K]):
    """A metric of the library that is made when it is first needed, with a bound on its series."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        self.name, self.meaning, self.labels = name, meaning, tuple(labels)
        self._made: K | None = None
        self._seen: set[tuple[str, ...]] = set()
        self._lock = Lock()
        METRICS.append(self)

    @abstractmethod
    def _make(self) -> K:
        """The metric of the library."""

    def _series(self, given: dict[str, str]) -> K:
        values = tuple(given[label] for label in self.labels)
        with self._lock:
            if self._made is None:
                self._made = self._make()
            if values not in self._seen:
                if len(self._seen) >= MOST_SERIES:
                    values = (OTHER,) * len(values)
                self._seen.add(values)
        return self._made.labels(*values) if self.labels else self._made


METRICS: list[_Metric[prometheus.Counter] | _Metric[prometheus.Histogram]] = []


class Counter(_Metric["prometheus.Counter"]):
    """Counts up; its name ends in `_total`."""

    def add(self, amount: float = 1, **labels: str) -> None:
        """Count `amount` more."""
        if is_on() and amount:
            self._series(labels).inc(amount)

    def _make(self) -> prometheus.Counter:
        from prometheus_client import Counter as Real

        return Real(self.name, self.meaning, self.labels)


class Timing(_Metric["prometheus.Histogram"]):
    """How long something takes, in seconds; its name ends in `_seconds`."""

    def observe(self, seconds: float, **labels: str) -> None:
        """Note that it took `seconds` once."""
        if is_on():
            self._series(labels).observe(seconds)

    def _make(self) -> prometheus.Histogram:
        from prometheus_client import Histogram as Real

        return Real(self.name, self.meaning, self.labels, buckets=SECONDS)


def registry() -> prometheus.CollectorRegistry:
    """What all processes of this Amity have counted; of this process alone where no folder joins them."""
    from prometheus_client import REGISTRY, CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    if not os.environ.get(FOLDER):
        return REGISTRY
    joined = CollectorRegistry()
    MultiProcessCollector(joined)  # type: ignore[no-untyped-call]
    return joined
