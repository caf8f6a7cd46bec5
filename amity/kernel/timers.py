"""Waiting for minutes or months: rows with `wake_at`, claimed with SKIP LOCKED.

Far-future work does not belong into the job queue (100,000 parked rows made its fetch a hundred times slower).
A kind is registered with `@wakes("promise.due")` in a package's `jobs.py`; the handler runs in the transaction that
removes the timer, so a crash wakes it again and nothing is woken twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from amity.kernel.models import Timer

Handler = Callable[[UUID, dict[str, Any], datetime], None]
_handlers: dict[str, Handler] = {}

_CLAIM = """
    DELETE FROM kernel_timer WHERE id IN (
        SELECT id FROM kernel_timer WHERE wake_at <= %s AND kind = ANY(%s)
        ORDER BY wake_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING kind, subject_id, payload::text
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
    """Forget it, if it is still set."""
    Timer.objects.filter(kind=kind, subject_id=subject_id).delete()


def wake_one(at: datetime) -> bool:
    """Claim one due timer and run its handler in one transaction. False when none is due."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at, list(_handlers)])
        claimed = cursor.fetchone()
        if claimed is None:
            return False
        kind, subject_id, payload = claimed
        _handlers[kind](subject_id, json.loads(payload), at)
        return True


def wake_due(at: datetime, most: int = 1_000) -> int:
    """Run what is due, up to `most`; returns how many."""
    woken = 0
    while woken < most and wake_one(at):
        woken += 1
    return woken
