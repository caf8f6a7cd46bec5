"""The wall clock of the demo company's office, seen from one instant `now`.

Inside the generator an instant is a number of seconds since 1970 (exact, quick to sort); this module turns
"four days ago at 08:52 in the office" into such a number and back into ISO 8601 text.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
DAY = 86_400
HOUR = 3_600
MINUTE = 60


class Office:
    """Days are counted backwards from today (0) in the office's time zone."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime, for example datetime.now(UTC)")
        self.now = int(now.timestamp())
        self.today = datetime.fromtimestamp(self.now, ZONE).date()
        self._starts: dict[int, int] = {}

    def date(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def start(self, days_ago: int) -> int:
        """The instant at which that day began in the office."""
        if days_ago not in self._starts:
            day = self.date(days_ago)
            self._starts[days_ago] = int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())
        return self._starts[days_ago]

    def at(self, days_ago: int, second_of_day: int) -> int:
        return self.start(days_ago) + second_of_day

    def clock(self, days_ago: int, text: str) -> int:
        """The instant of `hh:mm` on that day."""
        hour, minute = text.split(":")
        return self.at(days_ago, int(hour) * HOUR + int(minute) * MINUTE)

    def days_ago(self, at: int) -> int:
        return (self.today - datetime.fromtimestamp(at, ZONE).date()).days

    def second_of_day(self, at: int) -> int:
        return at - self.start(self.days_ago(at))


def text(at: int) -> str:
    """ISO 8601 with the office's offset, to the second."""
    return datetime.fromtimestamp(at, ZONE).isoformat()
