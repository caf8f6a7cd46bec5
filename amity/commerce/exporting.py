"""The orders of a list as a file: a table with a row for each line (CSV, XLSX), or JSON Lines.

An order keeps the id that its source gave it, so that the file brings nothing new where it came from. In a list of
several sources the id names its source too (`shop:1001`): two shops may count alike.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels.adapters.file.export import csv_pieces
from amity.channels.adapters.file.workbook_export import workbook
from amity.commerce.models import Order, OrderLine
from amity.commerce.queries import OrdersWanted, is_of_one_source, walk_orders
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.downloads import Form, Writing
from amity.kernel.purposes import OTHER
from amity.people.exporting import AS_CSV, AS_WORKBOOK
from amity.people.models import Identity
from amity.people.queries import names_of
from amity.people.queries.visibility import sees_addresses

TITLES = (
    "order_id", "number", "ordered_at", "status", "currency", "amount", "items", "customer", "customer_address",
    "source", "line_sku", "line_name", "line_quantity", "line_amount",
)  # fmt: skip
_HEADINGS = {
    "order_id": gettext_lazy("Order ID"),
    "number": gettext_lazy("Number on the invoice"),
    "ordered_at": gettext_lazy("Ordered"),
    "status": gettext_lazy("Status"),
    "currency": gettext_lazy("Currency"),
    "amount": gettext_lazy("Total"),
    "items": gettext_lazy("How many articles"),
    "customer": gettext_lazy("Name of the buyer"),
    "customer_address": gettext_lazy("Address of the buyer"),
    "source": gettext_lazy("Source"),
    "line_sku": gettext_lazy("Article number of the line"),
    "line_name": gettext_lazy("Article of the line"),
    "line_quantity": gettext_lazy("Quantity of the line"),
    "line_amount": gettext_lazy("Amount of the line"),
}
_OF_LINES = 4


@dataclass(frozen=True, slots=True)
class _Whole:
    """An order with what it is written with; `address` is "" where the actor may not know whose it is, and `extra` is
    empty for who may not see what could hold one."""

    id: str
    order: Order
    customer: str
    network: str
    address: str
    lines: tuple[OrderLine, ...]
    extra: Mapping[str, Any]


def _wholes(actor: Actor, wanted: OrdersWanted) -> Iterator[_Whole]:
    shows, is_of_one = sees_addresses(actor), is_of_one_source(actor, wanted)
    shows_others = policy.sees_field(actor, "person", OTHER)
    for orders in walk_orders(actor, wanted):
        names = names_of(actor, {one.buyer_id for one in orders})
        buyers = Identity.objects.in_bulk(names.keys()) if shows else {}
        lines: dict[UUID, list[OrderLine]] = defaultdict(list)
        found = OrderLine.objects.filter(order_id__in=[one.id for one in orders]).select_related("product")
        for line in found.order_by("id"):
            lines[line.order_id].append(line)
        for one in orders:
            named, buyer = names.get(one.buyer_id), buyers.get(one.buyer_id)
            yield _Whole(
                one.external_id if is_of_one else f"{one.source.key}:{one.external_id}",
                one,
                named.name if named else "",
                buyer.network if buyer else "",
                buyer.address if buyer else "",
                tuple(lines[one.id]),
                one.extra or {} if shows_others else {},
            )


def _rows(actor: Actor, wanted: OrdersWanted) -> Iterator[list[str]]:
    """The first row of an order has its total and how many items there are; those of all its rows are added up."""
    for one in _wholes(actor, wanted):
        order, address = one.order, f"{one.network}={one.address}" if one.address else ""
        head = [
            one.id, order.number, order.ordered_at.isoformat(), order.status, order.currency, str(order.amount),
            str(order.items), one.customer, address, order.source.key,
        ]  # fmt: skip
        for place, line in enumerate(one.lines):
            if place:
                head[TITLES.index("amount")], head[TITLES.index("items")] = "", "0"
            sku = line.product.sku if line.product else ""
            yield [*head, sku, line.name, f"{line.quantity.normalize():f}", str(line.amount)]
        if not one.lines:
            yield [*head, *[""] * _OF_LINES]


def _as_csv(actor: Actor, wanted: OrdersWanted) -> Iterator[bytes]:
    yield from csv_pieces(TITLES, _rows(actor, wanted))


def _as_workbook(actor: Actor, wanted: OrdersWanted) -> Iterator[bytes]:
    headings = [str(_HEADINGS[title]) for title in TITLES]
    return workbook(TITLES, _rows(actor, wanted), name=_("Orders"), headings=headings)


def _as_lines(actor: Actor, wanted: OrdersWanted) -> Iterator[bytes]:
    """One object a line, in the native format."""
    for one in _wholes(actor, wanted):
        yield (json.dumps(_plain(one), ensure_ascii=False) + "\n").encode()


def _plain(one: _Whole) -> dict[str, Any]:
    order = one.order
    handle = {"network": one.network, "address": one.address, "name": one.customer}
    return {
        "type": "order", "id": one.id, "at": order.ordered_at.isoformat(), "number": order.number,
        "status": order.status, "amount": str(order.amount), "currency": order.currency, "items": order.items,
        "buyer": [handle] if one.address else [], "source": order.source.key,
        "lines": [
            {
                "sku": line.product.sku if line.product else "", "name": line.name,
                "quantity": f"{line.quantity.normalize():f}", "amount": str(line.amount),
            }
            for line in one.lines
        ],
        "extra": one.extra,
    }  # fmt: skip


WRITINGS: Mapping[Form, Writing[OrdersWanted]] = {
    Form.CSV: Writing(_as_csv, AS_CSV),
    Form.XLSX: Writing(_as_workbook, AS_WORKBOOK),
    Form.JSONL: Writing(_as_lines, gettext_lazy("Each order with its lines, to be read by programs.")),
}


def export_orders(
    wanted: OrdersWanted, *, form: Form = Form.CSV, filters: Mapping[str, Any], actor: Actor, at: datetime
) -> Iterator[bytes]:
    """All pages of a list, a piece at a time. That it was taken, by which `filters`, is an entry of the trail."""
    policy.require(actor, "export", "order")
    audit.exported("order", actor=actor, at=at, kind=form.value, filters=dict(filters))
    return WRITINGS[form].write(actor, wanted)
