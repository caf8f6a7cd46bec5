"""What a trial found, in the options of its draft. It quotes rows of the file, so the audit trail never tells it.

What the trail holds is looked through for what somebody is called when they are erased; a mistyped address of theirs,
which is just what a trial quotes, would not be found there.
"""

from __future__ import annotations

from typing import Any

from amity.channels.models import ImportRun
from amity.kernel.acting import bulk


def take_trial(run: ImportRun) -> dict[str, Any] | None:
    """Take it off a run that is locked, and return it: what is saved next has it on neither side of its entry."""
    trial: dict[str, Any] | None = run.options.pop("trial", None)
    if trial is not None:
        _save(run)
    return trial


def keep_trial(run: ImportRun, trial: dict[str, Any]) -> None:
    """Keep it with a run that is locked."""
    run.options["trial"] = trial
    _save(run)


def _save(run: ImportRun) -> None:
    with bulk():
        run.save(update_fields=["options"])
