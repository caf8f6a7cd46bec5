"""The files that name somebody who was erased: copies of imports, and what was handed over in the outbox folder.

A copy is needed until its import is over: undoing and replaying lean on what was taken in, not on the file. So a copy
that names them goes as a whole. An import that had not read all of it says that the file has to be brought again.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels.emptying import forget_sent
from amity.channels.imports import FileGone, remove_file, stored_file
from amity.channels.models import ImportRun, RunState
from amity.kernel.erasing import Counts
from amity.kernel.errors import Conflict
from amity.people import raw_items
from amity.people.domain.mentions import mentions_of
from amity.people.sweeping import sweeps

_AT_WORK = (RunState.QUEUED, RunState.RUNNING, RunState.UNDOING)


@sweeps("files", 10)
def sweep_files(scope: dict[str, Any]) -> Counts:
    """Remove them. Raises `Conflict` while an import that names them is being read."""
    who = raw_items.Wanted(frozenset(), mentions_of(scope["addresses"], scope["names"]), short=False)
    gone = 0
    for run in ImportRun.objects.order_by("created_at").select_related("source"):
        if stored_file(run).exists() and raw_items.names_in_file(who, run):
            _remove(run)
            gone += 1
    return {"files/imports": gone, "outbox": forget_sent(scope["messages"])}


def _remove(run: ImportRun) -> None:
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.state in _AT_WORK:
            raise Conflict(_("An import that names them is being read. It is tried again in a minute."))
        if locked.state == RunState.DRAFT:
            locked.delete()
        else:
            locked.shape = locked.shape | {"sample": []}
            if locked.state in (RunState.STOPPED, RunState.FAILED):
                locked.error = FileGone().message
            locked.save(update_fields=["shape", "error"])
        transaction.on_commit(lambda: remove_file(run))
