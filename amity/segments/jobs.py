"""Deleted segments go for good after a month."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from amity.segments import services

KEPT_FOR = timedelta(days=30)


@app.periodic(cron="23 3 * * *")
@app.task(name="segments.forget_deleted", queue="rescue", queueing_lock="segments.forget_deleted")
def forget_deleted(timestamp: int) -> None:
    """Once a night."""
    services.forget_deleted(timezone.now() - KEPT_FOR)
