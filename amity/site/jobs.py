"""Background jobs that join packages: imports through the corridor, and the rescue of what a crash left behind."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from amity.channels.models import ImportRun, RunState
from amity.channels.records import Unreadable
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import Conflict

log = structlog.get_logger(__name__)

STALLED_AFTER_S = 30
_WHEN_DATABASE_IS_BACK = RetryStrategy(
    max_attempts=20, wait=3, retry_exceptions=[OperationalError, InterfaceError]
)


@app.task(name="site.import", queue="imports", retry=_WHEN_DATABASE_IS_BACK)
def import_file(run_id: str) -> None:
    """Work on an import; if another process has it, that one goes on."""
    from amity.site import ingest

    try:
        with ingest.on_the_record(UUID(run_id), "import.worked_on", via="job"):
            ingest.work_on(UUID(run_id))
    except Conflict:
        log.info("import is worked on elsewhere", run=run_id)


@app.task(name="site.undo_import", queue="imports", retry=_WHEN_DATABASE_IS_BACK)
def undo_import(run_id: str) -> None:
    """Take an import back; a crashed undo is taken up again and removes the rest."""
    from amity.site import ingest

    try:
        with ingest.on_the_record(UUID(run_id), "import.undone", via="job"):
            ingest.undo(UUID(run_id), actor=SYSTEM)
    except Conflict:
        log.info("undo is worked on elsewhere, or done", run=run_id)


@app.task(name="site.try_import", queue="imports", retry=_WHEN_DATABASE_IS_BACK)
def try_import(run_id: str) -> None:
    """Read a whole draft without taking anything in."""
    from amity.site import ingest

    ingest.try_out(UUID(run_id))


@app.task(name="site.replay_import", queue="imports", retry=_WHEN_DATABASE_IS_BACK)
def replay_import(run_id: str) -> None:
    """Read what an import could not take in once more, and keep on the run what came of it."""
    from amity.channels.drafts import note_replay
    from amity.site import ingest

    try:
        with ingest.on_the_record(UUID(run_id), "import.replayed", via="job"):
            counts = ingest.replay(UUID(run_id), actor=SYSTEM)
    except Unreadable as error:
        note_replay(UUID(run_id), {"state": "failed", "why": error.reason})
    else:
        note_replay(UUID(run_id), {"state": "done", **counts})


def enqueue_import(run_id: UUID) -> None:
    """Have a worker take up an import. Enqueuing it twice does no harm: a run is held by one process at a time."""
    _enqueue(f"import:{run_id}", run_id)


def enqueue_undo(run_id: UUID) -> None:
    """Have a worker take an import back."""
    _enqueue(f"undo:{run_id}", run_id)


def _enqueue(key: str, run_id: UUID) -> None:
    task = import_file if key.startswith("import:") else undo_import
    try:
        task.configure(queueing_lock=key).defer(run_id=str(run_id))
    except AlreadyEnqueued:
        log.info("import waits in the queue already", run=str(run_id))


def take_up_interrupted() -> int:
    """Enqueue every import that is under way and that no living process holds; returns how many.

    A process that works on an import holds a lock that dies with its database session, so this may be asked at any
    time: when a worker starts, and every few seconds after.
    """
    from amity.channels.holding import is_held

    found = 0
    for run in ImportRun.objects.filter(state__in=[RunState.RUNNING, RunState.QUEUED, RunState.UNDOING]):
        if not is_held(run.id):
            (enqueue_undo if run.state == RunState.UNDOING else enqueue_import)(run.id)
            found += 1
    return found


@app.periodic(cron="*/10 * * * * *")
@app.task(name="site.take_up_interrupted", queue="rescue", queueing_lock="site.take_up_interrupted")
def take_up(timestamp: int) -> None:
    """Imports that a killed process left under way go on."""
    take_up_interrupted()


@app.periodic(cron="*/5 * * * *")
@app.task(name="site.backup", queue="backup", queueing_lock="site.backup")
def back_up(timestamp: int) -> None:
    """Make the backup of today when its time has come; what fails is tried again after an hour, and shown on Status."""
    from amity.site.backup import schedule
    from amity.site.backup.here import this_amity

    schedule.make_if_due(this_amity(), at=timezone.now())


@app.task(name="site.backup_now", queue="backup")
def back_up_now() -> None:
    """Make the backup that somebody asked for on the screen; why it failed stands there."""
    from amity.kernel.errors import DomainError
    from amity.site.backup import now
    from amity.site.backup.here import this_amity

    try:
        now.make(this_amity(), clock=timezone.now)
    except (DomainError, OSError) as error:
        log.warning("backup failed", error=type(error).__name__)


def enqueue_backup() -> None:
    """Have a worker make a backup now; one that waits already is enough."""
    try:
        with (
            transaction.atomic()
        ):  # a second one is refused by the database, which must not end the transaction around
            back_up_now.configure(queueing_lock="site.backup_now").defer()
    except AlreadyEnqueued:
        log.info("a backup waits in the queue already")


@app.periodic(cron="17 * * * *")
@app.task(name="site.forget_answers", queue="rescue", queueing_lock="site.forget_answers")
def forget_answers(timestamp: int) -> None:
    """Answers that were kept for a second request with the same Idempotency-Key go after a day."""
    from amity.kernel.api import idempotency

    idempotency.remove_old(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="site.retry_stalled", queue="rescue", queueing_lock="site.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """A worker that was killed leaves its jobs `doing` for ever: give them back."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        log.info("stalled job is retried", job=job.id, task=job.task_name)
        await app.job_manager.retry_job(job)


@app.task(name="site.account_mail", queue="mail", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def send_account_mail(sealed: str) -> None:
    """Send one mail about an account; a mail server that is away is asked again for some hours."""
    from amity.site.accounts import mail

    mail.send(sealed)


@app.task(name="site.reset_link", queue="mail", retry=_WHEN_DATABASE_IS_BACK)
def send_reset_link(sealed: str) -> None:
    """Somebody asked for a new password: find out whether there is an account, and mail its link."""
    from amity.site.accounts import passwords

    passwords.send_link(sealed, at=timezone.now())
