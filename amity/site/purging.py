"""Take removed rows out of the files of the database too: pages, and the log from which it would recover.

PostgreSQL leaves the bytes of a removed row in its page until something is written there; the log keeps them until its
files are used again. Rewriting the tables and wrapping the log around takes them away.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import DatabaseError, connection

from amity.site.erasing import touched

TURNS = 3
"""Of the log: each ends a file and has the one before let go."""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many tables were written anew, how long it took, and what became of the log."""

    tables: int
    seconds: float
    about_log: str


def purge() -> Purged:
    """Write all tables anew in which erasures remove rows. Each is locked meanwhile."""
    started = time.monotonic()
    tables = touched()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (FULL) {table}")
    about_log = _turn_log()
    return Purged(len(tables), time.monotonic() - started, about_log)


def _turn_log() -> str:
    """The log is let go where we may; a server of one's own does so by itself, within its `max_wal_size`."""
    try:
        with connection.cursor() as own:
            for _turn in range(TURNS):
                own.execute("CHECKPOINT")
                own.execute("SELECT pg_switch_wal()")
            own.execute("CHECKPOINT")
    except DatabaseError:
        return "The log of the database could not be let go of: its role may not. Its files are used again in time."
    return "The log of the database was let go of."
