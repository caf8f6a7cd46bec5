"""A process that writes as Amity does, at a given pace, and notes what the database confirmed.

    python -m amity.site.bench.writers RATE SEALS      until stdin ends; acknowledged writes go to stdout

Each write is one committed transaction: a team, a row of history that names the digest of a file, the entry that the
triggers of the audit trail add. Every hundredth stores a new file first. With SEALS it also seals the audit chain.
"""

from __future__ import annotations

import os
import select
import sys
import time
from contextlib import suppress
from uuid import uuid4

import psycopg
from django.db import DatabaseError, InterfaceError, connection

from amity.site.cli.database import django

FILE_BYTES = 8_000
_AS_SYSTEM = """
    SELECT set_config('amity.actor', 'system', false),
           set_config('amity.acting', '{"name": "", "role": "", "via": "job"}', false)
"""
_WRITE = """
    WITH team AS (
        INSERT INTO kernel_team (id, name) VALUES (%(team)s::uuid, 'bench ' || %(team)s::uuid::text) RETURNING id)
    INSERT INTO kernel_transition (subject, subject_id, before, after, at, why)
    SELECT 'bench', id, 'new', 'written', now(), %(digest)s FROM team
"""


class Writer:
    """One connection, opened again when it was lost."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._session: psycopg.Connection[tuple[object, ...]] | None = None

    def write(self, digest: str) -> str:
        """One write; returns the id of the team."""
        if self._session is None or self._session.closed:
            self._session = psycopg.connect(self._conninfo, autocommit=True, connect_timeout=5)
            self._session.execute(_AS_SYSTEM)
        team = str(uuid4())
        self._session.execute(_WRITE, {"team": team, "digest": digest})
        return team


def go_on(rate: float, *, seals: bool) -> None:
    """Write until stdin ends. Errors of the database and the disk are counted, and tried past."""
    from amity.activity.files import store
    from amity.kernel import sealing

    writer = Writer(os.environ["AMITY_DATABASE_URL"])
    digest, number, failed = "", 0, 0
    started = time.monotonic()
    while not select.select([sys.stdin], [], [], 0)[0]:
        number += 1
        try:
            if number % 100 == 1:
                digest = store(os.urandom(FILE_BYTES))
            sys.stdout.write(f"{writer.write(digest)} {digest}\n")
            if seals and number % 100 == 0:
                sealing.seal()
        except (psycopg.Error, DatabaseError, InterfaceError, OSError):
            failed += 1
            with suppress(DatabaseError, InterfaceError):
                connection.close()
            time.sleep(0.05)
        ahead = started + number / rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        else:
            started = max(
                started, time.monotonic() - number / rate - 1
            )  # lost time is not caught up with in a rush
    sys.stderr.write(f"failed {failed}\n")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real file
    with django():
        go_on(float(sys.argv[1]), seals=sys.argv[2] == "1")
