"""The courier: takes what is due to its receivers, many at a time, in a thread of the worker.

It is no background job: a receiver that hangs for its fifteen seconds would hold one of the few places in which imports
run. The rows wait by themselves (`Delivery.next_at`); sending happens in threads that need no database; claims and
outcomes are this one thread's. A courier that is killed leaves claims that are due again after a minute.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from amity.kernel.http import Refused, TimedOut, Unreachable, fetch
from amity.webhooks.domain.delivering import Attempted, Outcome, outcome_of
from amity.webhooks.services import LEASE, MOST_RESPONSE, Parcel, claim, due_endpoints, settle

log = structlog.get_logger(__name__)

TIMEOUT_S = 15.0
AT_A_TIME = 16
EACH, EACH_WHEN_FAILING = 4, 1
MOST_FOR_FAILING = AT_A_TIME // 2  # the rest stays free for receivers that are well
IDLE_S = 0.5
_READ_AT_MOST = MOST_RESPONSE * 4


def carry(parcel: Parcel, timeout_s: float = TIMEOUT_S) -> Attempted:
    """Bring one parcel to its receiver and say how it went. Never raises what a receiver can cause."""
    started = time.monotonic()
    try:
        answer = fetch(
            "POST",
            parcel.url,
            headers=parcel.headers,
            body=parcel.body,
            timeout_s=timeout_s,
            most_bytes=_READ_AT_MOST,
            cut=True,
        )
    except Refused as error:
        return Attempted(Outcome.REFUSED, _since(started), error=error.message)
    except TimedOut as error:
        return Attempted(Outcome.TIMED_OUT, _since(started), error=error.message)
    except Unreachable as error:
        return Attempted(Outcome.UNREACHABLE, _since(started), error=error.message)
    text = answer.body.decode("utf-8", "replace").encode()[:MOST_RESPONSE].decode("utf-8", "ignore")
    return Attempted(
        outcome_of(answer.status),
        _since(started),
        status=answer.status,
        retry_after=answer.headers.get("retry-after", ""),
        response=text,
    )


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


class Courier:
    """`run(stopping)` until the event is set; then what is on its way is still waited for."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, lease: timedelta = LEASE) -> None:
        self._timeout_s = timeout_s
        self._lease = lease
        self._pool = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="courier")
        self._back: queue.Queue[tuple[Parcel, Attempted]] = queue.Queue()
        self._out: Counter[UUID] = Counter()

    def run(self, stopping: threading.Event) -> None:
        """Deliver until told to stop. A database that is away for a moment is asked again."""
        while not stopping.is_set():
            try:
                self.go_round(timezone.now())
            except (OperationalError, InterfaceError):
                log.warning("webhooks wait for the database")
            except Exception:  # the boundary: one odd delivery must not stop the others
                log.exception("webhooks stumbled")
            finally:
                close_old_connections()
            self._wait(stopping)
        self._come_home()

    def go_round(self, at: datetime) -> int:
        """Note what came back, send what is due; returns how many were sent."""
        self._note()
        sent = 0
        for endpoint_id in due_endpoints(at):
            free = AT_A_TIME - self._out.total()
            if free <= 0:
                break
            here = self._out[endpoint_id]
            room = max(0, MOST_FOR_FAILING - self._out.total())
            parcels = claim(
                endpoint_id,
                most=min(EACH - here, free),
                most_when_failing=min(EACH_WHEN_FAILING - here, room),
                at=at,
                lease=self._lease,
            )
            for parcel in parcels:
                self._out[endpoint_id] += 1
                self._pool.submit(self._carry, parcel)
            sent += len(parcels)
        return sent

    def drain(self, at: datetime) -> int:
        """Send what is due at this instant until nothing is, and wait for all of it; returns how many were sent."""
        total = 0
        while sent := self.go_round(at):
            total += sent
            while self._out.total():
                self._note(wait_s=1)
        return total

    def _carry(self, parcel: Parcel) -> None:
        try:
            attempted = carry(parcel, self._timeout_s)
        except Exception as error:  # the boundary: our own mistake counts as a failure of this attempt
            log.exception("a delivery could not be tried", delivery=str(parcel.delivery_id))
            attempted = Attempted(Outcome.FAILED, 0, error=type(error).__name__)
        self._back.put((parcel, attempted))

    def _note(self, wait_s: float = 0) -> None:
        while True:
            try:
                parcel, attempted = self._back.get(block=wait_s > 0, timeout=wait_s or None)
            except queue.Empty:
                return
            wait_s = 0
            self._out[parcel.endpoint_id] -= 1
            self._out += Counter()  # forget those with nothing under way
            settle(parcel.delivery_id, attempted, at=timezone.now())

    def _wait(self, stopping: threading.Event) -> None:
        """Until something came back, or for a moment."""
        ends = time.monotonic() + IDLE_S
        while self._back.empty() and time.monotonic() < ends and not stopping.is_set():
            stopping.wait(0.02 if self._out else IDLE_S)

    def _come_home(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        try:
            self._note()
        except (OperationalError, InterfaceError):
            log.warning("outcomes of webhooks were not noted; they are sent again")
        finally:
            close_old_connections()
