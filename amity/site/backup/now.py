"""A backup that somebody asked for on the screen: made by the worker, with its progress for whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict
from amity.kernel.models import WorkspaceSetting
from amity.site.backup import schedule
from amity.site.backup.making import Here, Made
from amity.site.backup.schedule import Plan

UNDER_WAY = "backup_under_way"
SILENT_AFTER = timedelta(minutes=1)
TELL_EVERY = timedelta(seconds=1)
KEPT_BY_HAND = 14


@dataclass(frozen=True, slots=True)
class UnderWay:
    """One that was asked for and is not done. `step` is what is being done, "" before the worker took it up.

    `total_bytes` is the size of the database, of which a dump is a part: a measure, not an end. 0 where it is unknown.
    """

    asked_at: str
    seen_at: str
    step: str = ""
    done_bytes: int = 0
    total_bytes: int = 0

    def is_silent(self, at: datetime) -> bool:
        """Whether nobody has worked on it for so long that something is wrong: most likely no worker runs."""
        return at - datetime.fromisoformat(self.seen_at) > SILENT_AFTER


def under_way() -> UnderWay | None:
    """The one that is being made now, if somebody asked for one."""
    value = WorkspaceSetting.objects.filter(key=UNDER_WAY).values_list("value", flat=True).first()
    return UnderWay(**value) if value else None


@transaction.atomic
def ask(*, actor: Actor, at: datetime) -> None:
    """Have one made by the worker. Raises `Forbidden`, and `Conflict` while another is being made."""
    from amity.site import jobs

    policy.require(actor, "write", "settings")
    kept = under_way()
    if kept is not None and not kept.is_silent(at):
        raise Conflict(_("A backup is being made already."))
    _keep(UnderWay(at.isoformat(), at.isoformat()), at)
    audit.record("backup.asked", actor=actor, at=at)
    jobs.enqueue_backup()


def planned(home: Path) -> Plan:
    """How one is made by hand: as the schedule says, or else without a key into the folder of backups at home."""
    return schedule.kept_plan() or Plan(0, 0, str(home / "backups"), KEPT_BY_HAND, is_on=False)


def make(here: Here, *, clock: Callable[[], datetime]) -> Made:
    """Make the one that was asked for."""
    at = clock()
    kept = under_way()
    asked_at = kept.asked_at if kept else at.isoformat()
    told_at = at - TELL_EVERY

    def tell(step: str, done: int, total: int | None) -> None:
        nonlocal told_at
        now = clock()
        if now - told_at >= TELL_EVERY:
            told_at = now
            _keep(UnderWay(asked_at, now.isoformat(), step, done, total or 0), now)

    try:
        return schedule.make(here, planned(here.home), at=at, tell=tell)
    finally:
        WorkspaceSetting.objects.filter(key=UNDER_WAY).delete()


def _keep(found: UnderWay, at: datetime) -> None:
    WorkspaceSetting.objects.update_or_create(
        key=UNDER_WAY, defaults={"value": asdict(found), "changed_at": at}
    )
