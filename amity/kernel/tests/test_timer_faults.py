"""A handler that fails costs its own timer a minute and nobody else anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from amity.kernel import timers
from amity.kernel.models import Timer


@pytest.mark.django_db
def test_a_timer_that_always_fails_does_not_keep_others_asleep(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[UUID] = []

    def handler(id: UUID, payload: dict[str, Any], at: datetime) -> None:
        if payload.get("poison"):
            raise RuntimeError("never")
        woken.append(id)

    monkeypatch.setitem(timers._handlers, "test.tick", handler)
    poison, good = uuid4(), uuid4()
    timers.set_timer("test.tick", poison, at - timedelta(days=9), {"poison": True})
    timers.set_timer("test.tick", good, at)
    assert timers.wake_due(at) == 1
    assert woken == [good]
    kept = Timer.objects.get()
    assert (kept.subject_id, kept.wake_at) == (poison, at + timers.TRY_AGAIN_AFTER)


@pytest.mark.django_db(transaction=True)
def test_clearing_a_timer_that_is_waking_waits_for_nobody(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waking, cleared = Event(), Event()
    subject = uuid4()

    def handler(id: UUID, payload: dict[str, Any], at: datetime) -> None:
        waking.set()
        cleared.wait(10)

    monkeypatch.setitem(timers._handlers, "test.tick", handler)
    timers.set_timer("test.tick", subject, at)

    def wake() -> None:
        try:
            timers.wake_due(at)
        finally:
            connection.close()

    other = Thread(target=wake)
    other.start()
    assert waking.wait(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        timers.clear_timer("test.tick", subject)
    cleared.set()
    other.join()
    assert not Timer.objects.exists()
