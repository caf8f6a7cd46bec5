"""What `amity status` and `amity doctor` know of the database, asked with plain SQL: Django may be what is broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg

from amity.kernel.postgres import Cluster, PostgresError, check_server_version
from amity.kernel.postgres.roles import powers
from amity.site.cli.database import own_server

__all__ = ["clock_difference_s", "database", "powers", "work"]

WORKER_BEATS_WITHIN_S = 30
STALE_OUTBOX_MINUTES = 15

_WORK = {
    "todo": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'",
    "doing": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'",
    "failed": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    "stalled": """
        SELECT count(*) FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
        WHERE job.status = 'doing'
          AND (worker.id IS NULL OR worker.last_heartbeat < now() - interval '1 minute')""",
    "worker_seen_s": "SELECT extract(epoch FROM now() - max(last_heartbeat))::float FROM procrastinate_workers",
    "outbox": "SELECT count(*) FROM channels_outboundmessage WHERE state IN ('queued', 'sending')",
    "outbox_unknown": "SELECT count(*) FROM channels_outboundmessage WHERE state = 'unknown'",
    "outbox_stale": f"""
        SELECT count(*) FROM channels_outboundmessage
        WHERE state IN ('queued', 'sending') AND send_at < now() - interval '{STALE_OUTBOX_MINUTES} minutes'""",
}


def database(home: Path) -> dict[str, Any]:
    """Which server, whether it answers, its version, phase and size. Starts nothing."""
    chosen = own_server()
    if chosen:
        try:
            version = check_server_version(chosen)
        except PostgresError as error:
            return _server(chosen, embedded=False, phase="unreachable", problem=error.message)
        return _server(chosen, embedded=False, answers=True, version=version, phase="ready")
    cluster = Cluster(home)
    try:
        state = cluster.status()
    except PostgresError as error:
        return _server(cluster.url(), embedded=True, phase="unusable", problem=error.message)
    return _server(
        cluster.url(),
        embedded=True,
        answers=state.running,
        version=state.version,
        phase=str(state.phase),
        size_bytes=state.size_bytes,
        log=str(state.log_file),
    )


def _server(url: str, *, embedded: bool, **known: Any) -> dict[str, Any]:
    unknown = {"answers": False, "version": None, "phase": "", "size_bytes": 0, "log": "", "problem": ""}
    return {"url": url, "embedded": embedded, **unknown, **known}


def work(url: str) -> dict[str, Any]:
    """Jobs by state, seconds since a worker was heard of, messages on their way out. Empty without tables."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        if connection.execute("SELECT to_regclass('channels_outboundmessage')").fetchone() == (None,):
            return {}
        found = {}
        for name, statement in _WORK.items():
            row = connection.execute(statement.encode()).fetchone()
            found[name] = row[0] if row else None
        return found


def clock_difference_s(url: str) -> float:
    """How far the database's clock is ahead of ours, in seconds."""
    import time

    with psycopg.connect(url, connect_timeout=5) as connection:
        before = time.time()
        row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float").fetchone()
        after = time.time()
    return float(row[0]) - (before + after) / 2 if row else 0.0
