"""How backups stand: the last one, the plan, what lies in the folder, and the one that is being made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.site.backup import now as by_hand
from amity.site.backup import schedule as plans
from amity.site.backup.making import Here, backups_in
from amity.site.backup.now import UnderWay
from amity.site.backup.schedule import Last, Plan


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that lies in the folder."""

    name: str
    size_bytes: int
    made_at: datetime
    is_sealed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """`kept` is newest first; `unreadable` says why the folder cannot be looked into, "" where it can.

    `is_beside`: the backups lie on the disk that they are to outlive.
    """

    last: Last | None
    plan: Plan | None
    making: UnderWay | None
    folder: Path
    is_beside: bool
    kept: list[Kept]
    unreadable: str


def standing(actor: Actor) -> Standing:
    """How backups stand now. Raises `Forbidden`."""
    policy.require(actor, "read", "settings")
    folder = Path(by_hand.planned(settings.HOME).folder)
    kept, unreadable = _kept(folder)
    return Standing(
        plans.last(), plans.kept_plan(), by_hand.under_way(), folder, _is_beside(folder), kept, unreadable
    )


def _kept(folder: Path) -> tuple[list[Kept], str]:
    here = Here(settings.HOME, "", settings.SECRET_KEY, "")
    found = []
    try:
        for path in backups_in(folder, here):
            seen = path.stat()
            made_at = datetime.fromtimestamp(seen.st_mtime).astimezone()
            found.append(Kept(path.name, seen.st_size, made_at, path.suffix == ".sealed"))
    except OSError as error:
        return [], error.strerror or type(error).__name__
    return found[::-1], ""


def _is_beside(folder: Path) -> bool:
    try:
        return folder.stat().st_dev == Path(settings.HOME).stat().st_dev
    except OSError:
        return folder.is_relative_to(settings.HOME)


def instant(text: str) -> datetime | None:
    """An instant as `Last` and `UnderWay` keep it; None for ""."""
    return datetime.fromisoformat(text) if text else None
