"""Events: in the transaction or not at all, and whole on the other side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from amity.kernel import bus


@bus.event
@dataclass(frozen=True, slots=True)
class GrinderBroke:
    grinder_id: UUID
    at: datetime
    parts: tuple[UUID, ...]
    noticed_by: UUID | None
    words: str


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[GrinderBroke]:
    seen: list[GrinderBroke] = []
    monkeypatch.setitem(bus._handlers, bus.event_name(GrinderBroke), {"test.listen": seen.append})
    return seen


def _jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(args__name=bus.event_name(GrinderBroke)))


def _event(at: datetime) -> GrinderBroke:
    return GrinderBroke(uuid4(), at, (uuid4(), uuid4()), None, "it chirps")


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_announced(at: datetime, heard: list[GrinderBroke]) -> None:
    with transaction.atomic():
        bus.publish(_event(at))
        transaction.set_rollback(True)
    assert _jobs() == []
    with transaction.atomic():
        bus.publish(_event(at))
    assert len(_jobs()) == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused(at: datetime) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        bus.publish(_event(at))


@pytest.mark.django_db(transaction=True)
def test_a_handler_gets_the_event_as_it_was(at: datetime, heard: list[GrinderBroke]) -> None:
    happened = _event(at)
    with transaction.atomic():
        bus.publish(happened)
    (job,) = _jobs()
    bus.handle_event(**job.args)
    assert heard == [happened]
