"""Import runs walk the corridor: what joins `amity.channels.imports` with `amity.site.corridor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amity.channels import imports, taking, trial
from amity.channels.adapters import LiveAdapter, RawItem, Reader
from amity.channels.holding import holding
from amity.channels.models import ImportRun, Source
from amity.channels.stages import COUNTS, RAW, READER
from amity.channels.walking import Way
from amity.conversations.stages import OPEN_AFTER
from amity.kernel import audit
from amity.kernel.acting import Via, acting, bulk
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict
from amity.kernel.pipeline import Batch, run_stages
from amity.site.corridor import CORRIDOR
from amity.site.undo import undo_batches
from amity.site.undo_portions import alone_with_source, undo_in_portions

OPEN_DAYS = 30

_COUNTS = ("rows_read", "rows_new", "rows_same", "rows_quarantined", "rows_refused")


def prepare(batch: Batch, run: ImportRun) -> None:
    """Conversations whose last word is older than `open_days` (option of the run, None = never) start closed."""
    days = run.options.get("open_days", OPEN_DAYS)
    batch.put(OPEN_AFTER, None if days is None else batch.at - timedelta(days=days))


def _way() -> Way:
    return Way(CORRIDOR, prepare, timezone.now)


def work_on(run_id: UUID, *, actor: Actor = SYSTEM, on_progress: imports.Progress | None = None) -> ImportRun:
    """Import to the end, from wherever the run is."""
    return imports.work_on(run_id, way=_way(), actor=actor, on_progress=on_progress)


def deliver(source: Source, raws: Sequence[RawItem], reader: Reader) -> dict[str, int]:
    """Take in what a live source brings, in one transaction; counts of this delivery."""
    batch = Batch(source_id=source.id, at=timezone.now())
    batch.put(RAW, raws)
    batch.put(READER, reader)
    batch.put(OPEN_AFTER, None)
    with transaction.atomic():
        return run_stages(CORRIDOR, batch).get(COUNTS)


def walk(batch: Batch) -> None:
    """Walk what programs say through the corridor, in the current transaction. Conversations stay open."""
    batch.put(OPEN_AFTER, None)
    run_stages(CORRIDOR, batch)


def replay(run_id: UUID, *, actor: Actor) -> dict[str, int]:
    """Read the quarantine of a run again; counts of this attempt."""
    return imports.replay_quarantine(run_id, way=_way(), actor=actor)


def replay_mailbox(account_id: UUID, *, adapter: LiveAdapter, actor: Actor, at: datetime) -> dict[str, int]:
    """Read once more what could not be read of a mailbox; counts of this attempt.

    Its rows are no entries of the trail each, nor tell there what they hold: the whole is one, with its counts.
    """
    with transaction.atomic():
        with bulk():
            counts = taking.replay(account_id, deliver=deliver, adapter=adapter, at=at)
        audit.record(
            "mailbox.replayed", actor=actor, at=at, subject="account", subject_id=account_id, after=counts
        )
    return counts


def try_out(run_id: UUID) -> dict[str, Any]:
    """Read a whole draft and say what would become of it; nothing is written but the counts."""
    return trial.try_run(run_id, rehearse=_rehearse, clock=timezone.now)


def _rehearse(run: ImportRun, raws: Sequence[RawItem], reader: Reader) -> None:
    """Walk a batch through the whole corridor and leave no trace of it."""
    with transaction.atomic():
        key = str(run.mapping["source"])
        source = imports.ensure_source(key, name=key, adapter="file", at=timezone.now())
        batch = Batch(source_id=source.id, at=timezone.now(), run_id=run.id)
        batch.put(RAW, raws)
        batch.put(READER, reader)
        prepare(batch, run)
        run_stages(CORRIDOR, batch)
        transaction.set_rollback(True)


@contextmanager
def on_the_record(run_id: UUID, action: str, *, via: Via) -> Iterator[None]:
    """Around work on an import: its rows are no entries each, the whole is one, at its end, with its counts.

    Amity acts on behalf of the colleague who brought the import.
    """
    asked_by = ImportRun.objects.filter(pk=run_id).values_list("created_by_id", flat=True).first()
    with acting(SYSTEM, via=via, on_behalf_of=asked_by):
        with bulk():
            yield
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is not None:
            audit.record(
                action, actor=SYSTEM, at=timezone.now(), subject="importrun", subject_id=run_id,
                after={"state": str(run.state), **{name: getattr(run, name) for name in _COUNTS}},
            )  # fmt: skip


def undo(run_id: UUID, *, actor: Actor) -> ImportRun:
    """Take back all that a run brought. Returns when it is done; one process at a time works on a run."""
    with holding(run_id) as held:
        if not held:
            raise Conflict(_("Another process is already working on this import."))
        with transaction.atomic():
            run = imports.begin_undo(run_id, actor=actor, at=timezone.now())
        with alone_with_source(run):
            undo_in_portions(run, _way())
            undo_batches(run, _way())
        with transaction.atomic():
            return imports.end_undo(run_id, actor=actor, at=timezone.now())
