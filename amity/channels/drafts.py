"""What happens to an import before and around its run: its mapping, its source, its start, its second try."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from amity.channels import imports
from amity.channels.adapters.file.guess_kinds import SAVED
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import Container, Shape
from amity.channels.adapters.file.workbook import sheets_of
from amity.channels.models import ImportRun, RunState, SavedMapping, Source
from amity.channels.reading import CHOSEN, describe_run, source_name, time_zone_of
from amity.channels.records import Unreadable
from amity.channels.trial_notes import keep_trial, take_trial
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.live import announce

log = structlog.get_logger(__name__)

OPEN_DAYS = {"30": 30, "all": None, "none": 0}
"""Which conversations of an import wait in the inbox: those of the last 30 days, all, or none."""

CHANGEABLE = frozenset({RunState.DRAFT, RunState.STOPPED, RunState.FAILED, RunState.DONE})
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def change_mapping(
    run_id: UUID,
    mapping: dict[str, Any] | None,
    *,
    actor: Actor,
    options: dict[str, Any] | None = None,
    unchanged: Callable[[ImportRun], None] | None = None,
) -> ImportRun:
    """Keep how a file is to be read, as far as it is chosen by now. Its trial is forgotten, for it was of another one.

    Of a run that has begun only the rows that were not taken are read with it; its source stays what it was. A mapping
    that is None stays what it is when the run is locked, whoever changed it until then. `unchanged` may refuse: it sees
    the run while it is locked for this change.
    """
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if unchanged is not None:
            unchanged(run)
        if run.state == RunState.UNDONE:
            raise Conflict(_("This import was taken back. Import the file again to have it read otherwise."))
        if run.state not in CHANGEABLE:
            raise Conflict(_("This import is being worked on. Stop it first."))
        if mapping is None:
            mapping = run.mapping
        elif run.state != RunState.DRAFT:
            mapping = {**mapping, "source": run.mapping.get("source", mapping.get("source", ""))}
        trial = take_trial(run)
        if mapping != run.mapping:
            trial = None
            run.options[CHOSEN] = True  # the next such file is read so, too
        run.mapping, run.options = mapping, {**run.options, **(options or {})}
        run.save(update_fields=["mapping", "options"])
        if trial is not None:
            keep_trial(run, trial)
    return run


def choose_sheet(run_id: UUID, name: str, *, actor: Actor) -> ImportRun:
    """Read another sheet of a workbook: what its columns mean is guessed anew. Raises `Invalid` with the reason."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.DRAFT:
            raise Conflict(_("This import has begun already."))
        if name not in sheets(run):
            raise Invalid(_("Choose one of the sheets in the list."), fields={"sheet": "unknown"})
        take_trial(run)
        try:
            describe_run(run, time_zone=time_zone_of(run), member=name)
        except Unreadable as error:
            raise Invalid(error.reason, fields={"sheet": "unreadable"}) from error
    return run


def sheets(run: ImportRun) -> list[str]:
    """The sheets of a workbook that can be read, in their order; of any other file none."""
    if run.shape.get("container") != Container.XLSX:
        return []
    path = imports.stored_file(run)
    return sheets_of(path) if path.exists() else []


def problems_of(run: ImportRun) -> list[str]:
    """Why this run cannot be read as it stands, in words that say what to do; empty where it can."""
    if not run.mapping:
        return [_("Nobody has said yet which column means what. Choose what the file holds.")]
    found = Mapping.from_json(run.mapping).problems(Shape.from_json(run.shape))
    return [problem.reason for problem in found]


def start(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Begin a draft: make or find its source, queue it, tell a worker. Refuses with `Invalid` what cannot be read."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        require_readable(run)
        source = source_for(run, actor=actor, at=at)
        take_trial(run)
        run = imports.queue_run(
            run_id, source=source, mapping=run.mapping, options=run.options, actor=actor, at=at
        )
        tell_worker("site.import", "import", run_id)
    return run


def require_described(run: ImportRun) -> None:
    """Refuse with `Invalid` a file that nobody can read at all."""
    if not run.shape:
        raise Invalid(run.error or _("Nobody can read this file."))


def require_readable(run: ImportRun) -> None:
    """Refuse with `Invalid` a run whose mapping does not fit its file."""
    if problems := problems_of(run):
        raise Invalid(" ".join(problems), fields={"mapping": problems[0]})


def source_for(run: ImportRun, *, actor: Actor, at: datetime) -> Source:
    """The source that a draft names, made if it is new. Only file sources that the actor sees may be added to."""
    key = str(run.mapping.get("source", ""))
    if not _SLUG.fullmatch(key):
        raise Invalid(
            _("Give the source a key of small letters, digits and hyphens, such as “web-shop”."),
            fields={"source": "key"},
        )
    name = str(run.options.get("source_name") or source_name(run.mapping))
    source = imports.ensure_source(key, name=name, adapter="file", at=at)
    if source.adapter != "file" or not Source.objects.visible_to(actor).filter(pk=source.pk).exists():
        raise Invalid(_("This key is taken. Choose another one for the source."), fields={"source": "taken"})
    return source


def go_on(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Go on with a stopped or failed run where it ended."""
    with transaction.atomic():
        run = imports.requeue_run(run_id, actor=actor, at=at)
        tell_worker("site.import", "import", run_id)
    return run


def undo(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Have a worker take back all that a run brought."""
    with transaction.atomic():
        run = imports.begin_undo(run_id, actor=actor, at=at)
        tell_worker("site.undo_import", "undo", run_id)
    return run


def replay(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Have a worker read the rows again that were not taken, with the mapping that the run has now."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state not in CHANGEABLE - {RunState.DRAFT}:
            raise Conflict(_("This import is being worked on. Try again when it has ended."))
        require_readable(run)
        run.options["replay"] = {"state": "waiting", "rows": run.rows_quarantined, "at": at.isoformat()}
        run.save(update_fields=["options"])
        announce("import", run.id)
        tell_worker("site.replay_import", "replay", run_id)
    return run


def note_replay(run_id: UUID, found: dict[str, Any]) -> None:
    """Keep what came of a second try: `state` is `done` with counts, or `failed` with `why`."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        run.options["replay"] = found
        run.save(update_fields=["options"])
        announce("import", run.id)


def begin_trial(run_id: UUID, *, actor: Actor, at: datetime) -> ImportRun:
    """Have a worker read a whole draft without writing anything of it; the counts appear in `options["trial"]`."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.DRAFT:
            raise Conflict(_("This import has begun already."))
        require_readable(run)
        imports.file_to_read(run)
        take_trial(run)
        run.options["trial"] = {"state": "waiting", "at": at.isoformat()}
        run.save(update_fields=["options"])
        announce("import", run.id)
        tell_worker("site.try_import", "trial", run_id)
    return run


def stop_trial(run_id: UUID, *, actor: Actor) -> ImportRun:
    """End a trial after its current batch."""
    policy.require(actor, "write", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if take_trial(run):
            announce("import", run.id)
    return run


def discard(run_id: UUID, *, actor: Actor) -> None:
    """Remove a draft and its file. Nothing of it was ever taken in."""
    policy.require(actor, "delete", "import")
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.DRAFT:
            raise Conflict(_("This import has begun. Undo it instead."))
        folder = imports.stored_file(run).parent
        take_trial(run)
        run.delete()
        announce("import", run_id)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def save_mapping(run_id: UUID, name: str, *, actor: Actor, at: datetime) -> SavedMapping:
    """Keep the mapping of a run for the next file with the same columns; an older one of this name is replaced."""
    policy.require(actor, "write", "import")
    run = ImportRun.objects.get(pk=run_id)
    name = " ".join(name.split())[:120]
    if not name or not run.mapping:
        raise Invalid(_("Give the mapping a name."), fields={"saved_name": _("Give the mapping a name.")})
    columns = list(run.shape.get("columns", []))
    slug = f"{SAVED}{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'mapping'}"[:60]
    mapping = {**run.mapping, "name": slug, "title": name, "recognise": columns}
    saved, _made = SavedMapping.objects.update_or_create(
        name=name,
        defaults={
            "columns": columns,
            "mapping": mapping,
            "created_by_id": actor.staff_id,
            "created_at": at,
        },
    )
    return saved


def saved_mappings(actor: Actor) -> QuerySet[SavedMapping]:
    """The mappings that were kept for further files, by name. Raises `Forbidden`."""
    policy.require(actor, "write", "import")
    return SavedMapping.objects.order_by("name")


def forget_mapping(mapping_id: UUID, *, actor: Actor) -> None:
    """Read no further file by a saved mapping. What was imported with it stays. Raises `NotFound`."""
    policy.require(actor, "delete", "import")
    gone, _by_model = SavedMapping.objects.filter(pk=mapping_id).delete()
    if not gone:
        raise NotFound(_("This mapping is gone."))


def tell_worker(task: str, what: str, run_id: UUID) -> None:
    """Enqueue a task of the site for a run, once; it is named because its package lies downstream."""
    try:
        with transaction.atomic():
            app.configure_task(task, queueing_lock=f"{what}:{run_id}").defer(run_id=str(run_id))
    except AlreadyEnqueued:
        log.info("import waits in the queue already", run=str(run_id), task=task)
