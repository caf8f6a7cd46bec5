"""Monthly partitions of the activity table: made when the first activity of a month is about to be written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

FIRST_YEAR = 2000
AHEAD = timedelta(days=62)
_made: set[str] = set()
_MAKING = 4_171_002  # any number: the lock of whoever makes a partition


def partition_of(at: datetime, now: datetime) -> tuple[str, str, str] | None:
    """Name, first instant and end of the month of `at`; None for what belongs into the partition of oddities."""
    if at.year < FIRST_YEAR or at > now + AHEAD:
        return None
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
    return f"activity_activity_{at:%Y_%m}", f"{at:%Y-%m}-01 00:00+00", f"{year}-{month:02d}-01 00:00+00"


def ensure_months(instants: Iterable[datetime], now: datetime) -> None:
    """Make the partitions that these instants (UTC) need. Cheap when they exist.

    Call it before anything else of a transaction touches the table: making a partition locks it for a moment.
    """
    months = {found for at in instants if (found := partition_of(at, now)) and found[0] not in _made}
    if not months:
        return
    with connection.cursor() as cursor:
        for name, start, end in sorted(months):
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone() == (None,):
                _make(name, start, end)
    if not connection.in_atomic_block:
        _made.update(name for name, _, _ in months)


@transaction.atomic
def _make(name: str, start: str, end: str) -> None:
    """Attach a month. What was dated into it while it was too far ahead moves in from the partition of oddities."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone() != (None,):
            return  # somebody else made it meanwhile
        cursor.execute(f"CREATE TABLE {name} (LIKE activity_activity INCLUDING DEFAULTS)")
        cursor.execute("LOCK TABLE activity_activity_other IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            "WITH early AS (DELETE FROM activity_activity_other WHERE occurred_at >= %s AND occurred_at < %s "
            f"RETURNING *) INSERT INTO {name} SELECT * FROM early",
            [start, end],
        )
        cursor.execute(
            f"ALTER TABLE activity_activity ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')"
        )
