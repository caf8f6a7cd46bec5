"""Imports that share rows, undone in any order: what is left is what the other imports bring alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.activity.models import Activity, Retold
from amity.channels import imports
from amity.channels.models import ImportRun, Item, Repeat
from amity.channels.outlook import outlook
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM
from amity.site import ingest
from tests.flows.stories import colleague, draft, fingerprint, jsonl, message, order, take_in
from tests.flows.test_order_lines import lines
from tests.flows.test_undo_exact import told, undo

pytestmark = pytest.mark.django_db


def alone(paths: Sequence[Path], at: datetime, *, source: str = "story") -> dict[str, list[str]]:
    """What an Amity tells that saw only these files, in this order."""
    with transaction.atomic():
        for path in paths:
            take_in(path, at, source=source)
        found = told()
        transaction.set_rollback(True)
    return found


def counts(run: ImportRun) -> tuple[int, int, int]:
    run.refresh_from_db()
    return run.rows_new, run.rows_same, run.rows_quarantined


def world(at: datetime, rows: range) -> list[dict[str, Any]]:
    """A message, an order with a line and facts for each row; odd ones answer the row before."""
    records: list[dict[str, Any]] = []
    for n in rows:
        who, when = f"p{n % 4}@roast.example", at + timedelta(minutes=n)
        facts = {"city": f"City {n % 3}", "organisation": f"Roast {n % 2}"}
        records.append(message(f"m{n}", when, who, facts=facts, in_reply_to=[f"m{n - 1}"] if n % 2 else []))
        sold = [{"sku": f"S{n % 3}", "name": "Burr", "quantity": "1", "amount": "5.00"}]
        records.append(order(f"o{n}", when, [("email", who)], "5.00", facts=facts, lines=sold))
    return records


def test_rows_that_a_later_import_brought_too_stay_when_the_first_is_undone(
    tmp_path: Path, at: datetime
) -> None:
    first, later = (
        jsonl(tmp_path / f"{name}.jsonl", world(at, rows))
        for name, rows in (("a", range(10)), ("b", range(4, 14)))
    )
    empty, expected = fingerprint(), alone([later], at)
    runs = [take_in(first, at), take_in(later, at)]
    assert counts(runs[1]) == (8, 12, 0)
    undo(runs[0])
    assert told() == expected
    assert counts(runs[1]) == (20, 0, 0)
    assert list(Item.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 21))
    again = take_in(later, at)
    assert counts(again) == (0, 20, 0)
    undo(runs[1])
    assert told() == expected
    undo(again)
    assert fingerprint() == empty


def test_undoing_the_first_of_two_equal_imports_changes_nothing_that_people_did(
    tmp_path: Path, at: datetime
) -> None:
    path = jsonl(tmp_path / "a.jsonl", world(at, range(4)))
    first = take_in(path, at)
    closed = Conversation.objects.filter(messages__gt=1).first()
    assert closed is not None
    services.close(closed.id, actor=colleague().actor(), at=at + timedelta(days=1))
    take_in(path, at)
    before = {table: found for table, found in fingerprint().items() if "run" not in table}
    rows = set(Activity.objects.values_list("id", "recorded_at"))
    undo(first)
    after = fingerprint()
    assert set(Activity.objects.values_list("id", "recorded_at")) == rows
    assert after["conversations_conversation"] == before["conversations_conversation"]
    assert after["people_link"] == before["people_link"]
    assert Conversation.objects.get(pk=closed.pk).state == "closed"


def test_a_file_that_comes_again_under_another_mapping_is_read_with_that_one(
    tmp_path: Path, at: datetime
) -> None:
    path = lines(tmp_path / "a.csv", ("500", "A", "2.00"), ("501", "B", "3.00"))
    right = draft(path, at)
    with transaction.atomic():
        expected_run = ingest.work_on(right.id)
        expected = told()
        transaction.set_rollback(True)
    assert expected_run.rows_new == 2
    wrong = draft(path, at)
    ImportRun.objects.filter(pk=wrong.pk).update(mapping={**wrong.mapping, "currency": "USD"})
    ingest.work_on(wrong.id)
    ingest.work_on(right.id)
    assert told() != expected
    undo(wrong)
    assert told() == expected


def test_rows_in_quarantine_are_taken_by_the_import_that_can_read_them(tmp_path: Path, at: datetime) -> None:
    path = lines(tmp_path / "a.csv", ("500", "A", "2.00"), ("501", "B", "3.00"))
    expected = alone([path], at)
    wrong = draft(path, at)
    fields = {**wrong.mapping["fields"], "at": wrong.mapping["fields"]["line_name"]}
    ImportRun.objects.filter(pk=wrong.pk).update(mapping={**wrong.mapping, "fields": fields})
    assert counts(ingest.work_on(wrong.id)) == (0, 0, 2)
    right = take_in(path, at)
    assert counts(right) == (0, 2, 0)
    undo(wrong)
    assert told() == expected
    assert counts(right) == (2, 0, 0)


def test_what_a_later_import_told_in_other_words_is_heard_when_the_first_is_undone(
    tmp_path: Path, at: datetime
) -> None:
    first = jsonl(
        tmp_path / "a.jsonl", [message("m", at, text="Old"), order("o", at, [("email", "a@b.example")], "5")]
    )
    later = jsonl(
        tmp_path / "b.jsonl", [message("m", at, text="New"), order("o", at, [("email", "a@b.example")], "7")]
    )
    expected = alone([later], at)
    runs = [take_in(path, at) for path in (first, later)]
    assert Activity.objects.get(object_type="note").text == "Old"
    undo(runs[0])
    assert told() == expected
    assert Activity.objects.get(object_type="note").text == "New"
    undo(runs[1])
    assert not Retold.objects.exists()


def test_an_order_in_pieces_is_what_the_other_import_says_of_it(tmp_path: Path, at: datetime) -> None:
    first = lines(tmp_path / "1.csv", ("500", "A", "2.00"), ("500", "B", "3.00"), ("501", "C", "1.00"))
    later = lines(tmp_path / "2.csv", ("500", "B", "3.00"), ("500", "D", "4.00"), ("501", "C", "1.00"))
    expected = [alone([path], at) for path in (first, later)]
    runs = [take_in(path, at) for path in (first, later)]
    with transaction.atomic():
        undo(runs[0])
        assert told() == expected[1]
        transaction.set_rollback(True)
    undo(runs[1])
    assert told() == expected[0]


def test_an_import_that_begins_while_another_is_taken_back_brings_its_rows(
    tmp_path: Path, at: datetime
) -> None:
    path = jsonl(tmp_path / "a.jsonl", world(at, range(4)))
    expected = alone([path], at)
    first = take_in(path, at)
    with transaction.atomic():
        imports.begin_undo(first.id, actor=SYSTEM, at=at)
    second = take_in(path, at)
    assert counts(second) == (0, 8, 0)
    undo(first)
    assert told() == expected
    assert counts(second) == (8, 0, 0)


def test_the_outlook_counts_what_stays_because_another_import_brought_it(
    tmp_path: Path, at: datetime
) -> None:
    runs = [
        take_in(jsonl(tmp_path / f"{part}.jsonl", world(at, rows)), at)
        for part, rows in (("a", range(10)), ("b", range(4, 14)))
    ]
    found = outlook(runs[0])
    assert (found.messages, found.orders, found.shared) == (4, 4, 12)
    undo(runs[1])
    found = outlook(runs[0])
    assert (found.messages, found.orders, found.shared) == (10, 10, 0)


def test_repeats_take_little_room_and_go_with_their_import(tmp_path: Path, at: datetime) -> None:
    path = jsonl(tmp_path / "a.jsonl", world(at, range(600)))
    take_in(path, at)
    second = take_in(path, at)
    assert [len(repeat.digests) for repeat in Repeat.objects.order_by("id")] == [1_000, 200]
    undo(second)
    assert not Repeat.objects.exists()


def what_they_bring_alone(live: dict[Path, ImportRun], at: datetime, source: str) -> dict[str, list[str]]:
    """What these files bring into an Amity that never saw another; nothing is changed by asking."""
    with transaction.atomic():
        for run in live.values():
            undo(run)
        assert not any(told().values())
        found = alone(list(live), at, source=source)
        transaction.set_rollback(True)
    return found


PLACES = ["Leipzig", "Halle", ""]


def _record(rng: random.Random, n: int, at: datetime) -> dict[str, Any]:
    who, when = rng.choice(["hanna", "tom", "eva", "kim"]), at + timedelta(minutes=n)
    facts = {"city": rng.choice(PLACES), "organisation": rng.choice(["Roast", "Brew", ""])}
    if rng.random() < 0.6:
        ours = {"direction": "out", "to": [{"network": "email", "address": f"{who}@roast.example"}]}
        is_ours = rng.random() < 0.25
        return message(
            f"m{n}", when, "shop@tamp.example" if is_ours else f"{who}@roast.example",
            facts={} if is_ours else facts, in_reply_to=[f"m{rng.randrange(10)}"] if rng.random() < 0.6 else [],
            **(ours if is_ours else {}),
        )  # fmt: skip
    handles = [("email", f"{who}@roast.example"), ("customer:shop", f"{len(who)}-{who}")]
    rng.shuffle(handles)
    sold = [{"sku": rng.choice("AB"), "amount": "2"}]
    return order(f"o{n}", when, handles, "5", facts=facts, lines=sold)


def _otherwise(row: dict[str, Any], part: int) -> dict[str, Any]:
    return {**row, "amount": f"{part + 6}"} if row["type"] == "order" else {**row, "text": f"Words {part}"}


def _files(rng: random.Random, at: datetime, folder: Path) -> list[Path]:
    """Three exports of the same rows: each holds some of them, in an order of its own, and some in other words."""
    rows = [_record(rng, n, at) for n in range(10)]
    files = []
    for part in range(3):
        chosen = [_otherwise(row, part) if rng.random() < 0.15 else row for row in rows if rng.random() < 0.6]
        rng.shuffle(chosen)
        files.append(jsonl(folder / f"{part}.jsonl", chosen or rows[:1]))
    return files


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_imports_that_overlap_leave_what_the_others_bring(
    seed: int, tmp_path_factory: pytest.TempPathFactory, at: datetime
) -> None:
    rng = random.Random(seed)
    source = f"overlap-{seed}"
    live: dict[Path, ImportRun] = {}
    files = _files(rng, at, tmp_path_factory.mktemp("overlap"))
    with transaction.atomic():
        for _step in range(7):
            path = rng.choice(files)
            if path in live and rng.random() < 0.7:
                undo(live.pop(path))
                assert told() == what_they_bring_alone(live, at, source)
            elif path not in live:
                live[path] = take_in(path, at, source=source)
        transaction.set_rollback(True)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_orders_in_pieces_are_what_the_imports_that_stay_say_of_them(
    seed: int, tmp_path_factory: pytest.TempPathFactory, at: datetime
) -> None:
    rng = random.Random(seed)
    folder, source = tmp_path_factory.mktemp("pieces"), f"pieces-{seed}"
    files = [
        lines(
            folder / f"{n}.csv",
            *(
                (order_no, sku, f"{rng.randrange(2, 4)}.00")
                for order_no in "56"
                for sku in rng.sample("ABC", 2)
            ),
        )
        for n in range(3)
    ]
    with transaction.atomic():
        live = {path: take_in(path, at, source=source) for path in files}
        for path in rng.sample(files, 2):
            undo(live.pop(path))
            assert told() == what_they_bring_alone(live, at, source)
        transaction.set_rollback(True)
