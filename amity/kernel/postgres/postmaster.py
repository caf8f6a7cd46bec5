"""Is a server alive? What its pid file, its process and its socket say."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_PROC = Path("/proc")
_PING_SECONDS = 2
_NUMBER = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class PidFile:
    """What the postmaster writes into `postmaster.pid`; `phase` is `starting`, `ready`, `stopping` or empty."""

    pid: int
    started_at: datetime
    phase: str


def parse_pid_file(text: str) -> PidFile | None:
    """Read the lines of a `postmaster.pid`; None if it is torn (the server was killed while it wrote it)."""
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) < 3 or not _NUMBER.fullmatch(lines[0]) or not _NUMBER.fullmatch(lines[2]):
        return None
    phase = lines[7] if len(lines) > 7 else ""
    return PidFile(int(lines[0]), datetime.fromtimestamp(int(lines[2]), UTC), phase)


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file of a data folder; None if there is none."""
    try:
        return parse_pid_file((data / "postmaster.pid").read_text(errors="replace"))
    except FileNotFoundError:
        return None


def is_postmaster(pid: int, data: Path) -> bool:
    """Whether this process lives and serves this data folder.

    A zombie does not live, and a number that a reboot or a new container gave to another program does not count;
    `pg_ctl status` and the server's own check are fooled by both. Only where a process may not be looked at is it
    taken for what the file says.
    """
    if not (_PROC / "self").exists():
        return _ps_says_postgres(pid)
    try:
        state = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        return state not in ("Z", "X") and _serves(pid, data)
    except (FileNotFoundError, ProcessLookupError):
        return False
    except PermissionError:
        return True


def _serves(pid: int, data: Path) -> bool:
    """Every process of a server has its data folder as working folder."""
    return (_PROC / str(pid) / "cwd").readlink() == data.resolve()


def _ps_says_postgres(pid: int) -> bool:
    done = subprocess.run(
        ["ps", "-o", "stat=,comm=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    state, _, command = done.stdout.strip().partition(" ")
    return bool(state) and not state.startswith("Z") and "postgres" in command


def server_processes(data: Path) -> list[int]:
    """All living processes of a data folder's server that this process may look at (needs /proc, else none)."""
    found = []
    for entry in _PROC.glob("[0-9]*"):
        try:
            if _serves(int(entry.name), data):
                found.append(int(entry.name))
        except OSError:
            continue  # gone by now, or of another account: not one of ours
    return found


def answers(socket: Path, port: int) -> bool:
    """Whether a server accepts connections there: libpq's ping, what pg_isready asks."""
    from psycopg import pq

    # a real role: the server notes every unknown one in its log
    conninfo = f"host={socket} port={port} user=postgres dbname=postgres connect_timeout={_PING_SECONDS}"
    return pq.PGconn.ping(conninfo.encode()) == pq.Ping.OK
