"""Import runs: a file is stored, read in batches, resumed after a crash, stopped, replayed, undone."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels.adapters import RawItem, adapter
from amity.channels.events import ImportFinished
from amity.channels.holding import hold_source, holding, is_away
from amity.channels.kept_runs import what_keeps
from amity.channels.models import RUN_LIFE, ImportRun, Item, ItemState, RunState, SavedMapping, Source
from amity.channels.walking import Way, config_of, ingest_or_isolate, reader_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Conflict
from amity.kernel.live import announce
from amity.kernel.models import Transition
from amity.kernel.statistics import look_again

log = structlog.get_logger(__name__)

BATCH_ROWS = 1_000
Progress = Callable[[ImportRun], None]


def ensure_source(key: str, *, name: str, adapter: str, at: datetime) -> Source:
    """The source with this key, made if it is new."""
    source, _made = Source.objects.get_or_create(
        key=key[:60], defaults={"name": name[:120] or key, "adapter": adapter, "created_at": at}
    )
    return source


def store_file(
    path: Path, *, actor: Actor, at: datetime, filename: str = "", take: bool = False
) -> ImportRun:
    """Copy a file into the home folder and open a draft run for it. The copy is what will be read, also after a crash.

    `filename` is what people see and may be anything; with `take` the file is moved instead of copied.
    """
    policy.require(actor, "write", "import")
    run_id = uuid4()
    folder = Path(settings.MEDIA_ROOT) / "imports" / str(run_id)
    folder.mkdir(parents=True)
    target = folder / stored_name(filename or path.name)
    try:
        if take:
            shutil.move(path, target)
        elif path.is_dir():
            shutil.copytree(path, target)
        else:
            shutil.copyfile(path, target)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)  # half a copy takes room that is missing
        raise
    return ImportRun.objects.create(
        id=run_id,
        filename=shown_name(filename or path.name),
        stored_path=str(target.relative_to(settings.MEDIA_ROOT)),
        digest=_digest(target),
        size_bytes=target.stat().st_size,
        created_by_id=actor.staff_id,
        created_at=at,
    )


def shown_name(name: str) -> str:
    """The name of a file as people see it: its last part, without control characters, at most 255 characters."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable())[:255] or "file"


def stored_name(name: str) -> str:
    """A name for the disk: the end of the given one, which says the kind, in letters that every file system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", shown_name(name))[-80:].lstrip("._-") or "file"


def _digest(path: Path) -> str:
    if path.is_dir():
        names = "\n".join(sorted(f"{entry.name} {entry.stat().st_size}" for entry in path.rglob("*")))
        return hashlib.sha256(names.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(run: ImportRun, *, kind: str = "file", member: str = "") -> ImportRun:
    """Let the adapter look at the stored file and keep what it makes of it; raises `Unreadable` with what to do."""
    saved = [mapping for (mapping,) in SavedMapping.objects.values_list("mapping")]
    found = adapter(kind).describe(file_to_read(run), saved, member)
    run.shape, run.mapping, run.rows_total = found.shape, found.mapping, found.rows
    run.save(update_fields=["shape", "mapping", "rows_total"])
    return run


def stored_file(run: ImportRun) -> Path:
    return Path(settings.MEDIA_ROOT) / run.stored_path


def file_to_read(run: ImportRun) -> Path:
    """The copy that is read. Raises `FileGone` where it was removed."""
    path = stored_file(run)
    if not path.exists():
        raise FileGone
    return path


def remove_file(run: ImportRun) -> None:
    """Remove the copy that was read. What was taken in stays, and is taken back as before: it leans on no file."""
    shutil.rmtree(stored_file(run).parent, ignore_errors=True)


class FileGone(Conflict):
    """The copy of the file went, because somebody whom it names was erased."""

    code = "import.file_gone"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The file of this import was removed, because it names somebody who was erased. Bring it again: "
                "what is in already stays, and who was erased is left out."
            )
        )


def move(run: ImportRun, to: RunState, *, actor: Actor, at: datetime, why: str = "") -> None:
    """One step in the life of a run, with its row of history. Call it in a transaction that has locked the run."""
    RUN_LIFE.check(run.state, to)
    Transition.objects.create(
        subject="import_run", subject_id=run.id, before=run.state, after=to, staff_id=actor.staff_id, at=at,
        why=why[:200],
    )  # fmt: skip
    run.state = to
    if to in {RunState.DONE, RunState.FAILED, RunState.STOPPED, RunState.UNDONE}:
        run.finished_at = at
    run.error = why if to is RunState.FAILED else ""
    is_told_of_erased = to is RunState.DONE and run.rows_refused > 0
    if is_told_of_erased:
        run.shape = run.shape | {"sample": []}
    run.save(update_fields=["state", "finished_at", "error", "shape"])
    announce("import", run.id, source_id=run.source_id or "")
    if to is RunState.DONE:
        publish(ImportFinished(run.id, at))
    if is_told_of_erased:  # the file names somebody who was erased, and nobody needs it any more
        transaction.on_commit(partial(remove_file, run))


def queue_run(
    run_id: UUID,
    *,
    source: Source,
    mapping: dict[str, Any],
    options: dict[str, Any],
    actor: Actor,
    at: datetime,
) -> ImportRun:
    """Say how a draft is to be read and make it ready to run. `options`: `open_days` (int or None for all)."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        run.source, run.mapping, run.options = source, mapping, options
        run.save(update_fields=["source", "mapping", "options"])
        move(run, RunState.QUEUED, actor=actor, at=at)
    return run


def requeue_run(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Go on with a stopped or failed run where it ended."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        file_to_read(run)
        move(run, RunState.QUEUED, actor=actor, at=at)
    return run


def stop_run(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Ask a run to stop after its current batch. What is in stays in; it can go on later or be undone."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        move(run, RunState.STOPPED, actor=actor, at=at)
    return run


def work_on(
    run_id: UUID,
    *,
    way: Way,
    actor: Actor,
    on_progress: Progress | None = None,
) -> ImportRun:
    """Run a queued (or interrupted) import to its end. Safe to call from several processes: one of them works.

    Each batch is one transaction that holds the rows, everything made of them and the cursor, so that a crash at any
    point loses nothing and doubles nothing: the next call goes on after the last whole batch.
    """
    run = _while_held(run_id, way, actor, on_progress)
    while (
        run.state == RunState.QUEUED
    ):  # stopped and sent on while it was held: whoever came for it went away
        run = _while_held(run_id, way, actor, on_progress)
    return run


def _while_held(run_id: UUID, way: Way, actor: Actor, on_progress: Progress | None) -> ImportRun:
    """Work until the run ends or is stopped; gives it as it stands when nobody holds it any more."""
    with holding(run_id) as held:
        if not held:
            raise Conflict(_("Another process is already working on this import."))
        with transaction.atomic():
            run = ImportRun.objects.select_for_update().get(pk=run_id)
            if run.state == RunState.QUEUED:
                move(run, RunState.RUNNING, actor=actor, at=way.clock())
                run.started_at = run.started_at or way.clock()
                run.save(update_fields=["started_at"])
        if run.state == RunState.RUNNING:
            try:
                _batches(run, way, actor, on_progress)
            except Exception as error:  # the boundary: the run says what stopped it and can go on later
                if is_away(error):
                    raise  # whoever comes next goes on from the cursor
                log.exception("import stopped", run=str(run.id), kind=type(error).__name__)
                _fail(run, error, actor=actor, at=way.clock())
    return ImportRun.objects.get(pk=run_id)


def _fail(run: ImportRun, error: Exception, *, actor: Actor, at: datetime) -> None:
    reason = getattr(error, "reason", "") or _(
        "Amity failed on this file (%(kind)s). It can go on from here."
    ) % {"kind": type(error).__name__}
    with transaction.atomic():
        run.state = ImportRun.objects.select_for_update().get(pk=run.pk).state
        if run.state == RunState.RUNNING:
            move(run, RunState.FAILED, actor=actor, at=at, why=reason)


def _batches(run: ImportRun, way: Way, actor: Actor, on_progress: Progress | None) -> None:
    assert run.source is not None
    items = adapter(run.source.adapter).open(stored_file(run), config_of(run), run.cursor)
    reader = reader_of(run)
    while True:
        raws = list(islice(items, BATCH_ROWS))
        with transaction.atomic():
            hold_source(run.source.id)
            # All of it: somebody may have stopped the run, or had its quarantine read again, meanwhile.
            run.refresh_from_db(from_queryset=ImportRun.objects.select_for_update())
            if run.state != RunState.RUNNING:
                return
            if not raws:
                run.rows_total = run.rows_read
                run.save(update_fields=["rows_total"])
                move(run, RunState.DONE, actor=actor, at=way.clock())
                break
            _advance(run, ingest_or_isolate(raws, run, reader, way), raws, way.clock())
        if len(raws) == BATCH_ROWS:
            look_again()
        if on_progress:
            on_progress(run)
    if on_progress:
        on_progress(run)


def _advance(run: ImportRun, counts: dict[str, int], raws: list[RawItem], at: datetime) -> None:
    run.rows_read += counts["read"]
    run.rows_new += counts["new"]
    run.rows_same += counts["same"]
    run.rows_quarantined += counts["quarantined"]
    run.rows_refused += counts.get("refused", 0)
    run.cursor = list(raws[-1].cursor)
    run.heartbeat_at = at
    run.save(
        update_fields=[
            "rows_read",
            "rows_new",
            "rows_same",
            "rows_quarantined",
            "rows_refused",
            "cursor",
            "heartbeat_at",
        ]
    )
    announce("import", run.id, source_id=run.source_id or "")


def replay_quarantine(run_id: UUID, *, way: Way, actor: Actor) -> dict[str, int]:
    """Read the quarantined items of a run again, with the mapping that the run has now."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        hold_source(ImportRun.objects.values_list("source_id", flat=True).get(pk=run_id))
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        assert run.source is not None
        waiting = Item.objects.filter(run=run, state=ItemState.QUARANTINED).order_by("position")
        raws = [RawItem(item.position, bytes(item.raw), item.content_type) for item in waiting]
        waiting.delete()
        counts = {"read": 0, "new": 0, "same": 0, "quarantined": 0}
        reader = adapter(run.source.adapter).reader(config_of(run))
        for start in range(0, len(raws), BATCH_ROWS):
            found = ingest_or_isolate(raws[start : start + BATCH_ROWS], run, reader, way)
            counts = {key: counts.get(key, 0) + found.get(key, 0) for key in counts | found}
        run.rows_new += counts["new"]
        run.rows_same += counts["same"]
        run.rows_quarantined += counts["quarantined"] - len(raws)
        run.rows_refused += counts.get("refused", 0)
        run.save(update_fields=["rows_new", "rows_same", "rows_quarantined", "rows_refused"])
        announce("import", run.id, source_id=run.source_id or "")
    return counts


def begin_undo(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Mark a finished, stopped or failed run as being undone (again, if a crash interrupted it).

    Raises `Conflict` where something keeps what it brought, such as a legal hold.
    """
    policy.require(actor, "delete", "import")
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    refuse_kept(run_id)
    if run.state != RunState.UNDOING:
        move(run, RunState.UNDOING, actor=actor, at=at)
    return run


def refuse_kept(run_id: UUID) -> None:
    """Raises `Conflict` where something keeps what the run brought. Asked anew in the turn to write, by each portion
    that removes some of it."""
    if why := what_keeps(run_id):
        raise Conflict(why)


def end_undo(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Say that nothing of the run is left. Until then the undo can be taken up again."""
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    move(run, RunState.UNDONE, actor=actor, at=at)
    return run
