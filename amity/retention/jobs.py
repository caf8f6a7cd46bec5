"""The rules work at night; what a crash left is done within the hour."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import Conflict
from amity.retention.limits import NIGHT_AT


@app.periodic(cron=f"{NIGHT_AT.minute} {NIGHT_AT.hour} * * *")
@app.task(
    name="retention.work",
    queue="maintenance",
    queueing_lock="retention.work",
    lock="retention.work",
    retry=RetryStrategy(
        max_attempts=20, wait=120, retry_exceptions=[Conflict, OperationalError, InterfaceError]
    ),
)
def work(timestamp: int) -> None:
    """Every night: announce, ask for erasures, empty, remove. It goes on where a crash left it."""
    from amity.retention import night

    with acting(SYSTEM, via="job"):
        night.work(timezone.now)
