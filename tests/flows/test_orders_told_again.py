"""Orders that a newer export tells again: the last import holds, and each can be taken back as if it had never been."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.commerce.models import BuyerTotal, FirstTelling, Order, OrderLine, Product
from amity.conversations.models import Conversation
from tests.flows.stories import fingerprint, jsonl, message, order, take_in
from tests.flows.test_order_lines import lines
from tests.flows.test_undo_exact import told, undo

pytestmark = pytest.mark.django_db
HANNA = [("email", "hanna@roast.example")]
BURR = {"sku": "B", "name": "Burr", "quantity": "2", "amount": "40.00"}
CUP = {"sku": "C", "name": "Cup", "quantity": "1", "amount": "9.50"}


def shown() -> list[tuple[Any, ...]]:
    """All that an order says, with its lines."""
    return [
        (
            *(one.external_id, one.number, one.status, one.amount, one.currency, one.items),
            sorted(one.lines.values_list("name", "product__sku", "quantity", "amount")),
        )
        for one in Order.objects.order_by("external_id")
    ]


def test_a_newer_export_tells_totals_status_and_lines_anew_and_taking_it_back_tells_the_old_ones(
    tmp_path: Path, at: datetime
) -> None:
    first = jsonl(
        tmp_path / "1.jsonl",
        [order("o", at, HANNA, "49.50", number="7", lines=[BURR, CUP]), order("p", at, HANNA, "5")],
    )
    newer = jsonl(
        tmp_path / "2.jsonl",
        [order("o", at, HANNA, "40.00", number="7b", status="refunded", lines=[BURR | {"quantity": "3"}])],
    )
    take_in(first, at)
    before = fingerprint()
    second = take_in(newer, at)
    assert shown()[0] == (
        "o", "7b", "refunded", Decimal("40.00"), "EUR", 3, [("Burr", "B", Decimal(3), Decimal(40))],
    )  # fmt: skip
    assert (BuyerTotal.objects.get().orders, BuyerTotal.objects.get().amount) == (1, Decimal(5))
    assert list(Product.objects.values_list("sku", flat=True)) == ["B"]
    undo(second)
    after = fingerprint()
    assert {table for table in after if after[table] != before[table]} == set()


def test_of_three_exports_the_one_in_the_middle_goes_without_a_trace(tmp_path: Path, at: datetime) -> None:
    runs = [
        take_in(jsonl(tmp_path / f"{n}.jsonl", [order("o", at, HANNA, amount, lines=[BURR])]), at)
        for n, amount in enumerate(["5", "7", "8"])
    ]
    undo(runs[1])
    assert Order.objects.get().amount == Decimal(8)
    undo(runs[2])
    assert Order.objects.get().amount == Decimal(5)
    assert not FirstTelling.objects.exists()
    assert OrderLine.objects.count() == 1


def test_when_the_first_export_is_taken_back_the_last_one_still_holds(tmp_path: Path, at: datetime) -> None:
    runs = [
        take_in(jsonl(tmp_path / f"{n}.jsonl", [order("o", at, HANNA, amount)]), at)
        for n, amount in enumerate(["5", "7", "8"])
    ]
    undo(runs[0])
    assert Order.objects.get().amount == Decimal(8)
    undo(runs[2])
    assert Order.objects.get().amount == Decimal(7)
    undo(runs[1])
    assert not Order.objects.exists()


def test_whose_order_it_is_stays(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "1.jsonl", [order("o", at, HANNA, "5")]), at)
    other = take_in(jsonl(tmp_path / "2.jsonl", [order("o", at, [("email", "tom@roast.example")], "7")]), at)
    assert Order.objects.get().amount == Decimal(5)
    undo(other)
    assert Order.objects.get().amount == Decimal(5)


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_of_two_tellings_in_one_file_the_first_holds_in_whatever_batches(
    size: int, tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", size)
    take_in(jsonl(tmp_path / "1.jsonl", [order("o", at, HANNA, "5")]), at)
    twice = [order("o", at, HANNA, amount) for amount in ("7", "8")]
    second = take_in(jsonl(tmp_path / "2.jsonl", [message("m", at), *twice]), at)
    assert Order.objects.get().amount == Decimal(7)
    undo(second)
    assert Order.objects.get().amount == Decimal(5)


def test_the_clock_of_who_waits_follows_what_is_told_again(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "1.jsonl", [message("m", at), order("o", at, HANNA, "5")]), at)
    plain = Conversation.objects.get().due_at
    second = take_in(jsonl(tmp_path / "2.jsonl", [order("o", at, HANNA, "9000")]), at)
    gold = Conversation.objects.get().due_at
    assert plain is not None
    assert gold is not None
    assert gold < plain
    undo(second)
    assert Conversation.objects.get().due_at == plain


def brought_alone(live: Mapping[Path, ImportRun], at: datetime, source: str) -> tuple[Any, ...]:
    """What is told of exactly these imports, in their order, once all are taken back."""
    with transaction.atomic():
        for run in live.values():
            undo(run)
        assert not any(told().values())
        assert not FirstTelling.objects.exists()
        for path in live:
            take_in(path, at, source=source)
        found = (told(), shown())
        transaction.set_rollback(True)
    return found


def _exports(rng: random.Random, at: datetime, folder: Path) -> list[Path]:
    """Exports of the same few orders: most tell them as a whole, some row by row, each in words of its own."""
    buyer = [("customer:retail", "77")]  # as in exports of lines
    files = []
    for part in range(4):
        if part == 3:
            pieces = [(no, sku, f"{rng.randrange(2, 4)}.00") for no in "567" for sku in rng.sample("ABC", 2)]
            files.append(lines(folder / f"{part}.csv", *pieces))
            continue
        orders = [
            order(
                no, at, buyer, f"{rng.randrange(4, 9)}.00", status=rng.choice(["paid", "refunded"]),
                lines=[{"sku": sku, "amount": "2.00"} for sku in rng.sample("ABC", rng.randrange(3))],
            )
            for no in rng.sample("5678", 3)
        ]  # fmt: skip
        files.append(
            jsonl(folder / f"{part}.jsonl", [message(f"m{part}", at + timedelta(minutes=part)), *orders])
        )
    rng.shuffle(files)
    return files


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_whatever_is_taken_back_the_rest_says_what_it_says_alone(
    seed: int, tmp_path_factory: pytest.TempPathFactory, at: datetime
) -> None:
    rng, source = random.Random(seed), f"again-{seed}"
    files = _exports(rng, at, tmp_path_factory.mktemp("again"))
    with transaction.atomic():
        live = {path: take_in(path, at, source=source) for path in files}
        for path in rng.sample(files, 3):
            undo(live.pop(path))
            assert (told(), shown()) == brought_alone(live, at, source)
        transaction.set_rollback(True)
