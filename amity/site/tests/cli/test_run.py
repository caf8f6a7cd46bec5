"""`amity run` from outside: it starts, mends what falls over, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amity.kernel.postgres import Cluster
from amity.site.bench.memory import free_pair, postmasters
from amity.site.cli import REFUSED
from amity.site.cli.home import Running, running
from amity.site.cli.ports import is_healthy, is_listening

pytestmark = [pytest.mark.server, pytest.mark.slow]
WITHIN_S = 90.0


class Amity:
    """One `amity run` without the demo company."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.log = home.parent / "run.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command(port),
                env=self.environ(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @staticmethod
    def command(port: int) -> list[str]:
        return [sys.executable, "-m", "amity", "run", "--no-demo", "--port", str(port)]

    def environ(self) -> dict[str, str]:
        return {**os.environ, "AMITY_HOME": str(self.home)}

    @property
    def state(self) -> Running:
        found = running(self.home)
        assert found is not None, self.log.read_text()
        return found

    def is_well(self) -> bool:
        return is_healthy("127.0.0.1", self.port) and is_listening("127.0.0.1", self.port + 1)


def eventually(fact: Callable[[], bool], within_s: float = WITHIN_S) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.2)
    return False


@pytest.fixture(scope="module")
def amity() -> Iterator[Amity]:
    # not tmp_path: as root, the account of the database server has to reach it
    folder = Path(tempfile.mkdtemp(prefix="amity-run-"))
    folder.chmod(0o755)
    started = Amity(folder / "home", free_pair())
    try:
        assert eventually(lambda: "Ctrl-C stops it" in started.log.read_text()), started.log.read_text()
        yield started
    finally:
        started.process.send_signal(signal.SIGTERM)
        started.process.wait(timeout=60)
        Cluster(folder / "home").stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def test_it_says_what_it_did_and_how_to_go_on(amity: Amity) -> None:
    told = amity.log.read_text()
    assert re.search(r"PostgreSQL +\d+(\.\d)? s +18\.", told)
    assert re.search(r"Tables +\d+(\.\d)? s +\d+ steps", told)
    assert f"http://127.0.0.1:{amity.port}" in told
    assert "/setup/" in told
    assert amity.is_well()


def test_a_second_one_in_the_same_folder_is_refused(amity: Amity) -> None:
    second = subprocess.run(
        amity.command(free_pair()), env=amity.environ(), capture_output=True, text=True, check=False
    )
    assert second.returncode == REFUSED
    assert "runs already" in second.stderr or "is running already" in second.stderr
    assert f":{amity.port}" in second.stderr


def test_one_in_another_folder_on_the_same_port_is_refused(amity: Amity, tmp_path: Path) -> None:
    environ = {**os.environ, "AMITY_HOME": str(tmp_path / "home")}
    second = subprocess.run(
        amity.command(amity.port), env=environ, capture_output=True, text=True, check=False
    )
    assert second.returncode == REFUSED
    assert "is taken by another program" in second.stderr


def test_status_and_doctor_see_it(amity: Amity) -> None:
    def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "amity", *arguments]
        return subprocess.run(command, env=amity.environ(), capture_output=True, text=True, check=False)

    assert "runs at http://127.0.0.1" in ask("status").stdout
    assert eventually(lambda: "Ready         yes" in ask("status").stdout, 30), ask("status").stdout
    assert eventually(lambda: ask("doctor").returncode == 0, 60), ask("doctor").stdout


@pytest.mark.parametrize("name", ["web", "live", "worker"])
def test_a_child_that_is_killed_comes_back(amity: Amity, name: str) -> None:
    before = amity.state.processes[name]
    os.killpg(before, signal.SIGKILL)
    assert eventually(lambda: amity.state.processes.get(name, before) != before)
    assert eventually(amity.is_well)


def test_a_database_that_is_killed_comes_back(amity: Amity) -> None:
    (before,) = postmasters(amity.home)
    os.kill(before, signal.SIGKILL)
    assert eventually(lambda: postmasters(amity.home) not in ([before], []))
    assert eventually(amity.is_well)


def test_it_stops_everything_when_it_is_asked_to(amity: Amity) -> None:
    children = amity.state.processes.values()
    amity.process.send_signal(signal.SIGINT)
    assert amity.process.wait(timeout=60) == 0
    assert "Your data is safe" in amity.log.read_text()
    assert running(amity.home) is None
    assert not is_listening("127.0.0.1", amity.port)
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert not Cluster(amity.home).status().running
