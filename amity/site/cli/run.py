"""`amity run`: everything that Amity is made of, on this machine, with one command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE, INTERRUPTED, systemd
from amity.site.cli import postgres as postgresql
from amity.site.cli.child import Child
from amity.site.cli.database import SUPERVISED
from amity.site.cli.home import RunFile, Running, amity_home, only_one_here
from amity.site.cli.ports import is_healthy, is_listening, require_free
from amity.site.cli.supervisor import StopAsked, Supervisor
from amity.site.cli.words import phase, say, took

WEB_THREADS = 8
"""Of each web process. They mostly wait: for the database, and for each other where they write together."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for on the command line."""

    host: str
    port: int
    live_port: int
    workers: int
    demo: bool
    live: bool

    @property
    def url(self) -> str:
        return _address(self.host, self.port)

    @property
    def live_url(self) -> str:
        return _address(self.host, self.live_port)


class PreparationFailed(DomainError):
    """The tables or files could not be brought into shape; the reason was shown already."""

    code = "run.preparation_failed"


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. 0.0.0.0 opens Amity to your network.",
)
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65_534),
    help="Port of the pages; the live stream takes the next one.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that serve pages. One is enough for a team; each takes about 90 MB.",
)
@click.option(
    "--demo/--no-demo",
    default=True,
    show_default=True,
    help="Load the demo company into an empty Amity. It is never loaded twice, nor beside your data.",
)
@click.option(
    "--live",
    is_flag=True,
    help="Let the demo company's customers go on writing and buying, so that you see Amity move.",
)
def command(host: str, port: int, workers: int, demo: bool, live: bool) -> int:
    """Start Amity: database, web, live updates and background work.

    The first start makes a PostgreSQL server of your own, the tables and a demo company, and says how long each
    took. Then it prints the address; the sign-in page offers a login for each role. Ctrl-C stops everything; your
    data stays in AMITY_HOME.

    \b
    Examples
      amity run                              for a look around, on this machine only
      amity run --live                       the same, with new messages coming in
      amity run --no-demo --port 8080        empty, for your own data
      AMITY_DATABASE_URL=postgresql://… amity run      with a PostgreSQL server of your own

    What happens next: open the address, sign in, press ? for the keys. `amity import` brings your own messages in.
    """
    live_port = int(os.environ.get("AMITY_LIVE_PORT") or port + 1)
    plan = Plan(host=host, port=port, live_port=live_port, workers=workers, demo=demo, live=live)
    with only_one_here(amity_home()) as run_file:
        require_free(host, plan.port, what="the pages")
        require_free(host, plan.live_port, what="the live stream")
        return _run(plan, run_file)


def _run(plan: Plan, run_file: RunFile) -> int:
    started = time.monotonic()
    environ = _environ(plan)
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    try:
        with phase("PostgreSQL") as notes:
            server = postgresql.start()
            notes.append(server.version if server.is_embedded else f"{server.version}, yours")
    except KeyboardInterrupt:
        return INTERRUPTED
    supervisor = Supervisor(_children(plan, environ), server)
    try:
        logins = _prepare(plan, environ)
        with supervisor.listening_to_signals():
            try:
                _serve(plan, supervisor, run_file, started, logins)
            except StopAsked:
                return INTERRUPTED
            finally:
                supervisor.stop()
        return DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        server.leave()
        say("Stopped. Your data is safe in " + str(amity_home()) + ".")


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _serve(plan: Plan, supervisor: Supervisor, run_file: RunFile, started: float, logins: list[str]) -> None:
    def is_ready() -> bool:
        return is_healthy(plan.host, plan.port) and is_listening(plan.host, plan.live_port)

    with phase("Web, live stream, worker"):
        supervisor.wait_until_ready(is_ready)
    since = datetime.now(UTC).isoformat(timespec="seconds")

    def note() -> None:
        run_file.write(Running(os.getpid(), plan.url, plan.live_url, since, supervisor.process_ids()))

    note()
    _welcome(plan, time.monotonic() - started, logins)
    systemd.tell(f"READY=1\nSTATUS=Pages at {plan.url}")
    supervisor.watch(note)
    systemd.tell("STOPPING=1")
    say("\nStopping.")


def _prepare(plan: Plan, environ: dict[str, str]) -> list[str]:
    """Tables, static files and the demo company, in a process of its own that is gone when we serve.

    Returns lines that tell a newcomer how to sign in.
    """
    reader, writer = os.pipe()
    asked = ["--report", str(writer), *(["--demo"] if plan.demo else [])]
    command = [sys.executable, "-m", "amity.site.cli.preparation", *asked]
    with os.fdopen(reader) as report:
        try:
            done = subprocess.run(command, check=False, env=environ, pass_fds=[writer])
        finally:
            os.close(writer)
        if done.returncode in (-signal.SIGINT, INTERRUPTED):
            raise KeyboardInterrupt
        if done.returncode:
            raise PreparationFailed("Amity was not started: the step above failed. Nothing was lost.")
        return report.read().splitlines()


def _children(plan: Plan, environ: dict[str, str]) -> list[Child]:
    live = [
        "--interface",
        "asgi",
        "--port",
        str(plan.live_port),
        "--workers",
        "1",
        "amity.site.live:application",
    ]
    manage = [sys.executable, "-m", "amity", "manage"]
    children = [
        Child("worker", [*manage, "work"], environ, patience=30.0),
        Child("live", [*_granian(plan.host), *live], environ, patience=5.0),
        Child("web", web_command(plan.host, plan.port, plan.workers), environ),
    ]
    return (
        [*children, Child("play", [*manage, "play_demo"], environ, patience=5.0)] if plan.live else children
    )


def _granian(host: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "granian",
        "--host",
        host,
        "--no-ws",
        "--http",
        "1",
        "--log-level",
        "error",  # it warns of more threads than cores, which mostly wait for the database
    ]


def web_command(host: str, port: int, workers: int = 1) -> list[str]:
    """What serves pages and the public interface."""
    web = ["--interface", "wsgi", "--port", str(port), "--workers", str(workers), "--runtime-mode", "st"]
    return [*_granian(host), *web, "--blocking-threads", str(WEB_THREADS), "amity.site.wsgi:application"]


def _environ(plan: Plan) -> dict[str, str]:
    ours = {
        "AMITY_HOME": str(amity_home()),
        "AMITY_LIVE_PORT": str(plan.live_port),
        "DJANGO_SETTINGS_MODULE": "amity.site.settings",
        "PYTHONUNBUFFERED": "1",
        SUPERVISED: "1",
    }
    if os.environ.get("AMITY_METRICS_TOKEN"):
        ours["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics_folder())
    # glibc keeps up to eight arenas for each core and up to 64 MB of what was freed, which nobody uses
    usual = {
        "AMITY_URL": plan.url,
        "MALLOC_ARENA_MAX": "2",
        "MALLOC_TRIM_THRESHOLD_": "131072",
        "AMITY_LOG_LEVEL": "WARNING" if sys.stdout.isatty() else "INFO",
    }
    return {**usual, **os.environ, **ours}


def _metrics_folder() -> Path:
    """Where our processes add up what they count: empty at each start, as counters begin anew with their processes."""
    folder = amity_home() / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _welcome(plan: Plan, seconds: float, logins: list[str]) -> None:
    say(f"\nAmity is ready after {took(seconds)}: {plan.url}")
    for line in logins:
        say(line)
    if plan.host not in ("127.0.0.1", "localhost", "::1"):
        say("It listens beyond this machine. Set AMITY_URL to the address under which people reach it.")
    say("Ctrl-C stops it.")


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("", "0.0.0.0") else host  # noqa: S104  # compared only
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
