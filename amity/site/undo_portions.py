"""An import of people is taken back a portion at a time: others write in between, everybody sees how far it is.

What came with messages or orders hangs together by its threads and buyers and goes at once (`amity.site.undo`). People
hang together by nothing but their own records: each portion takes whole persons, and is true for itself. A crash loses
nothing: what is left is taken back when the undo is taken up again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amity.channels.holding import hold_source, keeping_source
from amity.channels.imports import refuse_kept
from amity.channels.models import ImportRun
from amity.channels.stages import TURN
from amity.channels.walking import Way
from amity.conversations.refreshing import reset_clocks
from amity.kernel.live import announce
from amity.site.undo_heirs import hand_over_some, repeated
from amity.site.undo_people import undo_people

PERSONS, ITEMS = 2_000, 20_000
"""Persons, and raw rows, of one portion: about a second."""

# Also where it only told otherwise what another import had brought, or holds rows that another one can read.
_BROUGHT_MORE = """
    SELECT EXISTS (SELECT FROM activity_activity WHERE run_id = %(run)s)
        OR EXISTS (SELECT FROM commerce_orderline WHERE run_id = %(run)s)
        OR EXISTS (SELECT FROM commerce_order WHERE run_id = %(run)s)
        OR EXISTS (SELECT FROM activity_retold t JOIN channels_item i ON i.id = t.item_id WHERE i.run_id = %(run)s)
        OR EXISTS (
            SELECT FROM channels_item i JOIN channels_repeat r ON i.digest = ANY(r.digests) AND r.run_id <> %(run)s
            WHERE i.run_id = %(run)s AND i.state = 'quarantined')
"""
# Whole persons stand together: `n` counts persons.
_NAMED = (
    "DROP TABLE IF EXISTS pg_temp.undo_named",
    """CREATE TEMP TABLE undo_named AS
    SELECT dense_rank() OVER (ORDER BY whose) AS n, id FROM (
        SELECT DISTINCT s.identity_id AS id, COALESCE(l.person_id, s.identity_id) AS whose FROM people_sighting s
        LEFT JOIN people_link l ON l.identity_id = s.identity_id AND l.revoked_at IS NULL
        WHERE s.run_id = %(run)s) named""",
    "CREATE INDEX ON undo_named (n)",
    "ANALYZE undo_named",
)
_KEPT = """
    SELECT id FROM unnest(%(ids)s::uuid[]) AS named(id) WHERE
        EXISTS (SELECT FROM teamwork_promise p WHERE p.about_id = named.id)
        OR EXISTS (SELECT FROM activity_activity w WHERE w.about_id = named.id AND w.run_id IS NULL
                   AND w.staff_id IS NOT NULL)
"""
_HOLD = """
    SELECT c.id FROM conversations_conversation c WHERE c.customer_id IN (
        SELECT k.identity_id FROM people_link l
        JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
        WHERE l.identity_id = ANY(%(ids)s) AND l.revoked_at IS NULL)
    ORDER BY c.id FOR UPDATE
"""
_ITEMS = """
    DELETE FROM channels_item WHERE id IN (
        SELECT id FROM channels_item WHERE run_id = %(run)s ORDER BY position LIMIT %(most)s)
"""


def undo_in_portions(run: ImportRun, way: Way) -> None:
    """Take back what a run of nothing but people brought. What is left of it, if anything, is for `undo_batches`."""
    if run.source_id is None or _ask(_BROUGHT_MORE, {"run": run.id}):
        return
    for batch in repeated(run):
        with _portion(run):
            hand_over_some(run, batch, at=way.clock())
    with connection.cursor() as cursor:
        for statement in _NAMED:
            cursor.execute(statement, {"run": run.id})
    try:
        _take_back(run, _ask("SELECT COALESCE(max(n), 0) FROM undo_named"), way.clock())
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_NAMED[0])
    gone = ITEMS
    while gone:
        with _portion(run), connection.cursor() as cursor:
            cursor.execute(_ITEMS, {"run": run.id, "most": ITEMS})
            gone = cursor.rowcount


def _take_back(run: ImportRun, total: int, at: datetime) -> None:
    for first in range(1, total + 1, PERSONS):
        ids = _ids("SELECT id FROM undo_named WHERE n BETWEEN %s AND %s", [first, first + PERSONS - 1])
        with _portion(run):
            held = _ids(_HOLD, {"ids": ids})
            undo_people(run, _ids(_KEPT, {"ids": ids}), ids)
            reset_clocks(set(held))
            _note(run, {"done": min(first + PERSONS - 1, total), "total": total, "at": at.isoformat()})


@contextmanager
def alone_with_source(run: ImportRun) -> Iterator[None]:
    """While it is taken back no other import of its source goes on: those wait, also between two portions."""
    if run.source_id is None:
        yield
        return
    with keeping_source(run.source_id):
        yield


@contextmanager
def _portion(run: ImportRun) -> Iterator[None]:
    """One transaction in which nobody else writes."""
    assert run.source_id is not None
    with transaction.atomic(), connection.cursor() as cursor:
        hold_source(run.source_id, alone=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
        refuse_kept(run.id)
        yield


def _note(run: ImportRun, told: dict[str, Any]) -> None:
    """How far it is, for the screen."""
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    locked.options["undo"] = told
    locked.save(update_fields=["options"])
    announce("import", run.id, source_id=run.source_id or "")


def _ask(statement: str, parameters: dict[str, Any] | None = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        (found,) = cursor.fetchone() or (None,)
        return found


def _ids(statement: str, parameters: dict[str, Any] | Sequence[Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [id for (id,) in cursor.fetchall()]
