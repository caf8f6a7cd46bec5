"""The folder of this installation, and who runs Amity in it at the moment."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from amity.kernel.errors import DomainError


class AlreadyRunning(DomainError):
    """One Amity per folder."""

    code = "run.already_running"


@dataclass(frozen=True, slots=True)
class Running:
    """What `amity run` tells others about itself. `processes` maps a child's name to its process id."""

    pid: int
    url: str
    live_url: str
    since: str
    processes: dict[str, int]


def amity_home() -> Path:
    """`AMITY_HOME` or its default, made if it is absent. The server's account must be able to pass through it."""
    from amity.kernel.env import home  # reads settings, which `amity --help` needs not

    folder = home()
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711)
    return folder


def running(folder: Path) -> Running | None:
    """Who runs Amity in `folder`, if anybody does. A file that a killed process left says nothing."""
    path = folder / "run.json"
    try:
        with path.open() as file:
            if _lock(file.fileno()):
                return None
            text = file.read()
    except FileNotFoundError:
        return None
    return Running(**json.loads(text)) if text else Running(0, "", "", "", {})


class RunFile:
    """`run.json`, locked for as long as this process lives."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, what: Running) -> None:
        """Replace what it says."""
        content = json.dumps(asdict(what)).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, content, 0)


@contextmanager
def only_one_here(folder: Path) -> Iterator[RunFile]:
    """Claim `folder` for this process. Raises `AlreadyRunning`."""
    descriptor = os.open(folder / "run.json", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _lock(descriptor):
            other = running(folder)
            where = f" at {other.url} (process {other.pid})" if other and other.pid else ""
            raise AlreadyRunning(
                f"Amity is running already{where}, with its data in {folder}. "
                "To run a second one, give it a folder of its own: AMITY_HOME=… amity run --port 8010."
            )
        os.ftruncate(descriptor, 0)
        yield RunFile(descriptor)
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
