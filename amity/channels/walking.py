"""Raw items walk the corridor: a batch at a time, an odd item alone, never half of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from amity.channels.adapters import RawItem, Reader, adapter
from amity.channels.holding import is_away
from amity.channels.models import ImportRun, Item
from amity.channels.records import Unreadable
from amity.channels.stages import COUNTS, RAW, READER, quarantine_one
from amity.kernel.pipeline import Batch, Stage, run_stages

log = structlog.get_logger(__name__)

MOST_ODD = 20
LEAN_ON = 200
"""Rows that are read again before a run goes on."""
Prepare = Callable[[Batch, ImportRun], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Way:
    """How batches walk: through which stages, prepared how, at whose time."""

    corridor: Sequence[Stage]
    prepare: Prepare
    clock: Clock


def config_of(run: ImportRun) -> dict[str, Any]:
    """What the adapter needs to read this run."""
    return {"shape": run.shape, "mapping": run.mapping}


def reader_of(run: ImportRun, before: int | None = None) -> Reader:
    """A reader of this run that has seen its last rows, or those `before` a place: in some exports a row leans on the
    one before it."""
    assert run.source is not None
    reader = adapter(run.source.adapter).reader(config_of(run))
    seen = (
        Item.objects.filter(run=run) if before is None else Item.objects.filter(run=run, position__lt=before)
    )
    for item in reversed(seen.order_by("-position")[:LEAN_ON]):
        with suppress(Unreadable):
            reader(RawItem(item.position, bytes(item.raw), item.content_type))
    return reader


def ingest(
    raws: Sequence[RawItem],
    run: ImportRun,
    reader: Reader,
    way: Way,
) -> Batch:
    """Walk raw items through the corridor in the current transaction."""
    assert run.source_id is not None
    batch = Batch(source_id=run.source_id, at=way.clock(), run_id=run.id)
    batch.put(RAW, raws)
    batch.put(READER, reader)
    way.prepare(batch, run)
    run_stages(way.corridor, batch)
    # What would only break the commit breaks here, where it can be isolated.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return batch


def ingest_or_isolate(
    raws: Sequence[RawItem],
    run: ImportRun,
    reader: Reader,
    way: Way,
    budget: list[int] | None = None,
) -> dict[str, int]:
    """Like `ingest`, but one item that breaks a stage is quarantined alone instead of stopping the others.

    A batch that fails is halved until the odd item stands alone. When more than `MOST_ODD` items of one batch break,
    it is not the items: the error rises, and the run stops where it was. So do connection errors.
    """
    budget = [MOST_ODD] if budget is None else budget
    try:
        with transaction.atomic():
            return ingest(raws, run, reader, way).get(COUNTS)
    except Exception as error:  # the boundary: whatever an odd item does, the rest goes on and it is kept
        if is_away(error):
            raise
        log.warning(
            "batch is halved to find the odd item",
            run=str(run.id),
            items=len(raws),
            kind=type(error).__name__,
        )
        if len(raws) == 1:
            budget[0] -= 1
            if budget[0] < 0:
                raise
            kept = Batch(source_id=_source_of(run), at=way.clock(), run_id=run.id)
            return quarantine_one(
                raws[0], kept, f"Amity failed on this ({type(error).__name__}: {error}). Replay it later."
            )
    half = len(raws) // 2
    first = ingest_or_isolate(raws[:half], run, reader_of(run), way, budget)
    second = ingest_or_isolate(raws[half:], run, reader_of(run), way, budget)
    return {key: first.get(key, 0) + second.get(key, 0) for key in first | second}


def _source_of(run: ImportRun) -> UUID:
    assert run.source_id is not None
    return run.source_id
