"""Where a backup is restored to: the embedded server, or one of the operator's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from amity.kernel.postgres import Cluster
from amity.site.backup.errors import RestoreRefused

Session = psycopg.Connection[tuple[Any, ...]]
NEW = "amity_restored"
FORMER = "amity_before_"


@dataclass(frozen=True, slots=True)
class Place:
    """A home and its database. `cluster` is None for a server of the operator's own."""

    home: Path
    conninfo: str
    cluster: Cluster | None

    @property
    def name(self) -> str:
        """The database that is in use."""
        return str(conninfo_to_dict(self.conninfo).get("dbname", "amity"))

    def at(self, name: str) -> str:
        """The address of another database on the same server."""
        return make_conninfo(self.conninfo, dbname=name)

    @contextmanager
    def administration(self) -> Iterator[Session]:
        """Somebody who may make and rename databases. Raises `RestoreRefused` where nobody may."""
        if self.cluster is not None:
            with self.cluster.administration() as session:
                yield session
            return
        try:
            session = psycopg.connect(self.at("postgres"), autocommit=True, connect_timeout=10)
        except psycopg.OperationalError as error:
            raise RestoreRefused(_OWN_SERVER) from error
        with session:
            row = session.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            if row is None or not row[0]:
                raise RestoreRefused(_OWN_SERVER)
            yield session

    def owner(self, session: Session) -> str:
        """Who owns the database in use, and so the new one."""
        row = session.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [self.name]
        ).fetchone()
        return str(row[0]) if row else str(conninfo_to_dict(self.conninfo).get("user", "amity"))

    def has_data(self) -> bool:
        """Whether somebody works here: colleagues, teams, or anything that came in."""
        with psycopg.connect(self.conninfo, connect_timeout=10) as session:
            for table in ("kernel_staff", "kernel_team", "channels_item", "people_person"):
                present = session.execute("SELECT to_regclass(%s)", [table]).fetchone()
                if present and present[0]:
                    row = session.execute(f"SELECT EXISTS (SELECT FROM {table})".encode()).fetchone()
                    if row and row[0]:
                        return True
        return False

    def erasures(self) -> list[tuple[str, str, str]]:
        """What was erased here so far."""
        with psycopg.connect(self.conninfo, connect_timeout=10) as session:
            present = session.execute("SELECT to_regclass('kernel_erasure')").fetchone()
            if not present or present[0] is None:
                return []
            rows = session.execute("SELECT kind, subject_id::text, erased_at FROM kernel_erasure").fetchall()
        return [(str(kind), str(subject), at.isoformat()) for kind, subject, at in rows]

    def erasure_keys(self) -> list[str]:
        """The keys under which marks of erased accounts were made here, in hex: without them the marks say nothing."""
        with psycopg.connect(self.conninfo, connect_timeout=10) as session:
            present = session.execute("SELECT to_regclass('kernel_erasurekey')").fetchone()
            if not present or present[0] is None:
                return []
            rows = session.execute(
                "SELECT encode(secret, 'hex') FROM kernel_erasurekey ORDER BY id"
            ).fetchall()
        return [str(secret) for (secret,) in rows]


_OWN_SERVER = (
    "The role of AMITY_DATABASE_URL may not make databases, so nothing can be restored beside what is there. "
    "For the time of the restore: ALTER ROLE … CREATEDB; Nothing was touched."
)
