"""The worker: background jobs, timers and the accounts that are kept connected, in one process."""

from __future__ import annotations

import threading
from typing import Any, cast

import structlog
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from amity.channels.keeping import Keeper
from amity.kernel.sealing import seal_all
from amity.kernel.timers import wake_due
from amity.segments.keeper import SegmentKeeper
from amity.site import ingest
from amity.site.job_log import job_log
from amity.site.jobs import take_up_interrupted
from amity.webhooks.courier import TIMEOUT_S, Courier

log = structlog.get_logger(__name__)
TICK_S = 1.0


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # the screens are not for this process
    help = "Work on background jobs and wake timers until it is told to stop."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at a time (default 2)")
        parser.add_argument("--once", action="store_true", help="do what waits, then end")

    def handle(self, *args: Any, concurrency: int, once: bool, **options: Any) -> None:
        stopping = threading.Event()
        ticker = threading.Thread(target=tick, args=[stopping], name="timers", daemon=True)
        ticker.start()
        courier = threading.Thread(target=Courier().run, args=[stopping], name="courier", daemon=True)
        keeper = threading.Thread(target=keep_accounts, args=[stopping], name="accounts", daemon=True)
        segments = threading.Thread(
            target=SegmentKeeper(clock=timezone.now).run, args=[stopping], name="segments", daemon=True
        )
        if not once:
            courier.start()
            keeper.start()
            segments.start()
        take_up_interrupted()
        try:
            connector = cast(DjangoConnector, app.connector).get_worker_connector()  # one that can listen
            with app.replace_connector(connector) as worker:
                worker.run_worker(
                    concurrency=concurrency,
                    wait=not once,
                    install_signal_handlers=True,
                    delete_jobs="successful",
                    fetch_job_polling_interval=5.0,
                    shutdown_graceful_timeout=20,
                    worker_middleware=[job_log],
                )
        finally:
            stopping.set()
            ticker.join(timeout=5)
            if not once:
                keeper.join(timeout=5)
                segments.join(timeout=5)
                courier.join(timeout=TIMEOUT_S + 1)


def keep_accounts(stopping: threading.Event) -> None:
    """Keep mailboxes and other accounts connected, those that no other worker has."""
    Keeper(deliver=ingest.deliver, clock=timezone.now).run(stopping)


def tick(stopping: threading.Event) -> None:
    """Once a second, wake what is due and seal what the audit trail was given.

    A database that is away for a moment is asked again.
    """
    while not stopping.wait(TICK_S):
        try:
            wake_due(timezone.now())
            seal_all()
        except OperationalError:
            log.warning("timers wait for the database")
        except Exception:  # the boundary: one broken handler must not stop the clock
            log.exception("a timer failed")
        finally:
            close_old_connections()
