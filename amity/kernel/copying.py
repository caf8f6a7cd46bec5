"""Bulk writes: COPY into a staging table, then INSERT … SELECT … ON CONFLICT; a few rows go in at once.

16,500 rows a second against 6,300 for `bulk_create` with seven indexes (measured; see docs/decisions/0002). Below some
dozens of rows the staging table costs more than the rows: one INSERT … VALUES then does the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection

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
    listed = list(rows)
    if not listed:
        return []
    names = ", ".join(columns)
    back = f" RETURNING {', '.join(returning)}" if returning else ""
    few = _in_order(listed, columns, order_by) if len(listed) <= FEW else None
    with connection.cursor() as cursor:
        if few is not None:
            row = f"({', '.join(['%s'] * len(columns))})"
            values = ", ".join([row] * len(few))
            cursor.execute(
                f"INSERT INTO {table} ({names}) VALUES {values} ON CONFLICT {on_conflict}{back}",
                list(chain.from_iterable(few)),
            )
            return list(cursor.fetchall()) if returning else []
        stage = f"stage_{table}"
        cursor.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {stage} "
            f"(LIKE {table} INCLUDING DEFAULTS INCLUDING IDENTITY) ON COMMIT DELETE ROWS"
        )
        cursor.execute(f"TRUNCATE {stage}")
        with cursor.copy(f"COPY {stage} ({names}) FROM STDIN") as copy:
            for one in listed:
                copy.write_row(one)
        order = f" ORDER BY {order_by}" if order_by else ""
        cursor.execute(
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {stage}{order} ON CONFLICT {on_conflict}{back}"
        )
        return list(cursor.fetchall()) if returning else []


def _in_order(rows: list[Sequence[Any]], columns: Sequence[str], order_by: str) -> list[Sequence[Any]] | None:
    """The rows in that order, where Python and PostgreSQL agree on it (ids do, words may not); else None."""
    if not order_by or len(rows) == 1:
        return rows
    if order_by in columns and isinstance(rows[0][columns.index(order_by)], UUID):
        return sorted(rows, key=lambda row: row[columns.index(order_by)])
    return None
