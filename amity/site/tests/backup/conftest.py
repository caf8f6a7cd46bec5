"""Installations of their own: a home, a server, tables and a few rows, made once and copied by backup."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from amity.kernel.postgres import Cluster, databases
from amity.site.backup.making import Here, Made, make_backup
from amity.site.backup.place import Place
from amity.site.backup.seal import Secret
from amity.site.backup.unpacking import settle_environ
from amity.site.tests.prepared import give_tables

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
SECRET = Secret.key_file(b"a key file of a test, not random at all")
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Amity:
    """One installation, its server up."""

    home: Path
    cluster: Cluster

    @property
    def here(self) -> Here:
        return Here(self.home, self.cluster.url(), "the key of sessions", "the key of the vault")

    @property
    def place(self) -> Place:
        return Place(self.home, self.cluster.url(), self.cluster)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.cluster.url()) as session:
            return session.execute(query.encode()).fetchall()

    def run(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.cluster.url()) as session:
            session.execute(statement.encode(), values)

    def fill(self, teams: int = 200) -> None:
        """Colleagues, teams, and files: enough for a backup to have something of each kind."""
        with psycopg.connect(self.cluster.url()) as session, session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO kernel_team (id, name) VALUES (%s, %s)",
                [(uuid4(), f"Röstung {number} {'x' * 40}") for number in range(teams)],
            )
        for folder, name in (
            ("files/ab", "abcd"),
            ("files/imports/1", "Größe.csv"),
            ("outbox/shop", "1.json"),
        ):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
            (self.home / folder / name).write_bytes(name.encode() * 5_000)

    def state(self) -> dict[str, object]:
        """Whatever must not change when a restore is refused."""
        with self.cluster.administration() as session:
            names = session.execute("SELECT datname, oid FROM pg_database ORDER BY 1").fetchall()
        files = {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in self.home.rglob("*")
            if path.is_file() and "postgres" not in path.parts
        }
        return {
            "databases": names,
            "files": files,
            "teams": self.rows("SELECT id, name FROM kernel_team ORDER BY 1"),
        }


@contextmanager
def open_amity(*, has_tables: bool = False) -> Iterator[Amity]:
    """A server of its own in a folder that every account may pass."""
    folder = Path(tempfile.mkdtemp(prefix="amity-backup-test-"))
    folder.chmod(0o711)
    if has_tables:
        give_tables(folder / "home")
    cluster = Cluster(folder / "home", QUICK)
    try:
        with cluster.held():
            yield Amity(cluster.home, cluster)
    finally:
        cluster.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


_MOVE_IN = """
from datetime import UTC, datetime
from amity.site.cli.database import django
with django():
    from amity.kernel import audit, sealing
    from amity.kernel.acting import acting
    from amity.kernel.actor import SYSTEM
    from amity.site.cli.preparation import bring_tables_up_to_date
    bring_tables_up_to_date()
    with acting(SYSTEM, via="command"):
        for number in range(40):
            audit.record("test.happened", actor=SYSTEM, at=datetime.now(UTC), after={"number": number})
    sealing.seal_all()
"""


def move_in(amity: Amity) -> None:
    """Tables, and an audit trail that is sealed."""
    keys = {"secret_key": "the key of sessions", "vault_key": "the key of the vault"}
    environ = settle_environ(amity.cluster.url(), amity.home, keys)
    done = subprocess.run(
        [sys.executable, "-c", _MOVE_IN], check=False, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def source() -> Iterator[Amity]:
    """An Amity with rows and files, which tests only save."""
    with open_amity(has_tables=True) as amity:
        move_in(amity)
        amity.fill()
        yield amity


@pytest.fixture(scope="session")
def other_machine() -> Iterator[Amity]:
    with open_amity() as amity:
        yield amity


@pytest.fixture
def empty(other_machine: Amity) -> Amity:
    """Another machine, in whose home nobody has worked: as empty as before the last test."""
    with other_machine.cluster.administration() as session:
        for name in databases.beginning_with(session, "amity"):
            databases.drop(session, name)
        databases.create(session, "amity")
    for path in other_machine.home.iterdir():
        if path.name != "postgres":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return other_machine


@pytest.fixture(scope="session")
def saved(source: Amity, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A backup that nothing seals."""
    return make_backup(source.here, tmp_path_factory.mktemp("plain"), at=AT)


@pytest.fixture(scope="session")
def sealed(source: Amity, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A sealed one, with the keys."""
    return make_backup(source.here, tmp_path_factory.mktemp("sealed"), at=AT, secret=SECRET)
