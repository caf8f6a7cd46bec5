"""The worker that `amity run` starts, and somebody who looks at an import until it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from amity.channels.models import ImportRun, RunState
from amity.channels.stages import TURN
from amity.kernel.errors import DomainError
from amity.site.bench.importing.browser import Browser
from amity.site.bench.memory import lineage, parent_of_each, postmasters, pss_kb

LOOK_EVERY_S, PAGE_EVERY_S, LONGEST_S = 0.25, 2.0, 3_600
STOP_AT, KILL_AT = 0.2, 0.4
_COUNTS = ("rows_new", "rows_same", "rows_quarantined")


class NotFinished(DomainError):
    """The import did not come to its end."""

    code = "bench.not_finished"


class Worker:
    """A worker process on the database that Django is on; its memory and that of PostgreSQL are watched."""

    def __init__(self) -> None:
        known = connection.get_connection_params()
        self._url = make_conninfo(
            **{key: known[key] for key in ("host", "port", "user", "password", "dbname") if known.get(key)}
        )
        self.peak_kb = self.peak_postgres_kb = 0
        self._ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._watch_memory, daemon=True)

    def start(self) -> None:
        environ = {**os.environ, "AMITY_DATABASE_URL": self._url, "AMITY_LOG_LEVEL": "WARNING"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "amity", "manage", "work"], env=environ, start_new_session=True
        )

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        self.start()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self.kill()

    def _watch_memory(self) -> None:
        while not self._ended.wait(1.0):
            process = self._process
            if process is None:
                continue
            parents = parent_of_each()
            server = set(postmasters(settings.HOME))
            roots = {process.pid: 0} | dict.fromkeys(server, 1)
            sums = [0, 0]
            for pid in parents:
                part = next((roots[one] for one in lineage(pid, parents) if one in roots), None)
                if part is not None:
                    sums[part] += pss_kb(pid)
            self.peak_kb, self.peak_postgres_kb = (
                max(self.peak_kb, sums[0]),
                max(self.peak_postgres_kb, sums[1]),
            )


@dataclass(slots=True)
class Followed:
    """What somebody saw who looked at an import until it ended."""

    run_id: UUID
    rows: int = 0
    working_s: float = 0.0
    reports: int = 0
    page_ms_max: float = 0.0
    stop_s: float = 0.0
    resume_s: float = 0.0
    write_s_max: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)


def follow(run_id: UUID, browser: Browser, worker: Worker, *, interrupted: bool) -> Followed:
    """Look until it ends; with `interrupted` stop it once and go on, and kill its worker once."""
    seen = Followed(run_id)
    with OtherWriter() as other:
        run = _look(seen, browser, worker, to_interrupt=interrupted)
    seen.write_s_max = other.longest_s
    seen.rows = run.rows_read
    seen.counts = {name: getattr(run, name) for name in _COUNTS}
    return seen


def _look(seen: Followed, browser: Browser, worker: Worker, *, to_interrupt: bool) -> ImportRun:
    started, lost, last, paged, run_id = time.perf_counter(), 0.0, "", 0.0, seen.run_id
    to_stop = to_kill = to_interrupt
    while True:
        run = ImportRun.objects.get(pk=run_id)
        if run.state in (RunState.DONE, RunState.UNDONE):
            break
        if run.state == RunState.FAILED or time.perf_counter() - started > LONGEST_S:
            raise NotFinished(f"The import is {run.state}: {run.error}")
        told = _told(run)
        seen.reports += told != last
        last = told
        share = run.rows_read / (run.rows_total or run.rows_read or 1)
        if to_stop and share > STOP_AT:
            to_stop, lost = False, lost + _stop_and_go_on(run_id, browser, seen)
        elif to_kill and share > KILL_AT:
            to_kill, lost = False, lost + _kill(run, worker, seen)
        if time.perf_counter() - paged > PAGE_EVERY_S:
            paged = time.perf_counter()
            browser.page(f"/imports/{run_id}/", HX_Request="true", HX_Target="import-live")
            seen.page_ms_max = max(seen.page_ms_max, (time.perf_counter() - paged) * 1_000)
        time.sleep(LOOK_EVERY_S)
    seen.working_s = time.perf_counter() - started - lost
    return run


def _told(run: ImportRun) -> str:
    return f"{run.rows_read} {run.options.get('undo')}"


def _stop_and_go_on(run_id: UUID, browser: Browser, seen: Followed) -> float:
    """Press Stop, wait until nothing moves any more, go on; the seconds until rows came in again."""
    started = time.perf_counter()
    browser.post(f"/imports/{run_id}/stop/")
    seen.stop_s = time.perf_counter() - started
    rows = ImportRun.objects.get(pk=run_id).rows_read
    browser.post(f"/imports/{run_id}/continuation/")
    _wait_for_more(run_id, rows)
    return time.perf_counter() - started


def _kill(run: ImportRun, worker: Worker, seen: Followed) -> float:
    """Kill the worker, start another as the supervisor does; the seconds until rows came in again."""
    started = time.perf_counter()
    worker.kill()
    rows = ImportRun.objects.get(pk=run.pk).rows_read
    worker.start()
    _wait_for_more(run.pk, rows)
    seen.resume_s = time.perf_counter() - started
    return seen.resume_s


def _wait_for_more(run_id: UUID, rows: int) -> None:
    until = time.monotonic() + 120
    while (run := ImportRun.objects.get(pk=run_id)).rows_read <= rows and run.state != RunState.DONE:
        if time.monotonic() > until:
            raise NotFinished("The import does not go on.")
        time.sleep(0.05)


class OtherWriter:
    """Somebody else who wants to write, twice a second: how long they wait for their turn at most."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _write(self) -> None:
        try:
            while not self._ended.wait(0.5):
                started = time.perf_counter()
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
                self.longest_s = max(self.longest_s, time.perf_counter() - started)
        finally:
            connection.close()
