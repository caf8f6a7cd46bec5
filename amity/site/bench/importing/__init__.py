"""`amity bench import`: a million customers as one CSV through the screen Import, as `amity run` does it.

The file is sent by a browser, its mapping taken as it was guessed, a worker process takes it in. On the way it is
stopped and goes on, and the worker is killed. Then the same file comes again, and both imports are taken back.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from django.db import connection

from amity.kernel.actor import Role
from amity.site.bench.database import bench_database
from amity.site.bench.importing.browser import Browser
from amity.site.bench.importing.people_csv import COLUMNS, TWICE, write_people
from amity.site.bench.importing.running import Followed, Worker, follow
from amity.site.bench.serving import a_colleague, session_of, web_server

ROWS = 1_000_000
TABLES = (
    "people_person", "people_identity", "people_link", "people_fact", "people_sighting", "people_organisation",
    "people_matchrecord", "people_matchkey", "channels_item", "channels_repeat", "activity_activity",
    "conversations_conversation",
)  # fmt: skip

_made: dict[str, Any] = {}


def settings() -> dict[str, Any]:
    """What the file is like."""
    return {"columns": len(COLUMNS), "repeats_one_in": TWICE, **_made}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    rows: int = ROWS,
) -> dict[str, float]:
    """Figures, all times in seconds:

    `rows_per_s` of the first import (without the time that it was stopped or its worker dead), `upload_s`, `people`,
    `progress_reports` (how often the count changed for somebody who looks four times a second), `page_ms_max` (the page
    of the run meanwhile), `stop_s`, `resume_s` (kill -9 to the next row), `peak_worker_mb`, `peak_postgres_mb` (PSS);
    `again_rows_per_s` and `again_new_people`; `undo_s`, `undo_reports`, `other_write_s_max` (how long another writer
    waited meanwhile), `left` (rows of all tables that were not there before). `data` is not read.
    """
    with bench_database("amity_bench_import"), tempfile.TemporaryDirectory(prefix="amity-bench-") as folder:
        path = Path(folder) / "customers-2026.csv"
        write_people(path, rows)
        _made.update(rows=rows, file_mb=round(path.stat().st_size / 1e6, 1))
        browser_cookie = session_of(a_colleague(Role.OWNER))
        before = counts()
        with web_server() as port, Worker() as worker:
            browser = Browser(port, browser_cookie)
            first, upload_s = _take_in(browser, worker, path, interrupted=True)
            people = counts()["people_person"]
            again, _ = _take_in(browser, worker, path, interrupted=False)
            new = counts()["people_person"] - people
            undone_again = _take_back(browser, worker, again)
            undone = _take_back(browser, worker, first)
        after = counts()
    return _figures(first, again, undone, undone_again, worker) | {
        "upload_s": round(upload_s, 2),
        "people": people,
        "again_new_people": new,
        "left": sum(abs(after[table] - before[table]) for table in TABLES),
    }


def counts() -> dict[str, int]:
    """How many rows each table holds."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            (found[table],) = cursor.fetchone() or (0,)
    return found


def _take_in(browser: Browser, worker: Worker, path: Path, *, interrupted: bool) -> tuple[Followed, float]:
    started = time.perf_counter()
    run_id = browser.send(path)
    upload_s = time.perf_counter() - started
    browser.post(f"/imports/{run_id}/start/")
    return follow(run_id, browser, worker, interrupted=interrupted), upload_s


def _take_back(browser: Browser, worker: Worker, taken: Followed) -> Followed:
    browser.post(f"/imports/{taken.run_id}/undo/")
    return follow(taken.run_id, browser, worker, interrupted=False)


def _figures(
    first: Followed, again: Followed, undone: Followed, undone_again: Followed, worker: Worker
) -> dict[str, float]:
    return {
        "rows_per_s": round(first.rows / first.working_s),
        "import_s": round(first.working_s, 1),
        "rows_new": first.counts["rows_new"],
        "rows_same": first.counts["rows_same"],
        "rows_not_taken": first.counts["rows_quarantined"],
        "progress_reports": first.reports,
        "page_ms_max": round(first.page_ms_max, 1),
        "stop_s": round(first.stop_s, 2),
        "resume_s": round(first.resume_s, 2),
        "peak_worker_mb": round(worker.peak_kb / 1024, 1),
        "peak_postgres_mb": round(worker.peak_postgres_kb / 1024, 1),
        "again_rows_per_s": round(again.rows / again.working_s),
        "undo_s": round(undone.working_s, 1),
        "undo_again_s": round(undone_again.working_s, 1),
        "undo_reports": undone.reports,
        "undo_other_write_s_max": round(undone.write_s_max, 2),
        "other_write_s_max": round(first.write_s_max, 2),
    }
