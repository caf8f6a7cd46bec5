"""What a request did to the tables: taken back after each, and named where it was refused and yet wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction

# Tables in which a refused request may leave something, and why.
MAY_CHANGE = {
    "django_session": "the session notes what the next page says",
    "site_signinattempt": "tries are counted so that guessing does not pay",
    "kernel_audit_entry": "failed sign-ins are on the record",
    "kernel_audit_unsealed": "and wait for their seal",
    "kernel_api_tries": "wrong tokens are counted",
    "usersessions_usersession": "when a session was last used",
    "procrastinate_periodic_defers": "the clock of the worker",
}


def touched() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, also what it took back since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables "
            "WHERE schemaname = 'public'"
        )
        return {table: count for table, count in cursor.fetchall() if count and table not in MAY_CHANGE}


def checksum(table: str) -> tuple[int, str]:
    """Rows and a checksum of a whole table."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(md5(string_agg(line, '' ORDER BY line)), '') "
            f'FROM (SELECT md5(t::text) AS line FROM "{table}" t) lines'
        )
        return cursor.fetchone() or (0, "")


def all_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace "
            "AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"
        )
        return [table for (table,) in cursor.fetchall() if table not in MAY_CHANGE]


@dataclass(slots=True)
class Watch:
    """Knows every table as it was when the watch began."""

    baseline: dict[str, tuple[int, str]] = field(
        default_factory=lambda: {table: checksum(table) for table in all_tables()}
    )

    @contextmanager
    def taken_back(self) -> Iterator[Asked]:
        """Within it something is asked; `changed()` tells which tables are not what they were. All is taken back."""
        with transaction.atomic():
            yield Asked(self.baseline, touched())
            transaction.set_rollback(True)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request under watch."""

    baseline: dict[str, tuple[int, str]]
    before: dict[str, int]

    def changed(self) -> list[str]:
        """The tables that were written since and are not what they were."""
        written = [table for table, count in touched().items() if self.before.get(table, 0) != count]
        return [table for table in written if checksum(table) != self.baseline.get(table)]
