"""The supervisor's side of the embedded server: start it, keep it from being stopped, notice that it died."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass

from amity.site.cli.database import NoDatabase
from amity.site.cli.words import say

_EMBEDDED = [sys.executable, "-m", "amity.site.cli.embedded"]


@dataclass(slots=True)
class Server:
    """A running PostgreSQL. `users_lock` is the descriptor of our claim on it, None for a server of somebody else."""

    version: str
    socket: str
    users_lock: int | None

    @property
    def is_embedded(self) -> bool:
        return self.users_lock is not None

    def answers(self) -> bool:
        """Whether it takes connections. A server of somebody else is theirs to watch."""
        if not self.is_embedded:
            return True
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(self.socket)
            except OSError:
                return False
            return True

    def revive(self) -> None:
        """Start it again if it does not answer; a crash was recovered from when this returns."""
        if not self.answers():
            say("PostgreSQL does not answer; starting it again.", to=sys.stderr)
            # no stdin: it need not wait for us, our claim is in force
            start = subprocess.Popen(
                [*_EMBEDDED, "start"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
            start.wait()

    def leave(self) -> None:
        """Give the claim up; the server stops if it was the last one."""
        if self.users_lock is not None:
            os.close(self.users_lock)
            self.users_lock = None
            subprocess.run([*_EMBEDDED, "leave"], check=False, start_new_session=True)


def start() -> Server:
    """Start or find the server and claim it. Raises `NoDatabase` with what the launcher says."""
    child = subprocess.Popen(
        [*_EMBEDDED, "start"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    if child.stdout is None or child.stderr is None:
        raise RuntimeError("the pipes were asked for")
    line = child.stdout.readline()
    if not line:
        _out, complaint = child.communicate()
        raise NoDatabase(complaint.strip() or "PostgreSQL did not start, and its launcher did not say why.")
    fields = json.loads(line)
    claim = _claim(fields["users_lock"]) if fields["embedded"] else None
    child.communicate()  # closes its stdin: it may let go, the claim is ours now
    return Server(version=fields["version"], socket=fields["socket"], users_lock=claim)


def _claim(path: str) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor
