"""Whether this process can do its work: `/readyz` for load balancers and whoever starts Amity step by step.

It needs no login and says nothing that an outsider could use: which of three things is not right, never how it is
set up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

SILENT_WORKER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Per check the empty text when all is well, else what is wrong."""

    checks: dict[str, str]

    @property
    def is_ready(self) -> bool:
        return not any(self.checks.values())

    def as_json(self) -> dict[str, object]:
        shown = {
            name: {"ok": not wrong, **({"wrong": wrong} if wrong else {})}
            for name, wrong in self.checks.items()
        }
        return {"ready": self.is_ready, "checks": shown}


def look(at: datetime, *, without: frozenset[str] = frozenset()) -> Readiness:
    """Ask in the order in which things depend on each other; without a database the rest is not asked."""
    found: dict[str, str] = {}
    for name, ask in _CHECKS.items():
        if name in without:
            continue
        try:
            found[name] = ask(at)
        except DatabaseError:
            found.setdefault("database", "does not answer")
            break
    return Readiness(found)


def _database(_at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


class _Tables:
    """A process keeps the code that it started with: once its tables are right, they are not asked for again."""

    are_right = False

    def __call__(self, _at: datetime) -> str:
        if not self.are_right:
            executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
            self.are_right = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return "" if self.are_right else "are not those of this version; run amity migrate"


def _worker(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(last_heartbeat) FROM procrastinate_workers")
        heard: datetime | None = cursor.fetchone()[0]
    if heard is None:
        return "has not been heard of"
    silent = at - heard
    return f"was last heard of {silent.total_seconds():.0f} s ago" if silent > SILENT_WORKER else ""


_CHECKS: dict[str, Callable[[datetime], str]] = {
    "database": _database,
    "tables": _Tables(),
    "worker": _worker,
}
