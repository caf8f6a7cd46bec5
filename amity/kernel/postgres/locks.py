"""Advisory file locks (flock): the kernel drops them when the last process that has them open is gone."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from amity.kernel.postgres.errors import PostgresError

_POLL_SECONDS = 0.02


def make_lock(path: Path, group: int) -> None:
    """Create a lock file that its owner and `group` may read, unless it is there.

    Reading is enough for flock, so the server's own account can lock files which root made.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    except FileExistsError:
        return
    try:
        os.fchown(descriptor, -1, group)
        os.fchmod(descriptor, 0o640)
    finally:
        os.close(descriptor)


def open_lock(path: Path) -> int:
    """Open a lock file that exists and return its descriptor, which only named children inherit."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if that is possible without waiting, and say whether it was."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path, *, timeout_seconds: float, shared: bool = False) -> Iterator[int]:
    """Hold the lock of `path` inside the block; yields the descriptor, which children may inherit.

    A child that inherits it keeps the lock after the block, until it ends. Raises `PostgresError` (`postgres.busy`).
    """
    descriptor = open_lock(path)
    try:
        deadline = time.monotonic() + timeout_seconds
        while not try_lock(descriptor, shared=shared):
            if time.monotonic() > deadline:
                message = (
                    f"Another process has kept {path} locked for {timeout_seconds:.0f} s. "
                    "See which process has it open (fuser, lsof) and end that one."
                )
                raise PostgresError("postgres.busy", message)
            time.sleep(_POLL_SECONDS)
        yield descriptor
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Say whether some process holds the lock of `path` exclusively; an absent file is not locked."""
    try:
        descriptor = open_lock(path)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)
