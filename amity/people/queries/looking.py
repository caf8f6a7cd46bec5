"""Whether duplicates are being looked for now, how far that is, and what came of the last look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection

from amity.kernel.actor import Actor
from amity.kernel.models import WorkspaceSetting
from amity.people.queries.proposed import LAST_LOOK, sees_all

LOOK = "people.look_for_duplicates"
"""The job that does it, by its name."""
AT_NIGHT = f"{LOOK}_at_night"
LOOKING = 4_171_011  # any number, the same for every look: its advisory lock
UNDER_WAY = "duplicates_looking"
"""The setting that says how far a look is. It goes when the look is over."""
_IS_ALIVE = """
    SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = ANY(%s) AND status IN ('todo', 'doing'))
        OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid = 0 AND objid = %s
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


class Step(StrEnum):
    """What a look does, in its order."""

    WAITING = "waiting"
    READING = "reading"
    LEARNING = "learning"
    COMPARING = "comparing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Look:
    """`step` is None while nothing is under way; `broke_off` says that the newest one did not reach its end. `left` is
    a forecast by how long the last one took. `last` has `at`, `people`, `proposed`, `linked`, `took_s`."""

    step: Step | None = None
    people: int = 0
    left: timedelta | None = None
    broke_off: bool = False
    last: Mapping[str, Any] | None = None

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1, by steps."""
        return list(Step).index(self.step) / len(Step) if self.step else 1.0

    @property
    def last_at(self) -> datetime | None:
        return datetime.fromisoformat(self.last["at"]) if self.last else None


def look_of(actor: Actor, now: datetime) -> Look:
    """How far looking for duplicates is; says nothing to who does not see all sources."""
    if not sees_all(actor):
        return Look()
    kept = dict(WorkspaceSetting.objects.filter(key__in=[LAST_LOOK, UNDER_WAY]).values_list("key", "value"))
    last, told = kept.get(LAST_LOOK), kept.get(UNDER_WAY)
    if told is None:
        return Look(last=last)
    if not is_alive():
        return Look(broke_off=True, last=last)
    step, began = Step(told["step"]), datetime.fromisoformat(told["at"])
    took = timedelta(seconds=float(last.get("took_s", 0))) if last else timedelta()
    left = took - (now - began) if step is not Step.WAITING else timedelta()
    return Look(step, int(told["people"]), left if left > timedelta() else None, last=last)


def is_alive() -> bool:
    """Whether a worker has it or will have it, or somebody does it on the command line."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_ALIVE, [[LOOK, AT_NIGHT], LOOKING])
        row = cursor.fetchone()
    return bool(row and row[0])
