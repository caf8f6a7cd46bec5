"""A disk that is full in the middle of everything: part of `amity bench backup`. Only root can mount a small one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import psycopg

from amity.kernel.errors import DomainError
from amity.site.backup import restoring
from amity.site.backup.making import make_backup
from amity.site.bench.backup import SECRET, Installation, Writers, installation, missing_files

DISK_MB = 420
_KEPT = "SELECT count(*), count(DISTINCT external_id) FROM activity_activity WHERE external_id LIKE 'f-%'"
SMALL = {"max_wal_size": "64MB", "min_wal_size": "32MB", "shared_buffers": "32MB"}


@contextmanager
def small_disk(place: Path, megabytes: int = DISK_MB) -> Iterator[Path]:
    """A file system of this size at `place`. Raises `PermissionError` where none can be mounted."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "amity-bench", str(place)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        raise PermissionError("no file system can be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def run_on(disk: Path, outside: Path, *, seconds: float = 6, messages: int = 6_000) -> dict[str, float]:
    """Fill the disk under writers (rows, files, seals), an import, a backup and a restore; make room; count.

    Figures: `full_failed` writes that were refused aloud, `full_told` those that were confirmed, `full_lost` of these
    that are gone, `full_files_missing`, `full_chain_valid`, `full_imported_lost` and `full_imported_doubled` after the
    import was run again, `full_half_files` of backups, `full_backup_refused`, `full_restore_refused`.
    """
    with installation(disk, SMALL) as one:
        one.migrate()
        made = make_backup(one.here, outside / "backups", at=datetime.now(UTC), secret=SECRET)
        mails = _messages(outside / "mails.jsonl", messages)
        writers = Writers(outside)
        writers.start(one.environ(), rate=200, count=2)
        writers.wait_for(200)
        importing = subprocess.Popen(
            [sys.executable, "-m", "amity", "import", str(mails), "--source", "full"],
            env=one.environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        with _filled(disk, until=time.monotonic() + seconds) as keep_full:
            backup_refused = _is_refused(
                lambda: make_backup(one.here, one.home / "backups", at=datetime.now(UTC), secret=SECRET)
            )
            before = _names(one)
            restore_refused = _is_refused(lambda: _restore_without_asking_for_room(one, made.path))
            touched = _names(one) != before
            keep_full()
            importing.wait(timeout=120)
        one.cluster.ensure_running()
        writers.wait_for(len(writers.told()) + 50)
        failed = writers.stop()
        subprocess.run(importing.args, env=one.environ(), check=True, capture_output=True)
        figures = _count(one, writers, messages)
    return figures | {
        "full_failed": failed,
        "full_backup_refused": float(backup_refused),
        "full_restore_refused": float(restore_refused and not touched),
    }


def _messages(path: Path, count: int) -> Path:
    now = datetime.now(UTC).isoformat()
    with path.open("w") as file:
        for number in range(count):
            sender = {"network": "email", "address": f"full{number % 97}@mail.example", "name": ""}
            message = {
                "type": "message", "id": f"f-{number}", "at": now, "channel": "email", "direction": "in",
                "from": sender, "text": f"The disk was full when I wrote this, for the {number}th time. " * 5,
            }  # fmt: skip
            file.write(json.dumps(message) + "\n")
    return path


@contextmanager
def _filled(disk: Path, *, until: float) -> Iterator[Callable[[], None]]:
    """Take all the room there is, and what becomes free, for as long as `until`; give it back at the end."""
    filler = disk / "filler"

    def fill() -> None:
        with filler.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(bytes(65_536)):
                pass

    def keep_full() -> None:
        while time.monotonic() < until:
            fill()
            time.sleep(0.05)

    fill()
    try:
        yield keep_full
    finally:
        filler.unlink()


def _is_refused(step: Callable[[], object]) -> bool:
    try:
        step()
    except (DomainError, psycopg.Error):
        return True
    return False


def _restore_without_asking_for_room(one: Installation, path: Path) -> None:
    """As if the room had gone only after it was asked for."""
    with mock.patch.object(restoring, "refuse_what_does_not_fit"):
        restoring.restore(path, one.here, one.place, at=datetime.now(UTC), secret=SECRET, replace=True)


def _names(one: Installation) -> set[str]:
    """What a restore that failed must not leave behind or take away, apart from the files that writers add."""
    return {path.name for path in one.home.iterdir()} - {"backups"}


def _count(one: Installation, writers: Writers, messages: int) -> dict[str, float]:
    told = writers.told()
    there = {str(team) for (team,) in one.rows("SELECT id FROM kernel_team")}
    kept = one.rows(
        "SELECT count(*), count(DISTINCT external_id) FROM activity_activity WHERE external_id LIKE 'f-%'"
    )[0]
    backups = one.home / "backups"
    return {
        "full_told": len(told),
        "full_lost": len(told.keys() - there),
        "full_files_missing": missing_files(one.home, set(told.values())),
        "full_imported_lost": messages - kept[1],
        "full_imported_doubled": kept[0] - kept[1],
        "full_half_files": len(list(backups.iterdir())) if backups.exists() else 0,
        "full_chain_valid": float(_chain_holds(one)),
    }


def _chain_holds(one: Installation) -> bool:
    code = (
        "from amity.site.cli.database import django\nwith django():\n    from amity.kernel import sealing\n"
        "    sealing.seal_all()\n    found = sealing.verify()\n    assert found.is_sound and found.sealed > 100, found"
    )
    return subprocess.run([sys.executable, "-c", code], check=False, env=one.environ()).returncode == 0
