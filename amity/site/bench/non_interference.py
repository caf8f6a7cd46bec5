"""`amity bench non-interference`: what somebody may not see changes at random, and what they are told must not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from django.conf import settings as django_settings
from django.db import transaction

from amity.site.bench.database import bench_database
from amity.site.bench.mirror.comparing import compare
from amity.site.bench.mirror.world import made
from amity.site.bench.serving import collect_static

CASES, A_CHANGE, SEED = 20_000, 60, 3


def settings() -> dict[str, int]:
    """What was asked."""
    return {"cases": CASES, "questions_a_change": A_CHANGE, "seed": SEED}


def run(data: Path | None = None, *, cases: int = CASES) -> dict[str, float]:  # noqa: ARG001  # as all benches
    """Figures `cases` (a hidden change and a question), `changes`, `questions` (different ones), `differences` (each
    is told on stderr) and `took_s`."""
    django_settings.ALLOWED_HOSTS = ["testserver"]
    collect_static()
    began = time.monotonic()
    with bench_database("amity_bench_mirror"), transaction.atomic():
        with made() as world:
            report = compare(world, cases=cases, a_change=A_CHANGE, seed=SEED)
        transaction.set_rollback(True)
    for difference in report.differences:
        sys.stderr.write(difference + "\n")
    return report.figures() | {"took_s": round(time.monotonic() - began, 1)}
