"""Bulk writes: COPY into a staging table, then INSERT … SELECT … ON CONFLICT; a few rows go in at once.

16,500 rows a second against 6,300 for `bulk_create` with seven indexes (measured; see docs/decisions/0002). Below some
dozens of rows the staging table costs more than the rows: one INSERT … VALUES then does the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg import abc, adapt

FEW = 60


def copy_insert(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    on_conflict: str = "DO NOTHING",
    returning: Sequence[str] = (),
    order_by: str = "",
) -> list[tuple[Any, ...]]:
    """Insert `rows` into `table` inside the current transaction and return `returning` of those written.

    `on_conflict` is what follows ON CONFLICT. `order_by` gives the order in which rows (and so their unique keys)
    are locked: name the unique key where two writers may bring the same one, or they may deadlock. Names come from
    code, never from data.
    """
    with inserting_together() as insert:
        return insert(table, columns, rows, on_conflict=on_conflict, returning=returning, order_by=order_by)


class Inserting:
    """Inserts of a few rows each that wait for one another and go to the server in one round trip, in their order.

    Called like `copy_insert`. What it returns is filled when they have gone: at the end of `inserting_together`, or
    with the next insert of many rows.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[str, list[tuple[Any, ...]] | None]] = []

    def __call__(
        self,
        table: str,
        columns: Sequence[str],
        rows: Iterable[Sequence[Any]],
        *,
        on_conflict: str = "DO NOTHING",
        returning: Sequence[str] = (),
        order_by: str = "",
    ) -> list[tuple[Any, ...]]:
        listed = list(rows)
        written: list[tuple[Any, ...]] = []
        if not listed:
            return written
        names = ", ".join(columns)
        after = f" ON CONFLICT {on_conflict}" + (f" RETURNING {', '.join(returning)}" if returning else "")
        few = _in_order(listed, columns, order_by) if len(listed) <= FEW else None
        if few is not None:
            statement = f"INSERT INTO {table} ({names}) VALUES {_literals(few)}{after}"
            self._waiting.append((statement, written if returning else None))
            return written
        self.send()
        _copy(table, names, listed)
        order = f" ORDER BY {order_by}" if order_by else ""
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM stage_{table}{order}{after}")
            if returning:
                written.extend(cursor.fetchall())
        return written

    def send(self) -> None:
        """Have done what waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        with connection.cursor() as cursor:
            cursor.execute(";\n".join(statement for statement, _ in waiting))
            for _, written in waiting:
                if written is not None:
                    written.extend(cursor.fetchall())
                cursor.nextset()


@contextmanager
def inserting_together() -> Iterator[Inserting]:
    """For inserts that need nothing of one another but their order; where it breaks off, what waits is not sent."""
    together = Inserting()
    yield together
    together.send()


def _copy(table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    """COPY the rows into the staging table of this one, which lives as long as the connection."""
    stage = f"stage_{table}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {stage} "
            f"(LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DELETE ROWS;\n"
            f"TRUNCATE {stage}"
        )
        with cursor.copy(f"COPY {stage} ({names}) FROM STDIN") as copy:
            for one in rows:
                copy.write_row(one)


def _literals(rows: Sequence[Sequence[Any]]) -> str:
    """The rows as they stand after VALUES. Bound as parameters, each would have to be found in the statement again."""
    transformer: abc.Transformer = adapt.Transformer(connection.connection)
    return ", ".join(f"({', '.join([_literal(value, transformer) for value in row])})" for row in rows)


def _literal(value: Any, transformer: abc.Transformer) -> str:
    if value is None:
        return "NULL"
    kind = type(value)
    if kind is UUID or kind is datetime:  # their own words hold nothing that would need quoting
        return f"'{value}'"
    if kind is int:
        return f"{value}" if value >= 0 else f"({value})"
    return bytes(transformer.as_literal(value)).decode()


def _in_order(rows: list[Sequence[Any]], columns: Sequence[str], order_by: str) -> list[Sequence[Any]] | None:
    """The rows in that order, where Python and PostgreSQL agree on it (ids do, words may not); else None."""
    if not order_by or len(rows) == 1:
        return rows
    if order_by in columns and isinstance(rows[0][columns.index(order_by)], UUID):
        return sorted(rows, key=lambda row: row[columns.index(order_by)])
    return None
