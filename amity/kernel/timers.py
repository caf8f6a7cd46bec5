"""Waiting for minutes or months: rows with `wake_at`, claimed with SKIP LOCKED.

Far-future work does not belong into the job queue (100,000 parked rows made its fetch a hundred times slower).
A kind is registered with `@wakes("promise.due")` in a package's `jobs.py`; the handler runs in the transaction that
removes the timer, so a crash wakes it again and nothing is woken twice. A handler that fails is tried again later and
holds up nobody else's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from amity.kernel import tracing
from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.kernel.metrics import Counter
from amity.kernel.models import Timer

log = structlog.get_logger(__name__)
TIMERS = Counter("amity_timers_total", "Timers woken.", ("kind", "outcome"))

TRY_AGAIN_AFTER = timedelta(minutes=1)
Handler = Callable[[UUID, dict[str, Any], datetime], None]
_handlers: dict[str, Handler] = {}

_CLAIM = """
    DELETE FROM kernel_timer WHERE id IN (
        SELECT id FROM kernel_timer WHERE wake_at <= %s AND kind = ANY(%s)
        ORDER BY wake_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING kind, subject_id, payload::text
"""
_CLEAR = """
    DELETE FROM kernel_timer WHERE id IN (
        SELECT id FROM kernel_timer WHERE kind = %s AND subject_id = %s FOR UPDATE SKIP LOCKED)
"""


def wakes(kind: str) -> Callable[[Handler], Handler]:
    """Register what happens when a timer of this kind is due: `handler(subject_id, payload, at)`."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def set_timer(kind: str, subject_id: UUID, wake_at: datetime, payload: dict[str, Any] | None = None) -> None:
    """Wake at `wake_at`; a second call for the same subject moves the timer."""
    Timer.objects.update_or_create(
        kind=kind,
        subject_id=subject_id,
        defaults={"wake_at": wake_at, "payload": payload or {}},
        create_defaults={"id": uuid4(), "wake_at": wake_at, "payload": payload or {}},
    )


def clear_timer(kind: str, subject_id: UUID) -> None:
    """Forget it, if it is still set. One that is waking right now is left to its handler, which looks for itself.

    Waiting for that handler would be a deadlock: it waits for the subject, which the caller has locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, [kind, subject_id])


def wake_one(at: datetime) -> bool:
    """Claim one due timer and run its handler in one transaction. False when none is due.

    A timer whose handler fails is put off by `TRY_AGAIN_AFTER`, and the error rises.
    """
    claimed = None
    try:
        with acting(SYSTEM, via="job"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CLAIM, [at, list(_handlers)])
            claimed = cursor.fetchone()
            if claimed is None:
                return False
            kind, subject_id, payload = claimed
            with tracing.span(f"timer {kind}", kind="consumer"):
                _handlers[kind](subject_id, json.loads(payload), at)
        TIMERS.add(kind=kind, outcome="done")
        return True
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if claimed is not None:
            TIMERS.add(kind=claimed[0], outcome="failed")
            Timer.objects.filter(kind=claimed[0], subject_id=claimed[1], wake_at__lte=at).update(
                wake_at=at + TRY_AGAIN_AFTER
            )
        raise


def wake_due(at: datetime, most: int = 1_000) -> int:
    """Run what is due, up to `most`; returns how many. What fails is logged and does not stop the others."""
    woken = 0
    for _ in range(most):
        try:
            if not wake_one(at):
                break
            woken += 1
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # the boundary: one broken handler must not stop the clock
            log.exception("a timer failed", kind=type(error).__name__)
    return woken
