"""Orders whose lines stand in rows of their own: counted once, in whatever pieces and however often they come."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.commerce.models import BuyerTotal, Order, OrderLine
from amity.commerce.stages import BUYERS
from amity.kernel.actor import SYSTEM
from amity.kernel.pipeline import Batch
from amity.site import ingest
from amity.site.corridor import CORRIDOR
from tests.flows.stories import draft, fingerprint, take_in

pytestmark = pytest.mark.django_db
SHOPIFY = (
    "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price"
)


def lines(path: Path, *rows: tuple[str, str, str]) -> Path:
    """An export of lines: invoice, code, price; the same buyer and day throughout."""
    head = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    body = (f"{no},{code},{code},1,2026-03-01 10:00:00,{price},77,Germany\n" for no, code, price in rows)
    path.write_text(head + "".join(body))
    return path


def shopify(path: Path, orders: int, lines_each: int) -> Path:
    """An export in which only the first row of an order says when, who and how much."""
    rows = [SHOPIFY]
    for number in range(orders):
        rows.append(
            f"#{number},ada{number}@brew.example,paid,EUR,9.00,2026-03-01 10:00:00 +0100,1,Beans,3.00"
        )
        rows += [f"#{number},,,,,,1,Beans,3.00"] * (lines_each - 1)
    path.write_text("\n".join(rows) + "\n")
    return path


def amounts() -> dict[str, Decimal]:
    return dict(Order.objects.values_list("external_id", "amount"))


def test_an_order_whose_lines_moved_down_in_a_newer_export_is_not_counted_twice(
    tmp_path: Path, at: datetime
) -> None:
    old = [("500", "A", "2.00"), ("500", "A", "2.00"), ("500", "B", "3.00")]
    take_in(lines(tmp_path / "week-1.csv", *old), at)
    newer = take_in(lines(tmp_path / "week-2.csv", ("501", "C", "9.00"), *old), at)
    assert amounts() == {"500": Decimal(7), "501": Decimal(9)}
    assert BuyerTotal.objects.get().amount == Decimal(16)
    assert (newer.rows_new, newer.rows_same) == (1, 3)
    ingest.undo(newer.id, actor=SYSTEM)
    assert BuyerTotal.objects.get().amount == Decimal(7)


def test_an_order_that_another_export_tells_differently_is_not_added_up(tmp_path: Path, at: datetime) -> None:
    take_in(lines(tmp_path / "1.csv", ("500", "A", "2.00"), ("500", "B", "3.00")), at)
    second = take_in(lines(tmp_path / "2.csv", ("500", "A", "2.50"), ("500", "B", "3.00")), at)
    assert amounts() == {"500": Decimal(5)}
    ingest.undo(second.id, actor=SYSTEM)
    assert amounts() == {"500": Decimal(5)}
    assert OrderLine.objects.count() == 2


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_an_interrupted_import_of_lines_ends_like_an_undisturbed_one(
    size: int, tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", size)
    run = draft(shopify(tmp_path / "orders.csv", 3, 3), at)

    def crash(progress: ImportRun) -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            ingest.work_on(run.id, on_progress=crash)
    done = ingest.work_on(run.id)
    assert (done.rows_new, done.rows_quarantined) == (9, 0)
    assert amounts() == {f"#{number}": Decimal(9) for number in range(3)}
    assert OrderLine.objects.count() == 9
    before = fingerprint()
    assert take_in(tmp_path / "orders.csv", at).rows_same == 9
    assert fingerprint() == before


def test_an_odd_order_costs_the_rows_of_others_nothing(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(batch: Batch) -> Batch:
        from amity.activity.rows import ROWS

        if any(row.external_id == "order:#2" for row in batch.get(ROWS)):
            raise ValueError("cannot bear #2")
        return batch

    monkeypatch.setattr(ingest, "CORRIDOR", (*CORRIDOR, breaks))
    monkeypatch.setattr(imports, "BATCH_ROWS", 5)
    run = take_in(shopify(tmp_path / "orders.csv", 4, 3), at)
    assert amounts() == {f"#{number}": Decimal(9) for number in (0, 1, 3)}
    assert (run.rows_new, run.rows_quarantined) == (9, 3)


def test_an_order_whose_rows_lie_in_two_files_has_the_lines_of_both(tmp_path: Path, at: datetime) -> None:
    first = take_in(lines(tmp_path / "1.csv", ("500", "A", "2.00"), ("501", "X", "1.00")), at)
    before = fingerprint()
    rest = lines(tmp_path / "2.csv", ("500", "A", "2.50"), ("500", "B", "3.00"), ("500", "C", "4.00"))
    second = take_in(rest, at)
    assert amounts() == {"500": Decimal(9), "501": Decimal(1)}
    assert Order.objects.get(external_id="500").items == 3
    assert BuyerTotal.objects.get().amount == Decimal(10)
    assert sorted(OrderLine.objects.values_list("name", flat=True)) == ["A", "B", "C", "X"]
    assert take_in(rest, at).rows_same == 3
    assert amounts() == {"500": Decimal(9), "501": Decimal(1)}
    for run in ImportRun.objects.exclude(pk=first.id).order_by("-created_at", "-started_at"):
        ingest.undo(run.id, actor=SYSTEM)
    assert second.state == "done"
    after = fingerprint()
    assert {table for table in after if after[table] != before[table]} == set()


def test_the_line_of_a_third_file_counts_when_the_second_is_taken_back(tmp_path: Path, at: datetime) -> None:
    take_in(lines(tmp_path / "1.csv", ("500", "A", "2.00")), at)
    second = take_in(lines(tmp_path / "2.csv", ("500", "B", "3.00")), at)
    take_in(lines(tmp_path / "3.csv", ("500", "B", "3.50"), ("500", "C", "1.00")), at)
    assert amounts() == {"500": Decimal(6)}
    ingest.undo(second.id, actor=SYSTEM)
    assert amounts() == {"500": Decimal("6.50")}
    assert sorted(OrderLine.objects.values_list("amount", flat=True)) == [
        Decimal("1.00"),
        Decimal("2.00"),
        Decimal("3.50"),
    ]


def test_a_total_that_was_told_stays_when_a_later_file_brings_more_lines(
    tmp_path: Path, at: datetime
) -> None:
    head = f"{SHOPIFY}\n#7,ada@brew.example,paid,EUR,18.00,2026-03-01 10:00:00 +0100,1,"
    (tmp_path / "1.csv").write_text(f"{head}Beans,3.00\n")
    (tmp_path / "2.csv").write_text(f"{head}Filter,5.00\n#7,,,,,,2,Cups,4.00\n")
    take_in(tmp_path / "1.csv", at)
    second = take_in(tmp_path / "2.csv", at)
    assert amounts() == {"#7": Decimal(18)}
    assert OrderLine.objects.count() == 3
    ingest.undo(second.id, actor=SYSTEM)
    assert amounts() == {"#7": Decimal(18)}
    assert OrderLine.objects.get().name == "Beans"


def test_a_row_that_leans_on_one_that_is_known_is_read(tmp_path: Path, at: datetime) -> None:
    take_in(shopify(tmp_path / "1.csv", 1, 1), at)
    text = (tmp_path / "1.csv").read_text()
    (tmp_path / "2.csv").write_text(f"{text}#0,,,,,,1,Cups,4.00\n")
    second = take_in(tmp_path / "2.csv", at)
    assert (second.rows_new, second.rows_same, second.rows_quarantined) == (1, 1, 0)
    assert sorted(OrderLine.objects.values_list("name", flat=True)) == ["Beans", "Cups"]


def test_lines_for_somebody_elses_order_of_the_same_number_are_not_added(
    tmp_path: Path, at: datetime
) -> None:
    take_in(lines(tmp_path / "1.csv", ("500", "A", "2.00")), at)
    other = lines(tmp_path / "2.csv", ("500", "B", "3.00"))
    other.write_text(other.read_text().replace(",77,", ",78,"))
    take_in(other, at)
    assert amounts() == {"500": Decimal(2)}


def test_who_waits_is_due_by_the_lines_that_a_later_file_brings_too(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[set[UUID]] = []

    def listens(batch: Batch) -> Batch:
        heard.append(batch.get(BUYERS))  # whose clocks the inbox winds anew
        return batch

    monkeypatch.setattr(ingest, "CORRIDOR", (*CORRIDOR, listens))
    take_in(lines(tmp_path / "1.csv", ("500", "A", "2.00")), at)
    take_in(lines(tmp_path / "2.csv", ("500", "B", "3.00")), at)
    take_in(lines(tmp_path / "3.csv", ("500", "B", "4.00")), at)
    buyer = Order.objects.get().buyer_id
    assert heard == [{buyer}, {buyer}, set()]
