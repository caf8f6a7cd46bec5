"""From the tables of an older version to those of this one, while an older Amity may still be at work on them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import LockNotAvailable

from amity.kernel import audit_triggers
from amity.kernel.errors import DomainError

LOCK_TIMEOUT_S = 5
ATTEMPTS = 6
PAUSE_S = 5.0


class TablesInUse(DomainError):
    """Somebody has held a table all the time."""

    code = "migrate.tables_in_use"


@dataclass(frozen=True, slots=True)
class Step:
    """A migration that this database has not seen; `does` says what its operations are."""

    name: str
    does: tuple[str, ...]


def missing_steps() -> list[Step]:
    """What has to be done, in its order. Changes nothing."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [
        Step(str(step), tuple(operation.describe() for operation in step.operations)) for step, _back in plan
    ]


def upgrade(*, attempts: int = ATTEMPTS, pause_s: float = PAUSE_S) -> int:
    """Take the steps that are missing; returns how many there were.

    A step that has to wait for a lock would hold up everybody who comes after it. So it waits for `LOCK_TIMEOUT_S` at
    most, is taken back, and tried again after a pause. Steps that were done stay done. Raises `TablesInUse`.
    """
    steps = missing_steps()
    if not steps:
        audit_triggers.install()  # what is watched may change without a table changing
        return 0
    for attempt in range(attempts):
        try:
            with _short_waits():
                call_command("migrate", interactive=False, verbosity=0)
            return len(steps)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            if attempt < attempts - 1:
                time.sleep(pause_s)
    raise TablesInUse(
        "The tables could not be changed: another program has been using one of them all the time. "
        "Stop it, or wait until its long query is over, then: amity migrate. Nothing was lost."
    )


@contextmanager
def _short_waits() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_TIMEOUT_S}s"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
