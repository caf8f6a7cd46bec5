"""A backup into an empty database and an empty folder, as far as nothing that is in use is touched."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg

from amity.site.backup.archive import FOLDERS, Manifest
from amity.site.backup.errors import BadBackup, RestoreRefused, full_disk_in_words
from amity.site.backup.making import first_words, without_password
from amity.site.backup.programs import program
from amity.site.backup.reading import read_backup
from amity.site.backup.seal import Secret
from amity.site.backup.snapshot import counts, migrations

Erasures = list[tuple[str, str, str]]
"""Kind, subject and time (ISO) of what was erased."""


@dataclass(slots=True)
class Unpacker:
    """Takes the contents: the dump goes into pg_restore, files below `stage`, keys stay here."""

    stage: Path
    pipe: IO[bytes]
    keys: dict[str, str] = field(default_factory=dict)
    has_failed: bool = False

    def database(self, part: bytes) -> None:
        if self.has_failed:
            return
        try:
            self.pipe.write(part)
        except BrokenPipeError:  # it says why in its exit code and complaints; the rest is still verified
            self.has_failed = True

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """Names were checked to stay below their folder; there is nothing in it that could lead elsewhere."""
        target = self.stage / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError):
            raise BadBackup(f"Two files of the backup have one place ({name!r}).") from None
        with file:
            yield file.write

    def key(self, name: str, value: str) -> None:
        self.keys[name] = value


def unpack(
    path: Path,
    secret: Secret | None,
    conninfo: str,
    stage: Path,
    *,
    told: Callable[[int], None] = lambda _done: None,
) -> tuple[Manifest, dict[str, str]]:
    """Fill the empty database at `conninfo` and the folder `stage`; returns manifest and keys.

    Raises `BadBackup` if anything differs from what was saved, `RestoreRefused` if PostgreSQL could not take it.
    """
    address, environ = without_password(conninfo)
    with psycopg.connect(conninfo, connect_timeout=10) as session:
        major = session.info.server_version // 10_000
    command = [
        str(program("pg_restore", server_major=major)), "--no-owner", "--no-privileges", "--exit-on-error",
        "--single-transaction", f"--dbname={address}",
    ]  # fmt: skip
    for folder in FOLDERS:
        (stage / folder).mkdir(parents=True, exist_ok=True)
    with full_disk_in_words(stage, what="the files of the backup"), tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=complaints, env=environ) as process:
            assert process.stdin is not None  # for the type checker: it is a pipe
            unpacker = Unpacker(stage, process.stdin)
            try:
                manifest = read_backup(path, secret, unpacker, told=told)
                _close(process.stdin)
            except BaseException:
                process.kill()
                raise
        complaints.seek(0)
        if process.returncode or unpacker.has_failed:
            raise RestoreRefused(
                f"PostgreSQL did not take the database: {first_words(complaints.read())} Nothing was touched."
            )
        os.sync()  # once, instead of for each file
    compare(conninfo, manifest)
    return manifest, unpacker.keys


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # it ended before: its exit code tells


def compare(conninfo: str, manifest: Manifest) -> None:
    """Every table has the rows that it had when it was saved. Raises `BadBackup` with those that differ."""
    with psycopg.connect(conninfo, connect_timeout=10) as session:
        found, applied = counts(session), migrations(session)
    differing = [
        f"{table} ({found.get(table, 0):,} instead of {manifest.counts.get(table, 0):,})"
        for table in sorted(found.keys() | manifest.counts.keys())
        if found.get(table) != manifest.counts.get(table)
    ]
    if differing or applied != manifest.migrations:
        raise BadBackup(f"The restored tables are not those of the backup: {', '.join(differing[:5])}.")


def settle(
    conninfo: str,
    stage: Path,
    keys: dict[str, str],
    erasures: Erasures,
    *,
    saved_at: str,
    head: str = "",
    erasure_keys: Sequence[str] = (),
) -> list[str]:
    """Bring the copy to this version and put right what has to be since `saved_at`; returns what was done, in words.

    `head` is the newest link of the audit chain that was noted then, if one was. `erasure_keys`: those under which
    marks among the erasures were made.
    """
    environ = settle_environ(conninfo, stage, keys)
    asked = json.dumps(
        {"saved_at": saved_at, "head": head, "erasures": erasures, "erasure_keys": list(erasure_keys)}
    )
    done = subprocess.run(
        [sys.executable, "-m", "amity.site.backup.settle"],
        check=False, input=asked, capture_output=True, text=True, env=environ,
    )  # fmt: skip
    if done.returncode:
        why = done.stderr.strip().splitlines()[-1:] or ["it ended without a word"]
        raise RestoreRefused(
            f"The restored copy could not be brought to this version: {why[0]} Nothing was touched."
        )
    words: list[str] = json.loads(done.stdout.splitlines()[-1])["words"]
    return words


def settle_environ(conninfo: str, home: Path, keys: dict[str, str]) -> dict[str, str]:
    """The environment of a process that takes this database, home and keys for its own."""
    environ = {
        **os.environ,
        "AMITY_DATABASE_URL": conninfo,
        "AMITY_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "amity.site.settings",
        "AMITY_LOG_LEVEL": "WARNING",
        "AMITY_SECRET_KEY": keys["secret_key"],
        "AMITY_VAULT_KEY": keys["vault_key"],
    }
    environ.pop("AMITY_SUPERVISED", None)
    return environ


@contextmanager
def empty_stage(stage: Path) -> Iterator[Path]:
    """A folder for the time of the block; what is still in it at the end goes."""
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True, mode=0o711)
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
