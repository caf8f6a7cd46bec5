"""One moment of the database, held while others go on writing: what pg_dump reads and what is counted are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2"""
_HEAD = "SELECT position, hash FROM kernel_audit_seal ORDER BY position DESC LIMIT 1"

Session = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`name` is what pg_dump takes with --snapshot; the session must stay open as long as it is used."""

    session: Session
    name: str
    server_major: int

    def size_bytes(self) -> int:
        return int(_one(self.session, "SELECT pg_database_size(current_database())"))

    def counts(self) -> dict[str, int]:
        return counts(self.session)

    def migrations(self) -> list[str]:
        return migrations(self.session)

    def audit_head(self) -> dict[str, str | int]:
        return audit_head(self.session)


@contextmanager
def snapshot(conninfo: str) -> Iterator[Snapshot]:
    """Hold the database of this address as it is now. Nobody waits for it."""
    with psycopg.connect(conninfo, connect_timeout=10) as session:
        session.execute(
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
        )
        session.commit()
        name = str(_one(session, "SELECT pg_export_snapshot()"))
        yield Snapshot(session, name, session.info.server_version // 10_000)
        session.rollback()


def counts(session: Session) -> dict[str, int]:
    """Rows of each table, by its name (with its schema where that is not `public`)."""
    found = {}
    for schema, table in session.execute(_TABLES).fetchall():
        shown = table if schema == "public" else f"{schema}.{table}"
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = session.execute(query).fetchone()
        found[shown] = int(row[0]) if row else 0
    return found


def migrations(session: Session) -> list[str]:
    """What was applied, as `app.name`; empty for a database without tables."""
    if _one(session, "SELECT to_regclass('django_migrations')::text") is None:
        return []
    rows = session.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1").fetchall()
    return [str(name) for (name,) in rows]


def audit_head(session: Session) -> dict[str, str | int]:
    """Position and hash of the last sealed entry of the audit trail; empty where there is none."""
    if _one(session, "SELECT to_regclass('kernel_audit_seal')::text") is None:
        return {}
    row = session.execute(_HEAD).fetchone()
    if row is None:
        return {}
    digest = bytes(row[1]).hex() if isinstance(row[1], (bytes, memoryview)) else str(row[1])
    return {"position": int(row[0]), "hash": digest}


def _one(session: Session, query: str) -> Any:
    row = session.execute(query.encode()).fetchone()
    return row[0] if row else None
