"""What `/metrics` shows: what all processes counted, and how the parts of the machine are at this moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.utils import translation

from amity import __version__
from amity.kernel import metrics
from amity.kernel.actor import SYSTEM
from amity.kernel.health import Look, look_at_all

if TYPE_CHECKING:
    from prometheus_client.core import Metric

REQUESTS = metrics.Counter("amity_http_requests_total", "Requests answered.", ("method", "route", "status"))
REQUEST_SECONDS = metrics.Timing("amity_http_request_seconds", "Time to the answer, by route.", ("route",))
JOBS = metrics.Counter("amity_jobs_total", "Background jobs done.", ("task", "outcome"))
JOB_SECONDS = metrics.Timing("amity_job_seconds", "How long background jobs take.", ("task",))
SIGN_INS = metrics.Counter("amity_sign_ins_total", "Tries to sign in.", ("outcome",))

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_QUEUES = """
    WITH due AS (
        SELECT queue_name, status, count(*) AS jobs, min(id) AS first FROM procrastinate_jobs
        WHERE status IN ('todo', 'doing', 'failed') AND (scheduled_at IS NULL OR scheduled_at <= %s)
        GROUP BY queue_name, status)
    SELECT due.queue_name, due.status::text, due.jobs, extract(epoch FROM %s - greatest(job.scheduled_at, (
        SELECT min(at) FROM procrastinate_events WHERE job_id = due.first AND type = 'deferred')))::float
    FROM due JOIN procrastinate_jobs job ON job.id = due.first
"""


def exposition(at: datetime) -> bytes:
    """The text that Prometheus reads (text format 0.0.4)."""
    from prometheus_client import generate_latest

    registry = metrics.registry()
    now = _Now(at)
    registry.register(now)
    try:
        return generate_latest(registry)
    finally:
        registry.unregister(now)


def count_sign_ins() -> None:
    """Count who comes in and who does not, whatever way they take: Django tells of each."""
    from django.contrib.auth.signals import user_logged_in, user_login_failed

    user_logged_in.connect(_came_in, dispatch_uid="amity.metrics")
    user_login_failed.connect(_turned_away, dispatch_uid="amity.metrics")


def _came_in(**_about: object) -> None:
    SIGN_INS.add(outcome="done")


def _turned_away(**_about: object) -> None:
    SIGN_INS.add(outcome="failed")


class _Now:
    """A collector for what stands in the database and on this machine, asked for when somebody looks."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def describe(self) -> list[Metric]:
        """Nothing: to know it, everything would have to be asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily as Gauge

        build = Gauge("amity_build_info", "The version that runs.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        is_up = _answers()
        yield Gauge("amity_database_up", "Whether the database answers.", value=int(is_up))
        if is_up:
            yield from self._parts()
            yield from self._queues()

    def _parts(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily as Gauge

        health = Gauge(
            "amity_health", "Each part: 0 works, 1 at work, 2 needs a look, 3 broken.", labels=["part"]
        )
        with translation.override("en"):
            found = list(look_at_all(Look(SYSTEM, self._at)))
        for finding in found:
            health.add_metric([finding.key], finding.health.rank)
        yield health
        for finding in found:
            for key, figure in finding.figures.items():
                if isinstance(figure, int | float):
                    name = f"amity_{finding.key}_{key}".replace("-", "_")
                    yield Gauge(name, f"See {finding.key} on the Status screen.", value=figure)

    def _queues(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily as Gauge

        jobs = Gauge("amity_queue_jobs", "Jobs that wait, are at work, or failed.", labels=["queue", "state"])
        oldest = Gauge("amity_queue_oldest_seconds", "Age of the oldest job that waits.", labels=["queue"])
        with connection.cursor() as cursor:
            cursor.execute(_QUEUES, [self._at, self._at])
            for queue, state, count, age in cursor.fetchall():
                jobs.add_metric([queue, state], count)
                if state == "todo":
                    oldest.add_metric([queue], max(age or 0.0, 0.0))
        yield jobs
        yield oldest


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
