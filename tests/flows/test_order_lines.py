"""Orders whose lines stand in rows of their own: counted once, in whatever pieces and however often they come."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.commerce.models import BuyerTotal, Order, OrderLine
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
