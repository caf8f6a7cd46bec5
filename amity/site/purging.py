"""Take removed rows out of the files of the database too: pages, and the log from which it would recover.

PostgreSQL leaves the bytes of a removed row in its page until something is written there; the log keeps them until its
files are used again. Rewriting the tables and wrapping the log around takes them away.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from amity.kernel.postgres import Cluster
from amity.site import storage
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
    """Only the embedded server's own account may; a server of one's own uses its log again within `max_wal_size`."""
    if not storage.is_embedded():
        return (
            "The log of your own server keeps what was removed until its files are used again (max_wal_size)."
        )
    with Cluster(Path(settings.HOME)).administration() as session:
        for _turn in range(TURNS):
            session.execute("CHECKPOINT")
            session.execute("SELECT pg_switch_wal()")
        session.execute("CHECKPOINT")
    return "The log of the database was let go of."


def write_down() -> None:
    """Have the embedded server write all pages to its files, before they are looked through."""
    if storage.is_embedded():
        with Cluster(Path(settings.HOME)).administration() as session:
            session.execute("CHECKPOINT")
