"""Stretches of time that figures are computed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` (included) until `end` (not)."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end


def rolling(at: datetime, days: int) -> Window:
    """The last `days` days, up to and with `at`."""
    end = at + MICROSECOND
    return Window(end - timedelta(days=days), end)


def day_of(local: datetime) -> Window:
    """The whole day of an instant in the zone that it is in; 23 to 25 hours where clocks change."""
    start = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    end = (start.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=local.tzinfo)
    return Window(start, end)


def utc_days(at: datetime, days: int) -> Window:
    """The last `days` days as UTC counts them, today among them: what daily counts can tell exactly."""
    today = datetime.combine(at.astimezone(UTC).date(), time.min, UTC)
    return Window(today - timedelta(days=days - 1), today + timedelta(days=1))


def back_from(window: Window, count: int) -> list[Window]:
    """`count` windows of the same length, one after the other, the last one `window` itself; oldest first."""
    return [
        Window(window.start - window.length * step, window.end - window.length * step)
        for step in range(count - 1, -1, -1)
    ]
