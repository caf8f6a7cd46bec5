"""Background jobs that join packages: imports through the corridor, and the rescue of what a crash left behind."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from amity.channels.models import ImportRun, RunState
from amity.kernel.errors import Conflict

log = structlog.get_logger(__name__)

STALLED_AFTER_S = 30
QUIET_IMPORT = timedelta(seconds=60)


@app.task(name="site.import", queue="imports")
def import_file(run_id: str) -> None:
    """Work on an import; if another process has it, that one goes on."""
    from amity.site import ingest

    try:
        ingest.work_on(UUID(run_id))
    except Conflict:
        log.info("import is worked on elsewhere", run=run_id)


@app.task(name="site.undo_import", queue="imports")
def undo_import(run_id: str) -> None:
    """Take an import back; a crashed undo is taken up again and removes the rest."""
    from amity.kernel.actor import SYSTEM
    from amity.site import ingest

    ingest.undo(UUID(run_id), actor=SYSTEM)


@app.periodic(cron="* * * * *")
@app.task(name="site.retry_stalled", queue="rescue", queueing_lock="site.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """A worker that was killed leaves its jobs `doing` for ever: give them back."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        log.info("stalled job is retried", job=job.id, task=job.task_name)
        await app.job_manager.retry_job(job)


@app.periodic(cron="* * * * *")
@app.task(name="site.resume_imports", queue="rescue", queueing_lock="site.resume_imports")
def resume_imports(timestamp: int) -> None:
    """Take up imports that a killed process left running or queued."""
    quiet_since = timezone.now() - QUIET_IMPORT
    for run in ImportRun.objects.filter(state__in=[RunState.RUNNING, RunState.QUEUED]):
        if (run.heartbeat_at or run.started_at or run.created_at) < quiet_since:
            import_file.configure(lock=f"import:{run.id}", queueing_lock=f"import:{run.id}").defer(run_id=str(run.id))
