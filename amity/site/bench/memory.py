"""Memory at rest of everything that `amity run` starts, PostgreSQL included (`amity bench memory`).

Measured as PSS: what processes share is counted once, in parts (Linux, /proc/PID/smaps_rollup).
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection  # noqa: TID251  # asks the Amity that this bench started
from pathlib import Path
from typing import Any

from amity.kernel.errors import DomainError
from amity.site.cli.home import Running, running

READY_WITHIN_S = 180
REST_S = 20
FIRST_PAGES = 30
_LINK = re.compile(r'<a [^>]*?href="(/[^"#]*)"')
_SIGN_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from amity.kernel.models import Staff
member = Staff.objects.filter(role="owner", is_active=True).first()
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(member.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = member.get_session_auth_hash()
session.create()
print(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
"""
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class CannotMeasure(DomainError):
    """Amity did not come up, or this system does not say what memory its processes use."""

    code = "bench.cannot_measure"


def settings() -> dict[str, Any]:
    """What was done before the figures were taken."""
    return {"demo": True, "pages_first": 2 * FIRST_PAGES, "rest_s": REST_S}


def run(data: Path | None) -> dict[str, float]:  # noqa: ARG001  # the shape of all benches
    """Start Amity with the demo company, look at its screens, let it rest, and add up PSS in MB by part.

    `total_mb` is the figure with the bar of 450; `<part>_mb` are `supervisor`, `web`, `live`, `worker`, `postgres`.
    """
    home, port = Path(os.environ["AMITY_HOME"]), free_pair()
    with amity_run(home, port) as state:
        look_around(port, session_cookie(home))
        time.sleep(REST_S)
        parts = by_part(home, state)
    figures = {f"{part}_mb": round(kilobytes / 1024, 1) for part, kilobytes in sorted(parts.items())}
    return {"total_mb": round(sum(parts.values()) / 1024, 1), **figures}


@contextmanager
def amity_run(home: Path, port: int) -> Iterator[Running]:
    """`amity run` in `home`, ready; stopped at the end."""
    command = [sys.executable, "-m", "amity", "run", "--port", str(port)]
    environ = {**os.environ, "AMITY_HOME": str(home)}
    with subprocess.Popen(command, env=environ, stdout=sys.stderr, start_new_session=True) as process:
        try:
            yield wait_until_ready(home, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=120)


def wait_until_ready(home: Path, process: subprocess.Popen[bytes]) -> Running:
    """Raises `CannotMeasure` if it ends or takes more than three minutes."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CannotMeasure(
                f"amity run ended with exit code {process.returncode}; what it said stands above."
            )
        state = running(home)
        if state is not None and state.url:
            return state
        time.sleep(0.5)
    raise CannotMeasure(f"amity run was not ready after {READY_WITHIN_S} s.")


def by_part(home: Path, state: Running) -> dict[str, int]:
    """PSS in kB of the supervisor, each child with its descendants, and the PostgreSQL of `home`."""
    parents = parent_of_each()
    roots = {pid: name for name, pid in state.processes.items()} | {state.pid: "supervisor"}
    roots |= dict.fromkeys(postmasters(home), "postgres")
    sums: dict[str, int] = defaultdict(int)
    for pid in parents:
        part = next((roots[ancestor] for ancestor in lineage(pid, parents) if ancestor in roots), None)
        if part:
            sums[part] += pss_kb(pid)
    return dict(sums)


def lineage(pid: int, parents: dict[int, int]) -> Iterator[int]:
    """A process, its parent, and so on up to the first."""
    while pid in parents:
        yield pid
        pid = parents[pid]


def parent_of_each() -> dict[int, int]:
    """The parent of every process on this machine that is not a zombie."""
    found = {}
    for pid in process_ids():
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = text.rpartition(")")[2].split()[:2]
        if state != "Z":
            found[pid] = int(parent)
    return found


def process_ids() -> Iterable[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def postmasters(home: Path) -> list[int]:
    """The server process of the data folder in `home`: the first line of its pid file."""
    path = home / "postgres" / "data" / "postmaster.pid"
    try:
        return [int(path.read_text().splitlines()[0])]
    except (FileNotFoundError, IndexError):
        return []


def pss_kb(pid: int) -> int:
    """Proportional set size of one process; 0 if it is gone. Raises `CannotMeasure` where Linux does not tell."""
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except PermissionError:
        raise CannotMeasure(f"This account may not see the memory of process {pid}.") from None
    return int(found.group(1)) if found else 0


def look_around(port: int, cookie: str) -> None:
    """The first screen and what it links to, twice: what people have opened stays in memory."""
    first = ask(port, "/", cookie)
    for address in 2 * list(dict.fromkeys(_LINK.findall(first)))[:FIRST_PAGES]:
        ask(port, address, cookie)


def session_cookie(home: Path) -> str:
    """The cookie of somebody who signed in: the owner of the demo company."""
    command = [sys.executable, "-m", "amity", "manage", "shell", "-v", "0", "-c", _SIGN_IN]
    environ = {**os.environ, "AMITY_HOME": str(home)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMeasure(f"Nobody could be signed in: {done.stderr.strip()[-300:]}")
    return done.stdout.split()[-1]


def ask(port: int, path: str, cookie: str) -> str:
    """One page, as a browser on this machine would ask for it. Raises `CannotMeasure` where it does not answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": f"127.0.0.1:{port}", "Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status >= 400:
        raise CannotMeasure(f"{path} answered {answer.status}.")
    return text


def free_pair() -> int:
    """A port that is free together with the next one; processes beside each other look in different places."""
    first_tried = os.getpid() * 2 % 1_000
    for port in (18_000 + (first_tried + step) % 1_000 for step in range(0, 1_000, 2)):
        with socket.socket() as first, socket.socket() as second:
            try:
                first.bind(("127.0.0.1", port))
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise CannotMeasure("No two free ports side by side between 18000 and 19000.")
