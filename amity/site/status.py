"""How the machine is doing, in words, each with what to do about it. The Status screen and `/status.json` show it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from psycopg import sql

from amity.channels.models import ImportRun, Item, ItemState, OutboundMessage, OutboundState, RunState, Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import Timer

MOST_COUNTED = 10_001
SILENT_WORKER = timedelta(seconds=30)
STUCK_IMPORT = timedelta(minutes=2)
LATE_TIMER = timedelta(minutes=2)
LATE_MESSAGE = timedelta(minutes=5)
RECENT_FAILURE = timedelta(days=7)
LITTLE_DISK_BYTES, NO_DISK_BYTES = 5_000_000_000, 1_000_000_000


class Health(StrEnum):
    GOOD = "good"
    INFO = "info"
    CAUTION = "caution"
    BAD = "bad"

    @property
    def label(self) -> str:
        return str(_HEALTH_LABELS[self])

    @property
    def icon(self) -> str:
        return _HEALTH_ICONS[self]


_HEALTH_LABELS = {
    Health.GOOD: gettext_lazy("works"),
    Health.INFO: gettext_lazy("at work"),
    Health.CAUTION: gettext_lazy("look at it"),
    Health.BAD: pgettext_lazy("health", "broken"),
}
_HEALTH_ICONS = {
    Health.GOOD: "circle-check",
    Health.INFO: "refresh-cw",
    Health.CAUTION: "triangle-alert",
    Health.BAD: "circle-x",
}
_WORSE_LAST = tuple(Health)


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the machine: how it is, in a sentence, and what to do (empty when nothing). `figures` for machines:
    plain numbers, bytes and seconds with their unit in the key. `link` is a URL name with more about it."""

    key: str
    label: str
    health: Health
    words: str
    remedy: str = ""
    figures: dict[str, int | float | str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, and when."""

    actor: Actor
    at: datetime


Check = Callable[[Look], Finding]


def findings(actor: Actor, at: datetime) -> list[Finding]:
    """Every part, in a fixed order. Raises `Forbidden` for those who may not read it."""
    policy.require(actor, "read", "status")
    return [check(Look(actor, at)) for check in CHECKS]


def worst(found: list[Finding]) -> Health:
    """The state of the whole: that of its worst part."""
    return max((finding.health for finding in found), key=_WORSE_LAST.index, default=Health.GOOD)


def _row(query: str | sql.SQL, parameters: list[datetime] | None = None) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row: tuple[object, ...] = cursor.fetchone() or ()
        return row


def _figure(value: object) -> int:
    return int(str(value or 0))


def _n(value: int) -> str:
    return f"{number_format(MOST_COUNTED - 1)}+" if value >= MOST_COUNTED else str(number_format(value))


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


def worker(look: Look) -> Finding:
    """Whether jobs are being done: last sign of life, and how many wait, failed or stall."""
    todo, failed, doing, stalled, heartbeat = _row(_JOBS, [look.at, look.at - SILENT_WORKER])
    figures: dict[str, int | float | str] = {
        "waiting": _figure(todo), "failed": _figure(failed), "doing": _figure(doing), "stalled": _figure(stalled)
    }  # fmt: skip
    words = _("%(todo)s jobs wait, %(doing)s are being done, %(failed)s failed, %(stalled)s stall.") % {
        "todo": _n(_figure(todo)), "doing": _n(_figure(doing)), "failed": _n(_figure(failed)),
        "stalled": _n(_figure(stalled)),
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


def timers(look: Look) -> Finding:
    """Whether what is due is woken in time."""
    due = Timer.objects.filter(wake_at__lte=look.at)
    count = due.order_by()[:MOST_COUNTED].count()
    oldest = due.order_by("wake_at").values_list("wake_at", flat=True).first()
    is_late = oldest is not None and look.at - oldest > LATE_TIMER
    words = ngettext("%(count)s is due.", "%(count)s are due.", count) % {"count": _n(count)}
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
        words % {"count": _n(listeners)},
        figures={"is_connected": 1, "listeners": listeners},
    )


def imports(look: Look) -> Finding:
    """Files on their way in."""
    runs = policy.visible(ImportRun.objects.all(), look.actor).aggregate(
        running=Count("pk", filter=Q(state__in=[RunState.RUNNING, RunState.UNDOING])),
        queued=Count("pk", filter=Q(state=RunState.QUEUED)),
        failed=Count("pk", filter=Q(state=RunState.FAILED, created_at__gte=look.at - RECENT_FAILURE)),
        stuck=Count("pk", filter=Q(state=RunState.RUNNING, heartbeat_at__lt=look.at - STUCK_IMPORT)),
    )
    words = _("%(running)s running, %(queued)s waiting, %(failed)s failed in the last seven days.") % runs
    health, remedy = Health.INFO if runs["running"] else Health.GOOD, ""
    if runs["stuck"]:
        health, remedy = (
            Health.CAUTION,
            _("One has not moved for two minutes. It goes on where it was when the worker does."),
        )
    elif runs["failed"]:
        health, remedy = (
            Health.CAUTION,
            _("Open it to see the reason; it can go on where it stopped, or be undone."),
        )
    if not any(runs.values()):
        words = _("Nothing is being imported.")
    return Finding("imports", _("Imports"), health, words, remedy, dict(runs), link="imports")


def quarantine(look: Look) -> Finding:
    """Items that could not be understood, kept whole for another try."""
    rows = policy.visible(Item.objects.filter(state=ItemState.QUARANTINED), look.actor)
    count = rows.order_by()[:MOST_COUNTED].count()
    if not count:
        return Finding(
            "quarantine", _("Quarantine"), Health.GOOD, _("Every item could be read."), figures={"items": 0}
        )
    words = ngettext("%(count)s item could not be read.", "%(count)s items could not be read.", count)
    return Finding(
        "quarantine",
        _("Quarantine"),
        Health.CAUTION,
        words % {"count": _n(count)},
        _("They are kept whole with their reason. Open their import to see them and try again."),
        {"items": count},
        link="imports",
    )


def outbox(look: Look) -> Finding:
    """Messages on their way out, and those of which nobody knows whether they arrived."""
    mine = OutboundMessage.objects.filter(source__in=policy.visible(Source.objects.all(), look.actor))
    counts = mine.exclude(state__in=[OutboundState.SENT, OutboundState.WITHDRAWN]).aggregate(
        waiting=Count("pk", filter=Q(state__in=[OutboundState.QUEUED, OutboundState.SENDING])),
        late=Count("pk", filter=Q(state=OutboundState.QUEUED, send_at__lt=look.at - LATE_MESSAGE)),
        failed=Count("pk", filter=Q(state=OutboundState.FAILED)),
        unknown=Count("pk", filter=Q(state=OutboundState.UNKNOWN)),
    )
    words = _("%(waiting)s waiting, %(failed)s failed, %(unknown)s of which we do not know.") % counts
    health, remedy = Health.INFO if counts["waiting"] else Health.GOOD, ""
    if counts["unknown"]:
        remedy = _(
            "The line broke while they were sent. Look whether they arrived, then mark them or send them again."
        )
    elif counts["failed"]:
        remedy = _("Open the conversation: it says why, and the text is safe.")
    elif counts["late"]:
        remedy = _("The worker sends them; see background work above.")
    if remedy:
        health = Health.CAUTION
    if not any(counts.values()):
        words = _("Everything is sent.")
    return Finding("outbox", _("Outbox"), health, words, remedy, dict(counts))


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


CHECKS: tuple[Check, ...] = (database, worker, timers, live_stream, imports, quarantine, outbox, disk)
