"""Making a backup: a snapshot of the database, then the files, streamed into one file that appears when it is whole."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from amity import __version__
from amity.kernel.durable import sync_folder
from amity.site.backup.archive import FOLDERS, FORMAT, SEGMENT_BYTES, ArchiveWriter, Manifest, is_safe
from amity.site.backup.envelope import open_sink
from amity.site.backup.errors import BackupFailed, database_in_words, full_disk_in_words
from amity.site.backup.programs import program
from amity.site.backup.seal import Secret
from amity.site.backup.snapshot import Snapshot, snapshot

if TYPE_CHECKING:
    from amity.kernel.acting import Via

_PARTIAL = ".partial"

Tell = Callable[[str, int, int | None], None]
"""What is being done, bytes done, bytes in all if known."""


def say_nothing(_step: str, _done: int, _total: int | None) -> None:
    """For callers that show no progress."""


@dataclass(frozen=True, slots=True)
class Here:
    """The installation that is saved: where it is and the keys in force."""

    home: Path
    conninfo: str
    secret_key: str
    vault_key: str

    @property
    def installation(self) -> str:
        """Tells the backups of one Amity from those of another in the same folder."""
        return hashlib.sha256(f"amity installation {self.secret_key}".encode()).hexdigest()[:6]

    @property
    def vault_key_mark(self) -> str:
        """Tells whether a vault key is the same, without telling the key."""
        return vault_key_mark(self.vault_key)


def vault_key_mark(key: str) -> str:
    return hashlib.sha256(f"amity vault key mark {key}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup."""

    path: Path
    size_bytes: int
    manifest: Manifest
    removed: int = 0


def make_backup(
    here: Here,
    folder: Path,
    *,
    at: datetime,
    secret: Secret | None = None,
    with_keys: bool = False,
    keep: int = 0,
    tell: Tell = say_nothing,
) -> Made:
    """Save everything into a new file in `folder`, while Amity goes on working.

    With a `secret` it is sealed and holds the keys; without, it holds them only `with_keys`. `keep` removes the
    oldest ones of this installation there, beyond that many. Raises `BackupFailed`, `NoSpace`; then no file is left.
    """
    with full_disk_in_words(folder, what="the backup"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_leftovers(folder)
        target = folder / name_of(here, at, sealed=secret is not None)
        if target.exists():
            raise BackupFailed(f"{target} is there already. Nothing was written.")
        with _whole_or_not_at_all(target) as file:
            sink = open_sink(file, secret)
            with database_in_words(BackupFailed, what="it was read"), snapshot(here.conninfo) as moment:
                manifest = _write(
                    ArchiveWriter(sink), here, moment, at, with_keys or secret is not None, tell
                )
            sink.finish()
    removed = remove_old(folder, here, keep) if keep else 0
    return Made(target, target.stat().st_size, manifest, removed)


def name_of(here: Here, at: datetime, *, sealed: bool) -> str:
    """`amity-1a2b3c-20260317-093000.tar`, with `.sealed` behind it if it is."""
    stamp = at.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    return f"amity-{here.installation}-{stamp}.tar{'.sealed' if sealed else ''}"


def backups_in(folder: Path, here: Here) -> list[Path]:
    """The backups of this installation in a folder, oldest first."""
    pattern = re.compile(rf"amity-{here.installation}-\d{{8}}-\d{{6}}\.tar(\.sealed)?")
    return sorted(
        (path for path in folder.glob("amity-*") if pattern.fullmatch(path.name)),
        key=lambda path: path.name.split(".")[0],
    )


def remove_old(folder: Path, here: Here, keep: int) -> int:
    """Remove all but the newest `keep`; returns how many went."""
    old = backups_in(folder, here)[:-keep]
    for path in old:
        path.unlink()
    return len(old)


@contextmanager
def _whole_or_not_at_all(target: Path) -> Iterator[BinaryIO]:
    """A file that has its name only when everything is in it and on the disk."""
    partial = target.with_name(target.name + _PARTIAL)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # whoever finds it locked knows that it is being written
            yield file
            file.flush()
            os.fsync(file.fileno())
            partial.rename(target)
        sync_folder(target.parent)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _remove_leftovers(folder: Path) -> None:
    """Half files of backups that were killed."""
    for partial in folder.glob(f"amity-*{_PARTIAL}"):
        with partial.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            partial.unlink()


def _write(
    archive: ArchiveWriter, here: Here, moment: Snapshot, at: datetime, with_keys: bool, tell: Tell
) -> Manifest:
    size = moment.size_bytes()
    _dump(archive, here, moment, lambda done: tell("database", done, size))
    counts = moment.counts()  # of the same moment, whatever was written since
    if with_keys:
        archive.put("keys/secret_key", here.secret_key.encode())
        archive.put("keys/vault_key", here.vault_key.encode())
    changed = _put_files(archive, here.home, tell)
    manifest = Manifest(
        format=FORMAT,
        version=__version__,
        made_at=at.astimezone(UTC).isoformat(),
        installation=here.installation,
        postgres_major=moment.server_major,
        database_bytes=size,
        counts=counts,
        migrations=moment.migrations(),
        audit=moment.audit_head(),
        dump_bytes=archive.dump_bytes,
        dump_sha256=archive.dump.hexdigest(),
        files=archive.files,
        files_bytes=archive.files_bytes,
        files_sha256=archive.files_sha256,
        has_keys=with_keys,
        vault_key_mark=here.vault_key_mark,
        changed_while_read=changed,
    )
    archive.put("manifest.json", manifest.to_json())
    archive.close()
    return manifest


def without_password(conninfo: str) -> tuple[str, dict[str, str]]:
    """An address for the arguments of a program, which everybody here can read, and an environment with the rest."""
    parts = conninfo_to_dict(conninfo)
    environ = _environ()
    if parts.get("password"):
        environ["PGPASSWORD"] = str(parts.pop("password"))
    return make_conninfo("", **parts), environ


def _dump(archive: ArchiveWriter, here: Here, moment: Snapshot, told: Callable[[int], None]) -> None:
    address, environ = without_password(here.conninfo)
    command = [
        str(program("pg_dump", server_major=moment.server_major)), "--format=custom", "--no-owner", "--no-privileges",
        "--compress=1", f"--snapshot={moment.name}", f"--dbname={address}",
    ]  # fmt: skip
    # a file, not a pipe: nobody reads it while pg_dump writes, and it could wait for us for ever
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, env=environ) as process:
            try:
                assert process.stdout is not None  # for the type checker: it is a pipe
                while segment := process.stdout.read(SEGMENT_BYTES):
                    archive.put_segment(segment)
                    told(archive.dump_bytes)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            complaints.seek(0)
            raise BackupFailed(f"pg_dump could not read the database: {first_words(complaints.read())}")


def _environ() -> dict[str, str]:
    """What decides where libpq looks and how it speaks is not inherited."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}


def first_words(complaint: bytes) -> str:
    """The first line of what a program complained of, without values (they follow in DETAIL)."""
    return complaint.decode(errors="replace").strip().split("\n")[0][:400]


def _put_files(archive: ArchiveWriter, home: Path, tell: Tell) -> list[str]:
    """All files of the home's folders. After the snapshot: what its rows name was written before them.

    Returns the names of those that became shorter while they were read, or that no name can be given.
    """
    changed = []
    for name, path in _files_below(home):
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                is_whole = is_safe(name) and archive.put_file(name, size, file)
        except FileNotFoundError:
            continue  # removed since the folder was read
        if not is_whole:
            changed.append(name.encode(errors="replace").decode())
        tell("files", archive.files_bytes, None)
    return changed


def _files_below(home: Path) -> Iterator[tuple[str, Path]]:
    for folder in FOLDERS:
        for parent, folders, names in os.walk(home / folder):
            folders.sort()
            for name in sorted(names):
                path = Path(parent) / name
                if path.is_file() and not path.is_symlink():
                    yield str(path.relative_to(home)), path


def note_backup(made: Made, *, via: Via, at: datetime) -> None:
    """A backup is a copy of everything: that it was made stands in the audit trail. Django must be set up."""
    from amity.kernel import audit
    from amity.kernel.acting import acting
    from amity.kernel.actor import SYSTEM

    after = {"file": made.path.name, "size_bytes": made.size_bytes, "has_keys": made.manifest.has_keys}
    with acting(SYSTEM, via=via):
        audit.record("backup.made", actor=SYSTEM, at=at, after=after)
