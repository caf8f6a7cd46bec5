"""Mail lands in a list, and what the worker would do is done when the test says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import override_settings
from procrastinate.contrib.django import app

BASE = "https://amity.example"
QUEUE = "mail"


@pytest.fixture
def mailing() -> Iterator[None]:
    """A mail server is set, and Amity is reached at an address of its own."""
    with override_settings(
        CAN_SEND_MAIL=True,
        BASE_URL=BASE,
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
    ):
        yield


class Worker:
    """The real queue, worked on in the transaction of the test."""

    def jobs(self) -> QuerySet[Any]:
        from procrastinate.contrib.django.models import ProcrastinateJob  # only once Django's apps are there

        return ProcrastinateJob.objects.filter(queue_name=QUEUE, status="todo")

    def work(self) -> None:
        while (job := self.jobs().first()) is not None:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM procrastinate_events WHERE job_id = %s", [job.id])
                cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.id])
            app.tasks[job.task_name].func(**job.args)

    def waiting(self) -> list[str]:
        return list(self.jobs().values_list("task_name", flat=True))

    def kept(self) -> str:
        """All that lies in the queue, as somebody with a copy of the database would read it."""
        return " ".join(str(job.args) for job in self.jobs())


@pytest.fixture
def worker() -> Worker:
    return Worker()
