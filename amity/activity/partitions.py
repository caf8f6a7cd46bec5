"""Monthly partitions of the activity table: made when the first activity of a month is about to be written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

FIRST_YEAR = 2000
AHEAD = timedelta(days=62)
_made: set[str] = set()


def partition_of(at: datetime, now: datetime) -> tuple[str, str, str] | None:
    """Name, first instant and end of the month of `at`; None for what belongs into the partition of oddities."""
    if at.year < FIRST_YEAR or at > now + AHEAD:
        return None
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
    return f"activity_activity_{at:%Y_%m}", f"{at:%Y-%m}-01 00:00+00", f"{year}-{month:02d}-01 00:00+00"


def ensure_months(instants: Iterable[datetime], now: datetime) -> None:
    """Make the partitions that these instants (UTC) need. Cheap when they exist.

    Call it outside the transaction of the batch where possible: making a partition locks the table for a moment.
    """
    months = {found for at in instants if (found := partition_of(at, now)) and found[0] not in _made}
    if not months:
        return
    with connection.cursor() as cursor:
        for name, start, end in sorted(months):
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone() == (None,):
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF activity_activity "
                    f"FOR VALUES FROM ('{start}') TO ('{end}')"
                )
    if not connection.in_atomic_block:
        _made.update(name for name, _, _ in months)
