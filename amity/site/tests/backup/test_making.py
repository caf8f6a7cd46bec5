"""Making a backup: what is in it, what is not, and what is left when something goes wrong."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from amity.site.backup import making, restoring
from amity.site.backup.errors import BackupFailed, NoSpace
from amity.site.backup.making import Here, Made, backups_in, make_backup
from amity.site.tests.backup.conftest import AT, SECRET, Amity


def test_a_plain_backup_holds_no_key_and_a_sealed_one_both(source: Amity, saved: Made, sealed: Made) -> None:
    assert (saved.manifest.has_keys, sealed.manifest.has_keys) == (False, True)
    content = saved.path.read_bytes()
    assert source.here.vault_key.encode() not in content
    assert source.here.secret_key.encode() not in content
    assert b"abcdabcd" in content
    assert b"abcdabcd" not in sealed.path.read_bytes()
    assert saved.path.stat().st_mode & 0o077 == 0


def test_the_manifest_says_what_is_in_it(source: Amity, saved: Made) -> None:
    manifest = saved.manifest
    assert manifest.counts["kernel_team"] == 200
    assert manifest.files == 3
    assert manifest.files_bytes == sum(
        (source.home / name).stat().st_size
        for name in ("files/ab/abcd", "files/imports/1/Größe.csv", "outbox/shop/1.json")
    )
    assert "kernel.0001_initial" in manifest.migrations
    assert manifest.made_at == "2026-03-17T09:30:00+00:00"


def test_counts_are_those_of_one_moment_while_others_write(
    source: Amity, empty: Amity, tmp_path: Path
) -> None:
    """Each transaction adds a row to both tables: a copy of one moment has as many in the one as in the other."""
    source.run("CREATE TABLE pair_a (n bigserial); CREATE TABLE pair_b (n bigserial)")
    stop = threading.Event()
    written = [0, 0]
    writers = [
        threading.Thread(target=_write_pairs, args=[source, stop, written, number]) for number in range(2)
    ]
    try:
        for writer in writers:
            writer.start()
        while min(written) < 50:
            assert any(writer.is_alive() for writer in writers)
        before = sum(written)
        made = make_backup(source.here, tmp_path, at=AT, secret=SECRET)
        after = sum(written)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    restoring.restore(made.path, empty.here, empty.place, at=AT, secret=SECRET)
    both = empty.rows("SELECT (SELECT count(*) FROM pair_a), (SELECT count(*) FROM pair_b)")[0]
    source.run("DROP TABLE pair_a, pair_b")
    assert both[0] == both[1] == made.manifest.counts["pair_a"]
    assert before <= made.manifest.counts["pair_a"] < after


def _write_pairs(amity: Amity, stop: threading.Event, written: list[int], number: int) -> None:
    with psycopg.connect(amity.cluster.url()) as session:
        while not stop.is_set():
            session.execute("INSERT INTO pair_a DEFAULT VALUES")
            session.execute("INSERT INTO pair_b DEFAULT VALUES")
            session.commit()
            written[number] += 1


def test_only_the_newest_are_kept_and_nobody_elses_are_removed(source: Amity, tmp_path: Path) -> None:
    other = tmp_path / "amity-ffffff-20200101-000000.tar"
    other.write_text("of another Amity")
    for hour in range(4):
        made = make_backup(source.here, tmp_path, at=AT + timedelta(hours=hour), keep=2)
    assert made.removed == 1
    assert [path.name[-10:] for path in backups_in(tmp_path, source.here)] == ["113000.tar", "123000.tar"]
    assert other.exists()


def test_half_files_of_killed_backups_go_and_those_being_written_stay(source: Amity, tmp_path: Path) -> None:
    killed, living = tmp_path / "amity-000000-1.tar.partial", tmp_path / "amity-000000-2.tar.partial"
    killed.write_text("half")
    living.write_text("half")
    with living.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        make_backup(source.here, tmp_path, at=AT)
    assert not killed.exists()
    assert living.exists()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What a full disk is to an ordinary user: writing fails in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    former = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, former)


@pytest.mark.parametrize("room", [0, 1_000, 100_000, 300_000])
def test_where_there_is_no_room_no_half_file_stays(source: Amity, tmp_path: Path, room: int) -> None:
    with no_file_larger_than(room), pytest.raises(NoSpace, match="no room left"):
        make_backup(source.here, tmp_path, at=AT)
    assert list(tmp_path.iterdir()) == []
    make_backup(source.here, tmp_path, at=AT)


def test_a_full_disk_leaves_the_older_backups(source: Amity, small_disk: Path) -> None:
    first = make_backup(source.here, small_disk, at=AT, keep=1)
    (small_disk / "filler").write_bytes(b"x" * (_free(small_disk) - 100_000))
    with pytest.raises(NoSpace):
        make_backup(source.here, small_disk, at=AT + timedelta(days=1), keep=1)
    assert sorted(path.name for path in small_disk.iterdir()) == [first.path.name, "filler"]


def _free(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk; the same is tested with a limit on the size of files")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "amity-test", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip(
            "no disk can be mounted in this container; the same is tested with a limit on the size of files"
        )
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_database_that_cannot_be_read_leaves_nothing(
    source: Amity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "program", lambda _name, server_major: Path("/bin/false"))
    with pytest.raises(BackupFailed, match="pg_dump"):
        make_backup(source.here, tmp_path, at=AT)
    assert list(tmp_path.iterdir()) == []


def test_no_password_stands_in_the_arguments_of_a_program() -> None:
    here = Here(Path("/"), "postgresql://amity:s3cret@db.example/amity", "", "")
    address, environ = making.without_password(here.conninfo)
    assert "s3cret" not in address
    assert environ["PGPASSWORD"] == "s3cret"
