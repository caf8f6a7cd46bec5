"""Background work of the stream."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from amity.activity.sweeping import sweep


@app.periodic(cron="41 * * * *")
@app.task(name="activity.sweep_files", queue="rescue", queueing_lock="activity.sweep_files")
def sweep_files(timestamp: int) -> None:
    """Files that were never sent go after a day, and bytes that nobody names."""
    sweep(timezone.now())
