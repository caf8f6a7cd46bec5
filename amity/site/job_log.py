"""What happens around every background job: its id in every log line, its time, its span."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from procrastinate import JobContext

from amity.kernel import tracing
from amity.site import metrics


async def job_log(call_next: Callable[[], Awaitable[Any]], context: JobContext, _worker: Any) -> Any:
    """A worker middleware of procrastinate."""
    job, started, outcome = context.job, time.perf_counter(), "failed"
    task, job_id = job.task_name, job.id or 0
    try:
        with (
            structlog.contextvars.bound_contextvars(job_id=job_id),
            tracing.span(f"job {task}", kind="consumer", amity__job_id=job_id, amity__queue=job.queue),
        ):
            done = await call_next()
        outcome = "done"
        return done
    finally:
        metrics.JOBS.add(task=task, outcome=outcome)
        metrics.JOB_SECONDS.observe(time.perf_counter() - started, task=task)
