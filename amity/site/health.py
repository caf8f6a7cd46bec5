"""What of the machine itself stands on the Status screen: database, worker, timers, live updates, disk."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from amity.kernel.health import MOST_COUNTED, Finding, Health, Look, capped, register_check
from amity.kernel.models import Timer

SILENT_WORKER = timedelta(seconds=30)
LATE_TIMER = timedelta(minutes=2)
LITTLE_DISK_BYTES, NO_DISK_BYTES = 5_000_000_000, 1_000_000_000


def _row(query: str | sql.SQL, parameters: list[datetime] | None = None) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row: tuple[object, ...] = cursor.fetchone() or ()
        return row


def _figure(value: object) -> int:
    return int(str(value or 0))


@register_check("database", order=10)
def database(_look: Look) -> Finding:
    """Version, size, and how many of its connections are taken."""
    version, size, taken, most = _row(
        "SELECT current_setting('server_version'), pg_database_size(current_database()),"
        " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
        " current_setting('max_connections')::int"
    )
    figures = {"size_bytes": _figure(size), "connections": _figure(taken), "connections_most": _figure(most)}
    is_tight = figures["connections"] > 0.8 * figures["connections_most"]
    return Finding(
        "database",
        _("Database"),
        Health.CAUTION if is_tight else Health.GOOD,
        _("PostgreSQL %(version)s holds %(size)s and serves %(taken)s of %(most)s connections.")
        % {
            "version": str(version).split(" ")[0],
            "size": filesizeformat(figures["size_bytes"]),
            "taken": figures["connections"],
            "most": figures["connections_most"],
        },
        _("Nearly all connections are taken. Stop what you do not need, or raise max_connections.")
        if is_tight
        else "",
        {"version": str(version), **figures},
    )


_JOBS = """
    SELECT count(*) FILTER (WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s)),
           count(*) FILTER (WHERE status = 'failed'),
           count(*) FILTER (WHERE status = 'doing'),
           count(*) FILTER (WHERE status = 'doing' AND NOT EXISTS (
               SELECT 1 FROM procrastinate_workers w WHERE w.id = worker_id AND w.last_heartbeat > %s)),
           (SELECT max(last_heartbeat) FROM procrastinate_workers)
    FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed')
"""


@register_check("worker", order=20, needs_running=True)
def worker(look: Look) -> Finding:
    """Whether jobs are being done: last sign of life, and how many wait, failed or stall."""
    todo, failed, doing, stalled, heartbeat = _row(_JOBS, [look.at, look.at - SILENT_WORKER])
    figures: dict[str, int | float | str] = {
        "waiting": _figure(todo), "failed": _figure(failed), "doing": _figure(doing), "stalled": _figure(stalled)
    }  # fmt: skip
    words = _("%(todo)s jobs wait, %(doing)s are being done, %(failed)s failed, %(stalled)s stall.") % {
        "todo": capped(_figure(todo)), "doing": capped(_figure(doing)), "failed": capped(_figure(failed)),
        "stalled": capped(_figure(stalled)),
    }  # fmt: skip
    remedy, health = "", Health.INFO if _figure(doing) else Health.GOOD
    if isinstance(heartbeat, datetime):
        figures["heartbeat_age_seconds"] = round((look.at - heartbeat).total_seconds(), 1)
    if not isinstance(heartbeat, datetime) or look.at - heartbeat > SILENT_WORKER:
        since = timesince(heartbeat, look.at) if isinstance(heartbeat, datetime) else ""
        silent = _("Silent for %(time)s.") % {"time": since} if since else _("No worker is running.")
        remedy = _("Nothing is lost: jobs wait until a worker comes back. Start it with “amity run”.")
        return Finding("worker", _("Background work"), Health.BAD, f"{silent} {words}", remedy, figures)
    if _figure(stalled):
        health, remedy = (
            Health.CAUTION,
            _("Stalled jobs are started again by themselves within a minute or two."),
        )
    elif _figure(failed):
        health, remedy = (
            Health.CAUTION,
            _("“amity doctor” lists what failed and why, and can start it again."),
        )
    return Finding("worker", _("Background work"), health, words, remedy, figures)


@register_check("timers", order=30, needs_running=True)
def timers(look: Look) -> Finding:
    """Whether what is due is woken in time."""
    due = Timer.objects.filter(wake_at__lte=look.at)
    count = due.order_by()[:MOST_COUNTED].count()
    oldest = due.order_by("wake_at").values_list("wake_at", flat=True).first()
    is_late = oldest is not None and look.at - oldest > LATE_TIMER
    words = ngettext("%(count)s is due.", "%(count)s are due.", count) % {"count": capped(count)}
    if oldest is not None:
        words += " " + _("The oldest since %(time)s.") % {"time": timesince(oldest, look.at)}
    return Finding(
        "timers",
        _("Timers"),
        Health.CAUTION if is_late else Health.GOOD,
        words if count else _("Nothing is due that has not been done."),
        _("The worker wakes them; see background work above.") if is_late else "",
        {"due": count, "oldest_seconds": (look.at - oldest).total_seconds() if oldest else 0},
    )


@register_check("live", order=40, needs_running=True)
def live_stream(_look: Look) -> Finding:
    """Whether browsers hear of changes, and how many listen."""
    row = _row(
        "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'amity-live%%' LIMIT 1", []
    )
    if not row:
        return Finding(
            "live",
            _("Live updates"),
            Health.CAUTION,
            _("The process for live updates is not connected."),
            _("Pages work and are as fresh as their last reload. Start it with “amity run”."),
            {"is_connected": 0, "listeners": 0},
        )
    listeners = _figure(str(row[0]).rpartition(" ")[2] if " " in str(row[0]) else 0)
    words = ngettext("Connected; %(count)s page listens.", "Connected; %(count)s pages listen.", listeners)
    return Finding(
        "live",
        _("Live updates"),
        Health.GOOD,
        words % {"count": capped(listeners)},
        figures={"is_connected": 1, "listeners": listeners},
    )


@register_check("disk", order=90)
def disk(_look: Look) -> Finding:
    """Room left where files (and the embedded database) live."""
    usage = shutil.disk_usage(settings.HOME if settings.HOME.exists() else "/")
    health, remedy = Health.GOOD, ""
    if usage.free < NO_DISK_BYTES:
        health, remedy = Health.BAD, _("Free some now: without room nothing can be saved any more.")
    elif usage.free < LITTLE_DISK_BYTES:
        health, remedy = Health.CAUTION, _("Make room soon: the database needs space to work.")
    words = _("%(free)s free of %(total)s.") % {
        "free": filesizeformat(usage.free),
        "total": filesizeformat(usage.total),
    }
    return Finding(
        "disk", _("Disk"), health, words, remedy, {"free_bytes": usage.free, "total_bytes": usage.total}
    )
