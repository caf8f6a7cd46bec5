"""One process at a time works on an import: a lock that dies with its database session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection

log = structlog.get_logger(__name__)


def _lock_key(run_id: UUID) -> int:
    return run_id.int & 0x7FFF_FFFF_FFFF_FFFF


def is_held(run_id: UUID) -> bool:
    """Whether some living process works on this run right now."""
    key = _lock_key(run_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
            "AND classid::bigint = %s AND objid::bigint = %s)",
            [key >> 32, key & 0xFFFF_FFFF],
        )
        (held,) = cursor.fetchone() or (False,)
        return bool(held)


@contextmanager
def holding(run_id: UUID) -> Iterator[bool]:
    """Whether this process alone works on the run. The lock ends with the database session, so it dies with us."""
    key = _lock_key(run_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (held,) = cursor.fetchone() or (False,)
    try:
        yield bool(held)
    finally:
        if held:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
            except (OperationalError, InterfaceError):  # the session is gone, and the lock with it
                log.info("database session ended while a run was held", run=str(run_id))


_SOURCE = 4_171
"""The first half of the lock of a source; the second is the end of its id."""


def hold_source(source_id: UUID, *, alone: bool = False) -> None:
    """Until the transaction ends: batches of imports share their source, an undo has it alone.

    A batch takes it before anything else. So nobody counts a row as known while the import that brought it is taken
    back: either the undo sees that the row came again, or the batch sees that it is gone.
    """
    shared = "" if alone else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_xact_lock{shared}(%s, %s)", [_SOURCE, source_id.int & 0x7FFF_FFFF]
        )


@contextmanager
def keeping_source(source_id: UUID) -> Iterator[None]:
    """The same for longer than a transaction: batches of imports of this source wait until it ends, or we die."""
    key = [_SOURCE, source_id.int & 0x7FFF_FFFF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    try:
        yield
    finally:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
        except (OperationalError, InterfaceError):  # the session is gone, and the lock with it
            log.info("database session ended while a source was kept", source=str(source_id))


def is_away(error: Exception) -> bool:
    """Whether the database is out of reach, or busy: the same again later may go well.

    What is too large for PostgreSQL (class 54 of its codes) comes as the same kind of error and will never go well.
    """
    code = getattr(error.__cause__, "sqlstate", None) or ""
    return isinstance(error, OperationalError | InterfaceError) and not code.startswith("54")
