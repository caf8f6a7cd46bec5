"""Real servers in folders that any account may pass through: pytest's own temporary folders are closed to them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import amity
from amity.kernel.postgres import Cluster
from amity.kernel.postgres.layout import Layout

RunPython = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every account may pass through; servers below it are stopped at the end."""
    with _open_folder() as folder:
        yield folder


@contextmanager
def _open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="amity-pg-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    for lock in folder.rglob("postgres/start.lock"):
        home = lock.parent.parent
        Cluster(home).stop("immediate")
        socket = Layout(home).socket
        if folder not in socket.parents:
            shutil.rmtree(socket, ignore_errors=True)
    shutil.rmtree(folder)


@pytest.fixture
def cluster(open_folder: Path) -> Cluster:
    """A server that was never started, in a home that does not exist."""
    return Cluster(open_folder / "home")


@pytest.fixture(scope="session")
def running() -> Iterator[Cluster]:
    """A running server that tests share: they may look and work in its database, and leave it running."""
    with _open_folder() as folder:
        cluster = Cluster(folder / "home")
        cluster.ensure_running()
        yield cluster


@pytest.fixture
def run_python(open_folder: Path) -> Iterator[RunPython]:
    """Start another Python process with this code: `home` is its argument, its standard output a pipe."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str, home: Path) -> subprocess.Popen[str]:
        root = str(Path(amity.__file__).parent.parent)
        prelude = (
            "import sys, time, os\nfrom pathlib import Path\nfrom amity.kernel.postgres import Cluster\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", f"{prelude}cluster = Cluster(Path(sys.argv[1]))\n{code}", str(home)],
            text=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([root, *sys.path]), "PYTHONUNBUFFERED": "1"},
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
