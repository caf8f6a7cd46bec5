"""Timers wake once, in the transaction that removes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from amity.kernel import timers
from amity.kernel.models import Timer

pytestmark = pytest.mark.django_db


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[UUID, dict[str, Any]]]:
    seen: list[tuple[UUID, dict[str, Any]]] = []
    monkeypatch.setitem(timers._handlers, "test.tick", lambda id, payload, at: seen.append((id, payload)))
    return seen


def test_what_is_due_wakes_in_order_and_only_once(
    at: datetime, woken: list[tuple[UUID, dict[str, Any]]]
) -> None:
    first, second, later = uuid4(), uuid4(), uuid4()
    timers.set_timer("test.tick", second, at - timedelta(seconds=1), {"n": 2})
    timers.set_timer("test.tick", first, at - timedelta(seconds=5), {"n": 1})
    timers.set_timer("test.tick", later, at + timedelta(days=30))
    assert timers.wake_due(at) == 2
    assert timers.wake_due(at) == 0
    assert woken == [(first, {"n": 1}), (second, {"n": 2})]
    assert Timer.objects.get().subject_id == later


def test_setting_a_timer_again_moves_it(at: datetime, woken: list[tuple[UUID, dict[str, Any]]]) -> None:
    subject = uuid4()
    timers.set_timer("test.tick", subject, at)
    timers.set_timer("test.tick", subject, at + timedelta(hours=1))
    assert timers.wake_due(at) == 0
    timers.clear_timer("test.tick", subject)
    assert timers.wake_due(at + timedelta(days=1)) == 0


def test_a_timer_whose_handler_fails_is_still_there(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(id: UUID, payload: dict[str, Any], at: datetime) -> None:
        raise RuntimeError("not today")

    monkeypatch.setitem(timers._handlers, "test.tick", fails)
    timers.set_timer("test.tick", uuid4(), at)
    with pytest.raises(RuntimeError):
        timers.wake_one(at)
    assert Timer.objects.count() == 1


def test_a_kind_that_nobody_handles_is_left_alone(at: datetime) -> None:
    timers.set_timer("test.unknown", uuid4(), at)
    assert timers.wake_due(at) == 0
    assert Timer.objects.count() == 1
