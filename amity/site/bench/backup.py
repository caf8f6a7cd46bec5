"""`amity bench backup`: a backup while others write, restored elsewhere and compared with what the writers were told;
backups that are cut off or altered; and a disk that is full in the middle of everything."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from amity.kernel.errors import DomainError
from amity.kernel.postgres import Cluster
from amity.site.backup import reading, restoring
from amity.site.backup.errors import BadBackup, WrongKey
from amity.site.backup.making import Here, Made, make_backup
from amity.site.backup.place import Place
from amity.site.backup.seal import Secret
from amity.site.backup.unpacking import settle_environ

WRITES_PER_S, WRITERS, ROWS_BEFORE, REFUSALS = 600, 3, 1_000_000, 100
SECRET = Secret.key_file(b"a bench seals with what everybody can read")


def settings() -> dict[str, int]:
    """What was done."""
    return {
        "writes_per_s": WRITES_PER_S,
        "writers": WRITERS,
        "rows_before": ROWS_BEFORE,
        "refusals": 2 * REFUSALS,
    }


@dataclass
class Writers:
    """Processes that write; what they were told is in a file of each."""

    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, environ: dict[str, str], *, rate: float, count: int) -> None:
        for number in range(count):
            with (self.folder / f"acks-{number}").open("wb") as acks:
                command = [
                    sys.executable,
                    "-m",
                    "amity.site.bench.writers",
                    str(rate / count),
                    str(int(number == 0)),
                ]
                self.processes.append(
                    subprocess.Popen(
                        command, stdin=subprocess.PIPE, stdout=acks, stderr=subprocess.PIPE, env=environ
                    )
                )

    def told(self) -> dict[str, str]:
        """Teams whose writing was confirmed so far, with the digest that their row of history names."""
        found = {}
        for acks in self.folder.glob("acks-*"):
            for line in acks.read_text().splitlines(keepends=True):
                if line.endswith("\n"):
                    team, digest = line.split()
                    found[team] = digest
        return found

    def wait_for(self, count: int, *, within_s: float = 60) -> None:
        until = time.monotonic() + within_s
        while len(self.told()) < count:
            dead = [process for process in self.processes if process.poll() is not None]
            if dead or time.monotonic() > until:
                why = dead[0].communicate()[1].decode(errors="replace")[-300:] if dead else "too slow"
                raise NotWriting(f"The writers of the bench do not write: {why}")
            time.sleep(0.2)

    def stop(self) -> int:
        """End them; returns how many writes failed."""
        failed = 0
        for process in self.processes:
            _, told = process.communicate(b"end", timeout=60)
            failed += int(told.split()[-1]) if told.strip() else 0
        self.processes.clear()
        return failed


class NotWriting(DomainError):
    """A bench that measures nothing must not report figures."""

    code = "bench.not_writing"


@dataclass(frozen=True)
class Installation:
    """A home with its server, and the keys that its processes are given."""

    home: Path
    cluster: Cluster

    @property
    def here(self) -> Here:
        return Here(self.home, self.cluster.url(), "sessions of a bench " * 3, "vault of a bench")

    @property
    def place(self) -> Place:
        return Place(self.home, self.cluster.url(), self.cluster)

    def environ(self) -> dict[str, str]:
        keys = {"secret_key": self.here.secret_key, "vault_key": self.here.vault_key}
        return settle_environ(self.cluster.url(), self.home, keys)

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "amity", "migrate"], check=True, env=self.environ(), capture_output=True
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.cluster.url(), autocommit=True) as session:
            return session.execute(query.encode()).fetchall()


@contextmanager
def installation(folder: Path, options: dict[str, str] | None = None) -> Iterator[Installation]:
    """A server in `folder`/home for the time of the block."""
    cluster = Cluster(folder / "home", options)
    with cluster.held():
        yield Installation(cluster.home, cluster)


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    rate: int = WRITES_PER_S,
    rows: int = ROWS_BEFORE,
    refusals: int = REFUSALS,
    messages: int = 6_000,
) -> dict[str, float]:
    """Figures: `writes_per_s` while the backup was made, its time, size and memory; of the restore: its time, whether
    counts equal those of the moment (`counts_equal`) and the audit chain holds (`chain_valid`); what writers were told
    before the backup began and is not in it (`missing`), what nobody wrote (`invented`), files that rows name and that
    are not there (`files_missing`); how many damaged backups were refused (`refused_share`). `data` is not read."""
    with tempfile.TemporaryDirectory(prefix="amity-bench-backup-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with installation(folder / "one") as one, installation(folder / "two") as two:
            one.migrate()
            _fill(one, rows)
            figures, made, writers = _save(one, folder, rate)
            figures |= _refusals(made.path, folder, refusals)
            figures |= _compare(made, two, writers)
        return figures | _full_disk(folder, messages)


def _full_disk(folder: Path, messages: int) -> dict[str, float]:
    """Nothing where no disk can be mounted: the figures are then absent, not good."""
    from amity.site.bench import full_disk

    (folder / "outside").mkdir()
    try:
        with full_disk.small_disk(folder / "disk") as disk:
            return full_disk.run_on(disk, folder / "outside", messages=messages)
    except PermissionError:
        return {}


def _fill(one: Installation, rows: int) -> None:
    with psycopg.connect(one.cluster.url()) as session:
        session.execute(
            "INSERT INTO kernel_transition (subject, subject_id, before, after, at, why) SELECT 'bench-before',"
            " gen_random_uuid(), 'a', 'b', now(), md5(n::text) FROM generate_series(1, %s) n",
            [rows],
        )


@dataclass(frozen=True)
class Told:
    """What writers were told until the backup began, and until it was over."""

    before: dict[str, str]
    after: dict[str, str]


def _save(one: Installation, folder: Path, rate: int) -> tuple[dict[str, float], Made, Told]:
    writers = Writers(folder)
    writers.start(one.environ(), rate=rate, count=WRITERS)
    try:
        writers.wait_for(4 * rate)
        before, resident = writers.told(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.monotonic()
        made = make_backup(one.here, folder / "backups", at=datetime.now(UTC), secret=SECRET)
        took, during = time.monotonic() - started, len(writers.told()) - len(before)
    finally:
        failed = writers.stop()
    figures = {
        "writes_per_s": during / took,
        "writes_failed": failed,
        "backup_s": took,
        "backup_mb": made.size_bytes / 1e6,
        "database_mb": made.manifest.database_bytes / 1e6,
        "backup_rss_mb_added": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident) / 1e3,
    }
    return figures, made, Told(before, writers.told())


def _refusals(path: Path, folder: Path, count: int) -> dict[str, float]:
    """Copies that are cut off, and copies with one bit turned."""
    rng, size = random.Random(4), path.stat().st_size
    refused = 0
    target = folder / "damaged"
    for number in range(2 * count):
        shutil.copyfile(path, target)
        place = rng.randrange(size)
        if number % 2:
            os.truncate(target, place)
        else:
            with target.open("r+b") as file:
                file.seek(place)
                byte = file.read(1)[0]
                file.seek(place)
                file.write(bytes([byte ^ (1 << rng.randrange(8))]))
        try:
            reading.verify(target, SECRET)
        except (BadBackup, WrongKey):
            refused += 1
    return {"refused_share": refused / (2 * count)}


def _compare(made: Made, two: Installation, told: Told) -> dict[str, float]:
    started = time.monotonic()
    try:
        done = restoring.restore(made.path, two.here, two.place, at=datetime.now(UTC), secret=SECRET)
    except BadBackup:
        return {"counts_equal": 0}
    took = time.monotonic() - started
    written = {
        str(team): str(why)
        for team, why in two.rows(
            "SELECT t.id, h.why FROM kernel_team t JOIN kernel_transition h ON h.subject_id = t.id"
            " WHERE h.subject = 'bench'"
        )
    }
    teams = {str(team) for (team,) in two.rows("SELECT id FROM kernel_team")}
    return {
        "restore_s": took,
        "counts_equal": 1,
        "chain_valid": float(any(words.startswith("The audit chain holds") for words in done.words)),
        "chain_entries": float(made.manifest.audit.get("position", 0)),
        "rows": sum(made.manifest.counts.values()),
        "missing": len(told.before.keys() - teams),
        "invented": len(teams - told.after.keys()),
        "torn": len(teams ^ written.keys()),
        "files_missing": missing_files(two.home, set(written.values())),
    }


def missing_files(home: Path, digests: set[str]) -> int:
    """Digests without a file that has exactly this content."""
    missing = 0
    for digest in digests:
        path = home / "files" / digest[:2] / digest
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            missing += 1
    return missing
