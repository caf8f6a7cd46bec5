"""Birthdays as month and day, which is all that is kept of them: which ones lie in a span of days.

Whoever was born on the 29th of February has their birthday on the 28th in years without one.
"""

from __future__ import annotations

import re
from calendar import isleap
from datetime import date, timedelta

LEAP_DAY, BEFORE_IT = "02-29", "02-28"
A_YEAR = 365
"""So many days ahead hold every birthday."""
_WRITTEN = re.compile(r"(?:\d{4}|-)-?(\d{2})-?(\d{2})(?:[T ].*)?")


def month_and_day(written: str) -> str:
    """Of a day of birth, with its year or without: `1984-05-02` and `--0502` are `05-02`; "" for what is no day.

    >>> month_and_day("1984-05-02"), month_and_day("--0502"), month_and_day("1983-02-30"), month_and_day("1984-05")
    ('05-02', '05-02', '', '')
    """
    found = _WRITTEN.fullmatch(written.strip())
    if found is None:
        return ""
    try:
        return date(2000, int(found[1]), int(found[2])).strftime("%m-%d")
    except ValueError:
        return ""


def spans(today: date, ahead: int) -> list[tuple[str, str]]:
    """The first and the last month and day of each year from today until so many days ahead, below `A_YEAR`."""
    last = today + timedelta(days=ahead)
    if today.year == last.year:
        return [_span(today, last)]
    return [_span(today, date(today.year, 12, 31)), _span(date(last.year, 1, 1), last)]


def _span(first: date, last: date) -> tuple[str, str]:
    """In a year without the 29th of February a span that ends on the 28th ends behind it."""
    ends = f"{last:%m-%d}"
    return f"{first:%m-%d}", LEAP_DAY if ends == BEFORE_IT and not isleap(last.year) else ends
