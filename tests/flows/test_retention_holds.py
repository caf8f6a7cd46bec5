"""Who is held, or kept by a colleague, stays through rules, imports that are taken back and erasures under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from amity.activity.models import Activity
from amity.channels.models import ImportRun, Item
from amity.conversations import refreshing
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict
from amity.kernel.models import Staff
from amity.people import erasures
from amity.people.holds import place, release
from amity.people.models import LegalHold, Link, PersonErasure
from amity.retention import night, records
from amity.retention.keeping import keep
from amity.retention.models import Due
from amity.site import ingest, undo_portions
from amity.site.tests.shell.factories import signed_in
from tests.flows.erasing import person_of
from tests.flows.keeping import ADA, BO, a_rule, close_all, said
from tests.flows.stories import jsonl, message, take_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
__all__ = ["said"]  # a fixture


def test_an_import_that_named_somebody_who_is_held_is_not_taken_back(
    said: None, tmp_path: Path, at: datetime, owner: Actor
) -> None:
    rows = [message("c1", at, BO, text="Once more"), message("c2", at, "cy@roast.example", text="New here")]
    run = take_in(jsonl(tmp_path / "more.jsonl", rows), at)
    hold = place(person_of(BO), reason="Lawsuit 4 O 17/26", actor=owner, at=at)
    with pytest.raises(Conflict, match="legal hold"):
        ingest.undo(run.pk, actor=owner)
    assert Activity.objects.filter(external_id="c2").exists()
    page = signed_in(Staff.objects.get(email="tilde@tamp.example")).post(f"/imports/{run.pk}/undo/")
    assert (page.status_code, "legal hold" in page.content.decode()) == (409, True)
    release(hold.pk, why="It was settled", actor=owner, at=at)
    ingest.undo(run.pk, actor=owner)
    assert not Activity.objects.filter(external_id__in=["c1", "c2"]).exists()


def test_a_hold_that_is_placed_while_raw_items_are_removed_keeps_theirs(
    said: None, owner: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule("items", owner, at, months=1)
    later = at + timedelta(days=90)

    def held_meanwhile(*, with_items: bool = False) -> records.Spared:
        found = records.spared(with_items=with_items)
        if not LegalHold.objects.exists():
            place(person_of(ADA), reason="A lawsuit", actor=owner, at=later)
        return found

    monkeypatch.setattr(night, "spared", held_meanwhile)
    (run,) = night.work(lambda: later)
    left = [bytes(raw) for raw in Item.objects.values_list("raw", flat=True)]
    assert (len(left), run.removed) == (4, 1)
    assert all(ADA.encode() in raw for raw in left)


def test_a_hold_waits_for_the_portion_that_is_emptied_at_this_moment(
    said: None, owner: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_all(owner, at)
    a_rule("words", owner, at)
    placed, ada = threading.Event(), person_of(ADA)
    early: list[bool] = []

    def placing() -> None:
        place(ada, reason="A lawsuit", actor=owner, at=at)
        placed.set()
        connection.close()

    colleague = threading.Thread(target=placing)

    def hold(conversations: Sequence[UUID]) -> None:
        colleague.start()
        early.append(placed.wait(1))
        original(conversations)

    original = refreshing.hold
    monkeypatch.setattr(records, "hold", hold)
    night.work(lambda: at)
    colleague.join(10)
    assert early == [False]  # nobody is told that nothing goes while it does
    assert placed.is_set()


def test_a_hold_that_is_placed_while_an_import_is_taken_back_keeps_what_is_left(
    tmp_path: Path, at: datetime, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"type": "person", "id": f"k{n}", "at": at.isoformat(), "facts": {"name": f"Person {n}"},
         "handles": [{"network": "email", "address": f"p{n}@roast.example"}]}
        for n in range(3)
    ]  # fmt: skip
    run = take_in(jsonl(tmp_path / "people.jsonl", rows), at)
    monkeypatch.setattr(undo_portions, "PERSONS", 1)
    note = undo_portions._note
    left: list[str] = []

    def held_after_the_first(run: ImportRun, told: dict[str, Any]) -> None:
        note(run, told)
        if not left:
            left.extend(Link.objects.values_list("identity__address", flat=True))
            placed.append(place(person_of(left[0]), reason="A lawsuit", actor=owner, at=at))

    placed: list[LegalHold] = []
    monkeypatch.setattr(undo_portions, "_note", held_after_the_first)
    with pytest.raises(Conflict, match="legal hold"):
        ingest.undo(run.pk, actor=owner)
    with pytest.raises(Conflict, match="legal hold"):
        ingest.undo(run.pk, actor=owner)  # a worker that takes it up again
    assert set(Link.objects.values_list("identity__address", flat=True)) == set(left)
    staff = Staff.objects.get(email="tilde@tamp.example")
    assert "legal hold" in signed_in(staff).get(f"/imports/{run.pk}/").content.decode()
    release(placed[0].pk, why="It was settled", actor=owner, at=at)
    assert ingest.undo(run.pk, actor=owner).state == "undone"
    assert not Link.objects.exists()


def test_whoever_keeps_somebody_waits_for_the_timer_of_the_erasure_and_stands_in_nobodys_way(
    said: None, owner: Actor, at: datetime
) -> None:
    asked = erasures.ask(person_of(BO), ground="purpose", actor=owner, at=at)
    due = Due.objects.create(
        rule=a_rule("words", owner, at), person_id=person_of(BO), state="asked", announced_at=at, due_on=at.date(),
        erasure_id=asked.pk,
    )  # fmt: skip

    def keeping() -> None:
        keep(due.pk, reason="A friend", actor=owner, at=at)
        connection.close()

    colleague = threading.Thread(target=keeping)
    with transaction.atomic():
        PersonErasure.objects.select_for_update().get()  # as the timer does first
        colleague.start()
        time.sleep(0.5)
        Due.objects.select_for_update(nowait=True).get()
    colleague.join(10)
    asked.refresh_from_db()
    assert asked.state == "stopped"
