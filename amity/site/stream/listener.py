"""The one connection that hears PostgreSQL's notifications, and finds its way back when it is cut."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import psycopg
import structlog
from django.db import connection
from psycopg import sql

from amity.kernel.live import CHANNEL, Announcement
from amity.site.stream.hub import Hub

log = structlog.get_logger(__name__)

APPLICATION_NAME = "amity-live"
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.25, 10.0
HEARTBEAT_SECONDS = 10.0


def connection_fields() -> dict[str, Any]:
    """How Django reaches the database, for psycopg."""
    chosen = connection.settings_dict
    fields = {
        "dbname": chosen["NAME"],
        "user": chosen["USER"],
        "password": chosen["PASSWORD"],
        "host": chosen["HOST"],
        "port": chosen["PORT"],
    }
    more = {key: value for key, value in chosen["OPTIONS"].items() if key != "application_name"}
    return {**more, **{key: value for key, value in fields.items() if value}}


async def listen(hub: Hub, recheck: asyncio.Event) -> None:
    """Publish every announcement to `hub`, for ever. After an interruption everybody is told to resync.

    Announcements about colleagues, teams and sources set `recheck`: somebody's access may have changed.
    """
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            line = await psycopg.AsyncConnection.connect(
                **connection_fields(), autocommit=True, application_name=APPLICATION_NAME
            )
            async with line:
                await line.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                hub.resync()
                pause = FIRST_PAUSE_SECONDS
                log.info("live stream listens")
                await _hear(line, hub, recheck)
        except (psycopg.Error, OSError):
            log.warning("live stream lost the database", retry_seconds=pause, exc_info=True)
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _hear(line: psycopg.AsyncConnection[Any], hub: Hub, recheck: asyncio.Event) -> None:
    shown = -1
    clock = asyncio.get_running_loop().time
    while True:
        async for notice in line.notifies(timeout=HEARTBEAT_SECONDS):
            _publish(notice.payload, hub, recheck, clock())
        if shown != len(hub.clients):  # the Status screen reads it from pg_stat_activity
            shown = len(hub.clients)
            await line.execute(
                "SELECT set_config('application_name', %s, false)", [f"{APPLICATION_NAME} {shown}"]
            )
        else:
            await line.execute("SELECT 1")


ABOUT_ACCESS = frozenset({"staff", "source"})


def _publish(payload: str, hub: Hub, recheck: asyncio.Event, at_seconds: float) -> None:
    try:
        announcement = Announcement.decode(payload)
    except (ValueError, KeyError, TypeError):
        log.warning("announcement cannot be read", size_bytes=len(payload))
        return
    if announcement.topic in ABOUT_ACCESS:
        recheck.set()
    hub.publish(announcement, at_seconds=at_seconds)
