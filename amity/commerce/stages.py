"""Commerce's part of the corridor: orders, their lines and products, totals by buyer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from amity.activity.shaping import identity_id, order_id
from amity.channels.records import OrderLineRecord, OrderRecord
from amity.channels.stages import ITEMS
from amity.commerce.later_lines import Line, later_lines
from amity.commerce.line_rows import drop_unsold, write_lines
from amity.commerce.retelling import Telling, tell_again
from amity.kernel.copying import copy_insert
from amity.kernel.ids import stable_id
from amity.kernel.pipeline import Batch, Key

NEW_ORDERS: Key[set[UUID]] = Key("commerce.new_orders")
"""The orders that nobody had told before this batch."""
WRITTEN_ORDERS: Key[set[UUID]] = Key("commerce.written_orders")
"""Those of which something was written: not one whose buyer is somebody else than before."""
BUYERS: Key[set[UUID]] = Key("commerce.buyers")
"""The identities that bought those: what somebody spent may be another sum now."""


@dataclass(slots=True)
class _Taken:
    """An order as this batch tells it; an order whose rows arrive one by one is added up."""

    record: OrderRecord
    place: int
    amount: Decimal
    items: int
    partial: bool
    lines: list[tuple[UUID, OrderLineRecord]] = field(default_factory=list)


def take_orders(batch: Batch) -> Batch:
    """Write orders that are new and add rows of orders that come line by line; totals follow.

    What is told again replaces what was told before: by programs, by live sources, and by a later import. Rows of an
    order that arrive one by one are added up within one import; to an order that another import brought only lines of
    products that it does not hold yet are added: a newer export tells the same rows again and would double it.
    """
    orders = _collect(batch)
    batch.put(NEW_ORDERS, set())
    batch.put(WRITTEN_ORDERS, set())
    batch.put(BUYERS, set())
    if not orders:
        return batch
    batch.put(NEW_ORDERS, orders.keys() - _known(orders))
    buyers = _write_orders(batch, orders)
    batch.put(WRITTEN_ORDERS, set(buyers))
    _forget_lines(key for key in buyers if _kind(batch, orders[key].record) == "replaces")
    lines = [Line(key, *line) for key in buyers for line in orders[key].lines]
    unsold: set[UUID] = set()
    if batch.run_id:
        again, unsold = _tell_again(batch, batch.run_id, orders, buyers)
        lines += [Line(key, *line) for key in again for line in orders[key].lines]
        buyers |= again
        others = {key: order for key, order in orders.items() if order.partial and key not in buyers}
        more, raised = later_lines(
            {key: (identity_id(order.record.buyer[0]), order.lines) for key, order in others.items()},
            batch.run_id,
        )
        lines += more
        buyers |= raised
    batch.put(BUYERS, set(buyers.values()))
    write_lines(lines, batch.run_id)
    drop_unsold(unsold)
    refresh_totals(set(buyers.values()))
    return batch


def _collect(batch: Batch) -> dict[UUID, _Taken]:
    orders: dict[UUID, _Taken] = {}
    for item in batch.get(ITEMS):
        for record in item.records:
            if not isinstance(record, OrderRecord):
                continue
            key = order_id(batch.source_id, record.external_id)
            partial = bool(record.extra.get("partial"))
            order = orders.get(key)
            if order is None or _kind(batch, record) == "replaces":
                order = orders[key] = _Taken(record, item.raw.position, Decimal(0), 0, partial)
            elif not partial:
                continue
            order.amount += record.amount
            order.items += record.items
            order.lines += [
                (stable_id("line", str(item.id), str(n)), line) for n, line in enumerate(record.lines)
            ]
    return orders


# The buyer stays who it was; another handle of the same person tells of the same buyer.
_SAME_PERSON = """EXISTS (
    SELECT FROM people_link was JOIN people_link now ON now.person_id = was.person_id
    WHERE was.identity_id = commerce_order.buyer_id AND now.identity_id = excluded.buyer_id
        AND was.revoked_at IS NULL AND now.revoked_at IS NULL)"""


def _write_orders(batch: Batch, orders: dict[UUID, _Taken]) -> dict[UUID, UUID]:
    """The orders that were written, with their buyers."""
    columns = ["id", "source_id", "external_id", "number", "buyer_id", "ordered_at", "status", "amount", "currency",
               "items", "run_id", "extra"]  # fmt: skip
    buyers: dict[UUID, UUID] = {}
    for kind, conflict in (
        ("whole", "(source_id, external_id) DO NOTHING"),
        ("replaces", ("(source_id, external_id) DO UPDATE SET number = excluded.number, status = excluded.status, "
                      "amount = excluded.amount, currency = excluded.currency, items = excluded.items "
                      f"WHERE commerce_order.buyer_id = excluded.buyer_id OR {_SAME_PERSON}")),
        ("partial", ("(source_id, external_id) DO UPDATE SET amount = commerce_order.amount + excluded.amount, "
               "items = commerce_order.items + excluded.items "
               "WHERE commerce_order.run_id IS NOT DISTINCT FROM excluded.run_id")),
    ):  # fmt: skip
        chosen = {key: order for key, order in orders.items() if _kind(batch, order.record) == kind}
        if not chosen:
            continue
        written = copy_insert(
            "commerce_order",
            columns,
            (_order_row(batch, key, order) for key, order in chosen.items()),
            on_conflict=conflict,
            returning=["commerce_order.id", "commerce_order.buyer_id"],
        )
        buyers |= dict(written)
    return buyers


def _kind(batch: Batch, record: OrderRecord) -> str:
    """`partial`: one row of several; `replaces`: told by a program or a live source, which may tell it again; else
    `whole`."""
    if record.extra.get("partial"):
        return "partial"
    return "replaces" if batch.run_id is None or record.extra.get("replaces") else "whole"


def _known(orders: dict[UUID, _Taken]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM commerce_order WHERE id = ANY(%s)", [list(orders)])
        return {id for (id,) in cursor.fetchall()}


def _forget_lines(keys: Iterable[UUID]) -> None:
    """The lines of an order that is told again are those of the last telling."""
    if ids := list(keys):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM commerce_orderline WHERE order_id = ANY(%s)", [ids])


def _tell_again(
    batch: Batch, run_id: UUID, orders: dict[UUID, _Taken], written: dict[UUID, UUID]
) -> tuple[dict[UUID, UUID], set[UUID]]:
    """Orders of others that this import tells as a whole, with their buyers; and the products in their old lines."""
    told = []
    for key, order in orders.items():
        if key in written or order.partial:
            continue
        _, _, _, number, buyer, _, status, amount, currency, items, _, _ = _order_row(batch, key, order)
        told.append(Telling(key, buyer, order.place, number, status, amount, currency, items))
    return tell_again(told, run_id)


def _order_row(batch: Batch, key: UUID, order: _Taken) -> tuple[Any, ...]:
    record = order.record
    extra = {name: value for name, value in record.extra.items() if name not in ("partial", "replaces")}
    return (
        key, batch.source_id, record.external_id, (record.number or record.external_id)[:80],
        identity_id(record.buyer[0]), record.ordered_at, record.status[:20], order.amount, record.currency[:3],
        order.items or int(sum(line.quantity for _, line in order.lines)), batch.run_id,
        Jsonb(extra) if extra else None,
    )  # fmt: skip


_TOTALS = """
    INSERT INTO commerce_buyertotal (identity_id, currency, orders, amount, first_at, last_at)
    SELECT buyer_id, currency, count(*), sum(amount), min(ordered_at), max(ordered_at)
    FROM commerce_order WHERE buyer_id = ANY(%s) AND status <> ALL(%s) GROUP BY buyer_id, currency
"""
NOT_BOUGHT = ["cancelled", "refunded"]


def refresh_totals(identities: set[UUID]) -> None:
    """Recompute orders, amount, first and last purchase of these identities from their orders."""
    ids = list(identities)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM commerce_buyertotal WHERE identity_id = ANY(%s)", [ids])
        cursor.execute(_TOTALS, [ids, NOT_BOUGHT])


def totals_of(identities: list[UUID]) -> dict[str, tuple[int, Decimal]]:
    """Orders and amount by currency over all identities of a person."""
    totals: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(orders), sum(amount) FROM commerce_buyertotal WHERE identity_id = ANY(%s) "
            "GROUP BY currency ORDER BY 3 DESC",
            [identities],
        )
        for currency, orders, amount in cursor.fetchall():
            totals[currency] = (orders, amount)
    return dict(totals)
