"""How often somebody may ask: a bucket for each token and each address, refilled steadily.

Buckets are in the memory of the process: looking at one takes a microsecond, and a limit that is there to keep one
program from starving the others need not survive a restart. With several web processes each has buckets of its own
(docs/decisions: the public interface).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`per_minute` requests on average, and as many at once after a quiet minute."""

    name: str
    per_minute: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of a limit, and after how many seconds the next request is welcome (0 = now)."""

    limit: Limit
    left: int
    wait_s: int
    full_in_s: int

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit` fields as the IETF drafts them."""
        fields = {
            "RateLimit-Policy": f'"{self.limit.name}";q={self.limit.per_minute};w=60',
            "RateLimit": f'"{self.limit.name}";r={self.left};t={self.full_in_s}',
        }
        return fields | ({"Retry-After": str(self.wait_s)} if self.wait_s else {})


class Buckets:
    """Counts requests by holder and limit. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, holder: str, limit: Limit, cost: int = 1) -> Standing:
        """Take from the holder's bucket if enough is in it, and say how it stands."""
        now, most = self._clock(), float(limit.per_minute)
        rate = most / 60
        key = (limit.name, holder)
        with self._lock:
            level, then = self._levels.get(key, (most, now))
            level = min(most, level + (now - then) * rate)
            refused = level < cost
            if not refused:
                level -= cost
            self._levels[key] = (level, now)
            if len(self._levels) > MOST_BUCKETS:
                self._forget(now)
        wait = math.ceil((cost - level) / rate) if refused else 0
        return Standing(limit, int(level), max(wait, 1) if refused else 0, math.ceil((most - level) / rate))

    def is_empty(self, holder: str, limit: Limit) -> bool:
        """Whether a request would be refused, without counting one."""
        now = self._clock()
        with self._lock:
            level, then = self._levels.get((limit.name, holder), (float(limit.per_minute), now))
        return level + (now - then) * limit.per_minute / 60 < 1

    def _forget(self, now: float) -> None:
        """Buckets that nobody used for a minute are full again: they need not be remembered."""
        self._levels = {key: found for key, found in self._levels.items() if now - found[1] < 60}
