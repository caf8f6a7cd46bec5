"""Backups that are made by themselves, and what came of the last one. Set up on the machine (`amity backup schedule`):
where files of everything are written, and with which key, is not for somebody at a browser."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import DomainError, Invalid
from amity.kernel.models import WorkspaceSetting
from amity.site.backup.making import Here, Made, make_backup, note_backup
from amity.site.backup.seal import Secret

if TYPE_CHECKING:
    from amity.kernel.acting import Via

PLAN, LAST = "backup_plan", "backup_last"
TRY_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Each day at `hour`:`minute` (UTC) into `folder`; the newest `keep` stay. Sealed if there is a key file."""

    hour: int
    minute: int
    folder: str
    keep: int
    key_file: str = ""

    def due_since(self, at: datetime) -> datetime:
        """The last time before `at` when a backup was due."""
        today = at.astimezone(UTC).replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return today if today <= at else today - timedelta(days=1)

    def secret(self) -> Secret | None:
        return Secret.key_file(Path(self.key_file).read_bytes()) if self.key_file else None


@dataclass(frozen=True, slots=True)
class Last:
    """What came of the last attempt. `made_at` is that of the last one that succeeded, empty if none did."""

    tried_at: str
    made_at: str
    file: str = ""
    size_bytes: int = 0
    seconds: float = 0.0
    why: str = ""


def plan() -> Plan | None:
    """The plan in force, if there is one."""
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
    started = time.monotonic()
    try:
        made = make_backup(here, Path(wanted.folder), at=at, secret=wanted.secret(), keep=wanted.keep)
    except (DomainError, OSError) as error:
        why = (
            error.message
            if isinstance(error, DomainError)
            else f"The key file cannot be read: {error.strerror}."
        )
        _keep(LAST, asdict(Last(at.isoformat(), before.made_at if before else "", why=why)), at=at)
        raise
    remember(made, at=at, seconds=time.monotonic() - started, via="job")
    return made


def remember(made: Made, *, at: datetime, seconds: float, via: Via) -> None:
    """Keep what came of a backup, for the Status screen and the audit trail."""
    note_backup(made, via=via, at=at)
    found = Last(at.isoformat(), at.isoformat(), made.path.name, made.size_bytes, round(seconds, 1))
    _keep(LAST, asdict(found), at=at)


def _value(key: str) -> dict[str, Any]:
    found: dict[str, Any] | None = (
        WorkspaceSetting.objects.filter(key=key).values_list("value", flat=True).first()
    )
    return found or {}


def _keep(key: str, value: dict[str, Any], *, at: datetime) -> None:
    WorkspaceSetting.objects.update_or_create(key=key, defaults={"value": value, "changed_at": at})
