"""`amity bench ingest`: the whole corridor into a table that holds a million activities."""

from __future__ import annotations

import json
import multiprocessing
import random
import statistics
import tempfile
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

from django.db import connection, connections, transaction
from django.utils import timezone

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.kernel.actor import SYSTEM
from amity.kernel.pipeline import Batch
from amity.site.bench.database import bench_database, fill, sentences

PEOPLE = 100_000


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    messages: int = 50_000,
    before: int = 1_000_000,
    workers: int = 2,
) -> dict[str, float]:
    """Figures: kept_per_s, batch_p99_ms, lost, doubled, share_<stage>, copy_ratio (to a bare COPY in the same run).

    The messages are synthetic (`data` is not read): three languages, 3 to 120 words, half of them answers, a third
    by people who are already known. They enter as native JSON Lines through the file adapter, as an import would.
    """
    with bench_database("amity_bench_ingest"), tempfile.TemporaryDirectory(prefix="amity-bench-") as folder:
        now = timezone.now()
        fill(now, people=PEOPLE, activities=before)
        runs = [_draft(Path(folder), part, messages // workers, now) for part in range(workers)]
        started = time.perf_counter()
        connections.close_all()  # a forked process must not share a database session
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            walked = pool.map(_walk, [str(run.id) for run in runs])
        seconds = time.perf_counter() - started
        kept = count_of("SELECT count(*) FROM activity_activity WHERE external_id LIKE 'new%%'")
        distinct = count_of(
            "SELECT count(DISTINCT external_id) FROM activity_activity WHERE external_id LIKE 'new%%'"
        )
        bare = _bare_copy_per_s(min(20_000, messages))
    return _figures(walked, seconds, messages // workers * workers, kept, distinct, bare)


def _figures(
    walked: list[tuple[list[float], dict[str, float]]],
    seconds: float,
    messages: int,
    kept: int,
    distinct: int,
    bare_per_s: float,
) -> dict[str, float]:
    batches = sorted(ms for part, _ in walked for ms in part)
    stages: Counter[str] = Counter()
    for _, part in walked:
        stages.update(part)
    figures = {
        "kept_per_s": round(kept / seconds, 1),
        "batch_p50_ms": round(statistics.median(batches), 1),
        "batch_p99_ms": round(batches[min(len(batches) - 1, int(len(batches) * 0.99))], 1),
        "lost": messages - distinct,
        "doubled": kept - distinct,
        "bare_copy_per_s": round(bare_per_s, 1),
        "copy_ratio": round(kept / seconds / bare_per_s, 4),
    }
    total = sum(stages.values())
    return figures | {f"share_{name}": round(spent / total, 4) for name, spent in stages.items()}


def _draft(folder: Path, part: int, count: int, now: datetime) -> ImportRun:
    path = folder / f"bench-{part}.jsonl"
    rng = random.Random(part)
    texts = sentences(5_000, seed=part + 1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            _, text = texts[rng.randrange(len(texts))]
            file.write(json.dumps(_message(rng, part, number, count, text, now), ensure_ascii=False) + "\n")
    source = imports.ensure_source(f"bench-{part}", name=f"Bench {part}", adapter="file", at=now)
    draft = imports.store_file(path, actor=SYSTEM, at=now)
    imports.describe(draft)
    return imports.queue_run(draft.id, source=source, mapping=draft.mapping, options={}, actor=SYSTEM, at=now)


def _message(
    rng: random.Random, part: int, number: int, count: int, text: str, now: datetime
) -> dict[str, Any]:
    known = rng.random() < 0.33
    person = f"person{rng.randint(1, PEOPLE)}" if known else f"new{part}-{rng.randrange(count // 3)}"
    answer = number > 10 and rng.random() < 0.5
    return {
        "type": "message",
        "id": f"new-{part}-{number}",
        "at": (now - timedelta(seconds=count - number)).isoformat(),
        "channel": "email",
        "direction": "in",
        "from": {"network": "email", "address": f"{person}@mail.example", "name": person.title()},
        "to": [],
        "subject": "About my grinder",
        "text": text,
        "in_reply_to": [f"new-{part}-{rng.randrange(max(0, number - 200), number)}"] if answer else [],
    }


def _walk(run_id: str) -> tuple[list[float], dict[str, float]]:
    """Import one file in a process of its own; milliseconds of each batch, seconds of each stage."""
    from amity.channels import walking as module
    from amity.site import ingest

    batches: list[float] = []
    stages: Counter[str] = Counter()
    original = module.ingest

    def timed(*args: Any) -> Batch:
        started = time.perf_counter()
        batch = original(*args)
        batches.append((time.perf_counter() - started) * 1_000)
        stages.update(batch.seconds)
        return batch

    with mock.patch.object(module, "ingest", timed):
        ingest.work_on(UUID(run_id))
    connections.close_all()
    return batches, dict(stages)


def count_of(statement: str) -> int:
    """The one number that a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (count,) = cursor.fetchone() or (0,)
        return int(count)


def _bare_copy_per_s(rows: int) -> float:
    """Rows a second of COPY … FROM STDIN straight into the same table, with ids of its own, rolled back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_rows ON COMMIT DROP AS SELECT * FROM activity_activity "
            "WHERE external_id LIKE 'new%%' LIMIT %s",
            [rows],
        )
        cursor.execute("UPDATE bench_rows SET id = gen_random_uuid()")
        cursor.execute("SELECT count(*) FROM bench_rows")
        (count,) = cursor.fetchone() or (0,)
        with cursor.copy("COPY bench_rows TO STDOUT") as copy:
            lines = list(copy)
        started = time.perf_counter()
        with cursor.copy("COPY activity_activity FROM STDIN") as copy:
            for start in range(0, len(lines), 1_000):
                copy.write(b"".join(bytes(line) for line in lines[start : start + 1_000]))
        seconds = time.perf_counter() - started
        transaction.set_rollback(True)
    return count / seconds
