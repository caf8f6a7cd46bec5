"""From the former data to the restored ones: both databases change names in one transaction, folders follow.

A note in the home says that a switch is under way, so that one which was killed is finished, or given up, at the next
start. The former data stay: in a database and a folder of their own, until somebody says otherwise.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from amity.kernel.durable import sync_folder
from amity.kernel.postgres import databases
from amity.site.backup.archive import FOLDERS
from amity.site.backup.errors import RestoreRefused
from amity.site.backup.place import FORMER, NEW, Place

NOTE = "switch.json"
STAGE = "restoring"
_BEFORE, _STAMP = "before-", "%Y%m%d_%H%M%S"
KEYS = ("secret_key", "vault_key")


@dataclass(frozen=True, slots=True)
class Switch:
    """`stamp` names the former data; the database `new` and the folder `stage` of the home take their place."""

    stamp: str
    new: str = NEW
    stage: str = STAGE

    @property
    def former(self) -> str:
        return FORMER + self.stamp

    @property
    def folder(self) -> str:
        return folder_of(self.stamp)


def folder_of(stamp: str) -> str:
    """The folder of the home in which the former files and keys of this stamp lie."""
    return _BEFORE + stamp


def stamp_of(at: datetime) -> str:
    """What names the data that are replaced at this instant; `moment_of` reads it."""
    return at.astimezone(UTC).strftime(_STAMP)


def moment_of(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def switch(place: Place, what: Switch) -> None:
    """Put the new data in the place of the former ones. Nobody else may be connected."""
    refuse_mounts(place.home)
    with place.administration() as session:
        others = databases.connected(session, place.name)
        if others:
            raise RestoreRefused(
                f"{others} other programs use the database. End them (amity status) and try again. Nothing was touched."
            )
        _write_note(place.home, what)
        databases.exchange(session, current=place.name, new=what.new, former=what.former)
    _move_folders(place.home, what)
    (place.home / NOTE).unlink()


def finish_interrupted(place: Place) -> bool:
    """Finish a switch that was killed after the databases had changed names, or forget one that was killed before."""
    note = place.home / NOTE
    if not note.exists():
        return False
    what = Switch(**json.loads(note.read_text()))
    with place.administration() as session:
        is_exchanged = databases.exists(session, what.former)
    if is_exchanged:
        _move_folders(place.home, what)
    note.unlink()
    return is_exchanged


def refuse_mounts(home: Path) -> None:
    """A folder that is a file system of its own cannot be moved aside."""
    for name in FOLDERS:
        if (home / name).is_mount():
            raise RestoreRefused(
                f"{home / name} is a file system of its own, so it cannot be exchanged. Mount {home} as a whole. "
                "Nothing was touched."
            )


def _write_note(home: Path, what: Switch) -> None:
    fresh = home / f"{NOTE}.new"
    fresh.write_text(json.dumps(asdict(what)))
    fresh.replace(home / NOTE)
    sync_folder(home)


def _move_folders(home: Path, what: Switch) -> None:
    """Each step is skipped when it was done before: it may be called again after a kill."""
    stage, aside = home / what.stage, home / what.folder
    aside.mkdir(mode=0o711, exist_ok=True)
    for name in (*FOLDERS, *KEYS):
        if not (stage / name).exists():
            continue
        if (home / name).exists() and not (aside / name).exists():
            (home / name).rename(aside / name)
        (stage / name).rename(home / name)
    for folder in (home, aside):
        sync_folder(folder)
    shutil.rmtree(stage, ignore_errors=True)


def stamps(place: Place) -> list[str]:
    """The former data that are kept, oldest first."""
    with place.administration() as session:
        return [name.removeprefix(FORMER) for name in databases.beginning_with(session, FORMER)]


def newest(place: Place) -> str:
    """The stamp of what the last restore replaced."""
    kept = stamps(place)
    if not kept:
        raise RestoreRefused("There are no former data to put back.")
    return kept[-1]


def undo(place: Place, *, stamp: str) -> None:
    """Put the newest former data back; what they replace becomes the former one, under `stamp`."""
    former = newest(place)
    switch(place, Switch(stamp=stamp, new=FORMER + former, stage=folder_of(former)))


def forget(place: Place) -> list[str]:
    """Remove all former data that are kept. There is no way back from this."""
    kept = stamps(place)
    with place.administration() as session:
        for stamp in kept:
            databases.drop(session, FORMER + stamp)
    for folder in place.home.glob(f"{_BEFORE}*"):
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)
    return kept
