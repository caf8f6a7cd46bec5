"""`amity bench crash`: kill -9 of web, worker and PostgreSQL during imports; then count what is there.

Everything runs in a home of its own: the embedded server, one worker, one web process. The import waits in the queue
and is worked on by the worker; after each kill the victim is started again, as the supervisor of `amity run` does.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import OperationalError, close_old_connections, connections
from django.utils import timezone

from amity.channels import imports
from amity.channels.models import ImportRun, Item, RunState
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import DomainError
from amity.kernel.postgres import Cluster
from amity.site import ingest, jobs
from amity.site.bench.database import sentences
from amity.site.bench.memory import postmasters
from amity.site.bench.processes import free_port, wait_until_healthy
from amity.site.cli.run import web_command

ROUNDS, MESSAGES, FINISH_WITHIN_S = 50, 160_000, 600
VICTIMS = ("worker", "web", "postgres")


class NotFinished(DomainError):
    """The import did not come to its end."""

    code = "bench.not_finished"


def settings() -> dict[str, int]:
    """What was done."""
    return {"rounds": ROUNDS, "messages": MESSAGES}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    rounds: int = ROUNDS,
    messages: int = MESSAGES,
) -> dict[str, float]:
    """Figures: kills by victim, `kills_in_import` (while rows were still coming in), lost, doubled, undone_left.

    Messages answer each other, so that a lost or doubled batch would also break threads: `threads` must be 1 for each
    ten messages. At the end the whole import is undone; `undone_left` counts rows that stay behind. `data` is not read.
    """
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    home = Path(django_settings.HOME)
    cluster = Cluster(home)
    runs = [_queue(home, part, messages // 4) for part in range(4)]
    kills = dict.fromkeys(VICTIMS, 0)
    during = 0
    with _processes() as alive:
        rng = random.Random(3)
        for number in range(rounds):
            time.sleep(rng.uniform(0.2, 1.2))
            victim = VICTIMS[number % len(VICTIMS)]
            during += _is_under_way(cluster)
            _kill(victim, alive, home)
            kills[victim] += 1
            cluster.ensure_running()
            alive.revive()
        _wait_for_end(cluster, alive, runs)
    return (
        {f"kills_{victim}": count for victim, count in kills.items()}
        | {"kills_in_import": during}
        | _count(runs)
    )


class _Alive:
    """A worker and a web process that are started again when they are gone."""

    def __init__(self) -> None:
        self.port = free_port()
        self.commands: Mapping[str, list[str]] = {
            "worker": [sys.executable, "-m", "amity", "manage", "work"],
            "web": web_command("127.0.0.1", self.port),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def revive(self) -> None:
        for name, command in self.commands.items():
            process = self.processes.get(name)
            if process is None or process.poll() is not None:
                self.processes[name] = subprocess.Popen(
                    command,
                    env={**os.environ, "AMITY_LOG_LEVEL": "CRITICAL"},
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)


@contextmanager
def _processes() -> Iterator[_Alive]:
    alive = _Alive()
    alive.revive()
    wait_until_healthy(alive.port)
    try:
        yield alive
    finally:
        alive.stop()


def _queue(home: Path, part: int, count: int) -> ImportRun:
    path = home / f"crash-{part}.jsonl"
    now = timezone.now()
    texts = sentences(1_000, seed=part)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps(_message(part, number, count, texts[number % 1_000][1], now)) + "\n")
    draft = imports.describe(imports.store_file(path, actor=SYSTEM, at=now))
    source = imports.ensure_source(f"crash-{part}", name=f"Crash {part}", adapter="file", at=now)
    run = imports.queue_run(draft.id, source=source, mapping=draft.mapping, options={}, actor=SYSTEM, at=now)
    jobs.enqueue_import(run.id)
    return run


def _message(part: int, number: int, count: int, text: str, now: datetime) -> dict[str, object]:
    return {
        "type": "message",
        "id": f"c{part}-{number}",
        "at": (now - timedelta(seconds=count - number)).isoformat(),
        "channel": "email",
        "direction": "in",
        "from": {"network": "email", "address": f"crash{number % 997}@mail.example", "name": ""},
        "text": text,
        "in_reply_to": [f"c{part}-{number - 1}"] if number % 10 else [],
    }


def _kill(victim: str, alive: _Alive, home: Path) -> None:
    if victim == "postgres":
        for pid in postmasters(home):
            os.kill(pid, signal.SIGKILL)
        return
    os.killpg(alive.processes[victim].pid, signal.SIGKILL)
    alive.processes[victim].wait(timeout=30)


def _is_under_way(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.url(), connect_timeout=5) as session:
        found = session.execute("SELECT count(*) FROM channels_importrun WHERE state <> 'done'").fetchone()
    return bool(found and found[0])


def _wait_for_end(cluster: Cluster, alive: _Alive, runs: list[ImportRun]) -> None:
    until = time.monotonic() + FINISH_WITHIN_S
    while time.monotonic() < until:
        alive.revive()
        cluster.ensure_running()
        try:
            close_old_connections()
            states = set(
                ImportRun.objects.filter(pk__in=[run.pk for run in runs]).values_list("state", flat=True)
            )
        except OperationalError:
            connections.close_all()
            continue
        if states == {RunState.DONE}:
            return
        if RunState.FAILED in states:
            raise NotFinished("An import failed; its reason stands on the Imports screen.")
        time.sleep(1)
    raise NotFinished("The imports did not end in time.")


def _count(runs: list[ImportRun]) -> dict[str, float]:
    connections.close_all()
    read = sum(ImportRun.objects.filter(pk__in=[run.pk for run in runs]).values_list("rows_read", flat=True))
    from amity.site.bench.ingest import count_of

    kept = count_of("SELECT count(*) FROM activity_activity WHERE external_id LIKE 'c%%-%%'")
    distinct = count_of(
        "SELECT count(DISTINCT external_id) FROM activity_activity WHERE external_id LIKE 'c%%-%%'"
    )
    items = Item.objects.filter(run__in=runs).count()
    threads = count_of("SELECT count(*) FROM conversations_conversationthread")
    for run in runs:
        ingest.undo(run.id, actor=SYSTEM)
    left = sum(
        count_of(f"SELECT count(*) FROM {table}")
        for table in ("activity_activity", "activity_activitykey", "people_identity", "people_person",
                      "conversations_conversation", "channels_item")
    )  # fmt: skip
    return {
        "messages": read,
        "lost": read - distinct,
        "doubled": kept - distinct,
        "items": items,
        "threads": threads,
        "undone_left": left,
    }
