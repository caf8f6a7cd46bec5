"""Backups that are made by themselves, and what came of the last one. Set up on the machine (`amity backup schedule`):
where files of everything are written, and with which key, is not for somebody at a browser. When, and whether, is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict, DomainError, Invalid
from amity.kernel.models import WorkspaceSetting
from amity.kernel.workspace import take_turn
from amity.site.backup import reading
from amity.site.backup.making import Here, Made, Tell, make_backup, note_backup, say_nothing
from amity.site.backup.seal import Secret

if TYPE_CHECKING:
    from amity.kernel.acting import Via

PLAN, LAST = "backup_plan", "backup_last"
TRY_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Each day at `hour`:`minute` (UTC) into `folder`; the newest `keep` stay. Sealed if there is a key file.

    One that is not `is_on` is kept, so that it can be switched on again without its folder and key being named anew.
    """

    hour: int
    minute: int
    folder: str
    keep: int
    key_file: str = ""
    is_on: bool = True

    def due_since(self, at: datetime) -> datetime:
        """The last time before `at` when a backup was due."""
        today = at.astimezone(UTC).replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return today if today <= at else today - timedelta(days=1)

    def loses(self, *, is_on: bool | None, keep: int | None) -> bool:
        """Whether fewer backups would be kept, or none be made any more; None leaves it as it is."""
        return (self.is_on and is_on is False) or (keep is not None and keep < self.keep)

    def secret(self) -> Secret | None:
        return Secret.key_file(Path(self.key_file).read_bytes()) if self.key_file else None


@dataclass(frozen=True, slots=True)
class Last:
    """What came of the last attempt. `made_at` is that of the last one that succeeded, empty if none did.

    `verified_at` is when that file was read back, every byte of it, and found as it was written; `doubt` what was found
    wrong instead.
    """

    tried_at: str
    made_at: str
    file: str = ""
    size_bytes: int = 0
    seconds: float = 0.0
    why: str = ""
    folder: str = ""
    verified_at: str = ""
    doubt: str = ""


def plan() -> Plan | None:
    """The plan in force, if there is one."""
    kept = kept_plan()
    return kept if kept and kept.is_on else None


def kept_plan() -> Plan | None:
    """The plan as it was set up, also if it is switched off."""
    value = _value(PLAN)
    return Plan(**value) if value else None


def last() -> Last | None:
    """The last attempt, by whomever, if there was one."""
    value = _value(LAST)
    return Last(**value) if value else None


def set_plan(wanted: Plan | None, *, at: datetime) -> None:
    """Have backups made from now on, or no longer. Raises `Invalid` for a folder or key that cannot be used."""
    if wanted is not None:
        if not Path(wanted.folder).is_absolute():
            raise Invalid("The folder of backups needs its whole path: --to /mnt/backups")
        try:
            wanted.secret()
        except OSError as error:
            raise Invalid(f"The key file cannot be read: {error.strerror}.") from error
    with acting(SYSTEM, via="command"):
        _keep(PLAN, asdict(wanted) if wanted else {}, at=at)


@transaction.atomic
def change_plan(
    *, actor: Actor, at: datetime, is_on: bool | None = None, hour: int | None = None, minute: int | None = None,
    keep: int | None = None, unchanged: Callable[[Plan], None] | None = None,
) -> Plan:  # fmt: skip
    """Have them made at another time, keep another number, switch them off or on; returns the plan before, for undo.

    Raises `Forbidden`; `Conflict` where none was set up on the machine, and so nobody said where to. `unchanged` may
    refuse: it sees the plan in the turn of this change, when nobody else writes it.
    """
    policy.require(actor, "write", "settings")
    take_turn()
    before = kept_plan()
    if before is None:
        raise Conflict(_("No schedule is set up yet. That is done on the machine: amity backup schedule"))
    if unchanged is not None:
        unchanged(before)
    given = {"is_on": is_on, "hour": hour, "minute": minute, "keep": keep}
    wanted = Plan(**(asdict(before) | {name: value for name, value in given.items() if value is not None}))
    _keep(PLAN, asdict(wanted), at=at, by=actor)
    return before


def is_due(wanted: Plan, before: Last | None, at: datetime) -> bool:
    """Whether one is to be made now: none since its hour came, and none that failed within the last hour."""
    if before is None:
        return True
    if before.why and at - datetime.fromisoformat(before.tried_at) < TRY_AGAIN_AFTER:
        return False
    return not before.made_at or datetime.fromisoformat(before.made_at) < wanted.due_since(at)


def make_if_due(here: Here, *, at: datetime) -> Made | None:
    """Make the backup of today if it is due. A failure is kept for the Status screen, and raised."""
    wanted, before = plan(), last()
    if wanted is None or not is_due(wanted, before, at):
        return None
    return make(here, wanted, at=at)


def make(here: Here, wanted: Plan, *, at: datetime, tell: Tell = say_nothing) -> Made:
    """Make one as the plan says, read it back, and keep what came of it. A failure is kept, and raised."""
    started, before = time.monotonic(), last()
    try:
        secret = wanted.secret()
        made = make_backup(here, Path(wanted.folder), at=at, secret=secret, keep=wanted.keep, tell=tell)
    except (DomainError, OSError) as error:
        why = str(error)
        if isinstance(error, OSError):
            why = f"The key file cannot be read: {error.strerror}."
        tried = replace(before or Last("", ""), tried_at=at.isoformat(), why=why)
        _keep(LAST, asdict(tried), at=at)
        raise
    remember(made, at=at, seconds=time.monotonic() - started, via="job")
    _read_back(made.path, secret, at=at, tell=tell)
    return made


def _read_back(path: Path, secret: Secret | None, *, at: datetime, tell: Tell) -> None:
    """A file that cannot be read again is no backup: better known tonight than on the day it is needed."""
    tell("check", 0, None)
    try:
        reading.verify(path, secret)
    except (DomainError, OSError) as error:
        note_read(path, at=at, doubt=str(error))
        raise
    note_read(path, at=at)


@transaction.atomic
def note_read(path: Path, *, at: datetime, doubt: str = "") -> bool:
    """Keep that this file was read back, and found as it was written or with a `doubt`; whether it is the last one.

    Only of the last one anything is kept. Whoever reads it, the worker or a command, it is told the same way.
    """
    take_turn()  # another one may be made meanwhile
    found = last()
    if found is None or found.file != path.name or Path(found.folder) != path.resolve().parent:
        return False
    verified_at = "" if doubt else at.isoformat()
    _keep(LAST, asdict(replace(found, verified_at=verified_at, doubt=doubt)), at=at)
    return True


def remember(made: Made, *, at: datetime, seconds: float, via: Via) -> None:
    """Keep what came of a backup, for the screens and the audit trail."""
    note_backup(made, via=via, at=at)
    folder = str(made.path.parent.resolve())
    found = Last(
        at.isoformat(), at.isoformat(), made.path.name, made.size_bytes, round(seconds, 1), folder=folder
    )
    _keep(LAST, asdict(found), at=at)


def _value(key: str) -> dict[str, Any]:
    found: dict[str, Any] | None = (
        WorkspaceSetting.objects.filter(key=key).values_list("value", flat=True).first()
    )
    return found or {}


def _keep(key: str, value: dict[str, Any], *, at: datetime, by: Actor | None = None) -> None:
    changed = {"value": value, "changed_at": at, "changed_by_id": by.staff_id if by else None}
    WorkspaceSetting.objects.update_or_create(key=key, defaults=changed)
