"""What of the machine itself stands on the Status screen: database, worker, timers, live updates, disk."""

from __future__ import annotations

import shutil
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from amity.kernel.health import MOST_COUNTED, Finding, Health, Look, capped, register_check
from amity.kernel.models import Timer, WorkspaceSetting
from amity.kernel.postgres.roles import powers_in_words, powers_query
from amity.site.backup import schedule

SILENT_WORKER = timedelta(seconds=30)
CLOCK_TOLERANCE_S = 5.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LATE_SEAL = timedelta(minutes=2)
LATE_TIMER = timedelta(minutes=2)
LITTLE_DISK_BYTES, NO_DISK_BYTES = 5_000_000_000, 1_000_000_000


def _row(query: str | sql.SQL, parameters: list[datetime | int] | None = None) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row: tuple[object, ...] = cursor.fetchone() or ()
        return row


def _figure(value: object) -> int:
    return int(str(value or 0))


@register_check("database", order=10, of_machine=True)
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


@register_check("worker", order=20, needs_running=True, of_machine=True)
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
    if not any(figures.values()):
        words = _("All jobs are done.")
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
        words += " " + _("Failed: %(tasks)s.") % {"tasks": ", ".join(_failed_tasks())}
        health, remedy = (
            Health.CAUTION,
            _("The log of the worker says why. “amity doctor --retry” starts them again."),
        )
    return Finding("worker", _("Background work"), health, words, remedy, figures)


def _failed_tasks() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name || ' × ' || count(*) FROM procrastinate_jobs WHERE status = 'failed'"
            " GROUP BY task_name ORDER BY count(*) DESC, task_name LIMIT 5"
        )
        return [str(row[0]) for row in cursor.fetchall()]


@register_check("timers", order=30, needs_running=True, of_machine=True)
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


@register_check("live", order=40, needs_running=True, of_machine=True)
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


@register_check("role", order=12)
def role(_look: Look) -> Finding | None:
    """Whether the role of the application can do more than it needs."""
    found = powers_in_words(_row(powers_query()))
    if not found:
        return None
    return Finding(
        "role",
        _("Role in the database"),
        Health.CAUTION if found == ["may make databases"] else Health.BAD,
        _("The role that Amity uses %(powers)s.") % {"powers": ", ".join(_(power) for power in found)},
        _("Give it a role of its own that owns one database and nothing else; “amity doctor” says how."),
        {"powers": len(found)},
    )


@register_check("clock", order=14)
def clock(_look: Look) -> Finding | None:
    """Whether this machine and the database agree on the time; timers and promises compare theirs."""
    before = time.time()
    (theirs,) = _row("SELECT extract(epoch FROM clock_timestamp())::float")
    difference = float(str(theirs)) - (before + time.time()) / 2
    if abs(difference) <= CLOCK_TOLERANCE_S:
        return None
    return Finding(
        "clock",
        _("Clock"),
        Health.BAD,
        _("The clock of the database differs from this machine's by %(seconds)s seconds.")
        % {"seconds": number_format(round(difference))},
        _("Let both machines set their clock over the network (NTP)."),
        {"difference_seconds": round(difference, 1)},
    )


@register_check("audit", order=78, needs_running=True, of_machine=True)
def audit(look: Look) -> Finding:
    """Whether what the audit trail is given gets its place in the chain soon."""
    waiting, oldest = _row(
        "SELECT count(*), min(e.at) FROM (SELECT entry_id FROM kernel_audit_unsealed LIMIT %s) u"
        " JOIN kernel_audit_entry e ON e.id = u.entry_id",
        [MOST_COUNTED],
    )
    since = oldest if isinstance(oldest, datetime) else look.at
    lag = max((look.at - since).total_seconds(), 0.0)
    figures: dict[str, int | float | str] = {"unsealed": _figure(waiting), "lag_seconds": round(lag, 1)}
    if lag <= LATE_SEAL.total_seconds():
        words = _("What was done is on record and sealed into the chain.")
        return Finding("audit", _("Audit trail"), Health.GOOD, words, figures=figures)
    return Finding(
        "audit",
        _("Audit trail"),
        Health.CAUTION,
        _("%(count)s entries wait to be sealed, the oldest since %(time)s.")
        % {"count": capped(_figure(waiting)), "time": timesince(since, look.at)},
        _("The worker seals them; see background work above. Until then they could be changed unseen."),
        figures,
    )


@register_check("address", order=80)
def address(_look: Look) -> Finding:
    """Whether the settings say how Amity is reached, and whether that is safe."""
    url = urlsplit(settings.BASE_URL)
    host = url.hostname or ""
    for is_wrong, health, words, remedy in (
        (
            settings.DEBUG,
            Health.BAD,
            _("Errors show the inside of Amity to everybody."),
            _("Unset AMITY_DEBUG and start again."),
        ),
        (
            "*" in settings.ALLOWED_HOSTS,
            Health.CAUTION,
            _("Amity answers under every name that somebody makes up."),
            _("Name the real ones in AMITY_HOSTS."),
        ),
        (
            url.scheme != "https" and host not in LOOPBACK,
            Health.CAUTION,
            _("People reach Amity at %(url)s: passwords travel in the clear.") % {"url": settings.BASE_URL},
            _("Put a reverse proxy with a certificate before it and set AMITY_URL to its https:// address."),
        ),
        (
            (url.scheme == "https") != settings.IS_BEHIND_TLS,
            Health.CAUTION,
            _("AMITY_HTTPS and AMITY_URL contradict each other."),
            _("Set AMITY_URL to the https:// address and leave AMITY_HTTPS out."),
        ),
        (
            settings.IS_BEHIND_TLS and not settings.PROXIES,
            Health.CAUTION,
            _("All requests seem to come from the reverse proxy: sign-in counts everybody as one."),
            _("Set AMITY_PROXIES to how many proxies of yours stand before Amity, usually 1."),
        ),
    ):
        if is_wrong:
            return Finding("address", _("Address"), health, words, remedy)
    return Finding(
        "address", _("Address"), Health.GOOD, _("People reach Amity at %(url)s.") % {"url": settings.BASE_URL}
    )


@register_check("disk", order=90, of_machine=True)
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


OLD_BACKUP = timedelta(days=2)


@register_check("backup", order=85, of_machine=True)
def backup(look: Look) -> Finding | None:
    """When everything was last saved, and what came of it. The demo company is nobody's loss."""
    last, label = schedule.last(), _("Backup")
    if last is None or not last.made_at:
        why = last.why if last is not None else ""
        if not why and WorkspaceSetting.objects.filter(key="demo_logins").exists():
            return None
        words = f"{_('Nothing was ever saved.')} {why}".strip()
        return Finding("backup", label, Health.CAUTION, words, _how_to_back_up(), {"age_seconds": -1})
    age = look.at - datetime.fromisoformat(last.made_at)
    words = _("The last one is %(age)s old: %(size)s in %(seconds)s s.") % {
        "age": timesince(datetime.fromisoformat(last.made_at), look.at),
        "size": filesizeformat(last.size_bytes),
        "seconds": number_format(last.seconds, 1),
    }
    figures: dict[str, int | float | str] = {
        "age_seconds": age.total_seconds(), "size_bytes": last.size_bytes, "took_seconds": last.seconds
    }  # fmt: skip
    if last.why:
        words = f"{words} {_('The last attempt failed:')} {last.why}"
    is_bad = bool(last.why) or age > OLD_BACKUP
    health, remedy = (Health.CAUTION, _how_to_back_up()) if is_bad else (Health.GOOD, "")
    return Finding("backup", label, health, words, remedy, figures)


def _how_to_back_up() -> str:
    return _("On the machine: “amity backup schedule” has one made each day, “amity backup” makes one now.")
