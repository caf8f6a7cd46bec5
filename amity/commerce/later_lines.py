"""Lines that a later import brings to an order of an earlier one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db import connection

from amity.channels.records import OrderLineRecord

# The buyer of `taken` is that of the order, or the same person by another handle.
_OPEN = """
    SELECT o.id, o.buyer_id, o.amount - COALESCE(sum(l.added), 0)
            = COALESCE(sum(l.amount) FILTER (WHERE l.run_id IS NULL), 0)
    FROM unnest(%s::uuid[], %s::uuid[]) AS taken(id, buyer_id)
    JOIN commerce_order o ON o.id = taken.id LEFT JOIN commerce_orderline l ON l.order_id = o.id
    WHERE o.buyer_id = taken.buyer_id OR EXISTS (
        SELECT FROM people_link was JOIN people_link now ON now.person_id = was.person_id
        WHERE was.identity_id = o.buyer_id AND now.identity_id = taken.buyer_id
            AND was.revoked_at IS NULL AND now.revoked_at IS NULL)
    GROUP BY o.id, o.buyer_id
"""
_THERE = """
    SELECT l.order_id, COALESCE(p.sku, ''), l.name FROM commerce_orderline l
    LEFT JOIN commerce_product p ON p.id = l.product_id
    WHERE l.order_id = ANY(%s) AND l.run_id IS DISTINCT FROM %s
"""
_RAISE = """
    UPDATE commerce_order o SET amount = o.amount + more.amount, items = o.items + more.items
    FROM unnest(%s::uuid[], %s::numeric[], %s::int[]) AS more(id, amount, items) WHERE o.id = more.id
"""
TAKE_BACK = """
    WITH touched AS (
        SELECT DISTINCT l.order_id FROM commerce_orderline l JOIN commerce_order o ON o.id = l.order_id
        WHERE l.run_id = %(run)s AND o.run_id IS DISTINCT FROM l.run_id),
    gone AS (
        DELETE FROM commerce_orderline WHERE run_id IS NOT NULL AND order_id IN (SELECT order_id FROM touched)
        RETURNING order_id, added, trunc(quantity) AS items)
    UPDATE commerce_order o SET amount = o.amount - less.amount, items = o.items - less.items
    FROM (SELECT order_id, sum(added) AS amount, sum(items)::int AS items FROM gone GROUP BY order_id) less
    WHERE o.id = less.order_id RETURNING o.buyer_id
"""
"""Takes the lines that imports brought to orders of others off those to which this run brought some; who bought them.

What other imports said of these orders is then told anew: a line may be new now that was there before.
"""


@dataclass(slots=True)
class _There:
    """What an order holds by now."""

    skus: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    names_without_sku: set[str] = field(default_factory=set)

    def add(self, sku: str, name: str) -> None:
        self.names.add(name)
        if sku:
            self.skus.add(sku)
        else:
            self.names_without_sku.add(name)

    def holds(self, line: OrderLineRecord) -> bool:
        """Whether a line of the same product is there: told again, perhaps at another price, it is no new one."""
        sku, name = line.sku[:80], (line.name or line.sku)[:300]
        return name in self.names_without_sku or (sku in self.skus if sku else name in self.names)


@dataclass(frozen=True, slots=True)
class Line:
    """A line to write. `added` is by how much it raises the amount of an order of another import, else None."""

    order_id: UUID
    line_id: UUID
    line: OrderLineRecord
    added: Decimal | None = None


def later_lines(
    told: Mapping[UUID, tuple[UUID, Iterable[tuple[UUID, OrderLineRecord]]]], run_id: UUID | None
) -> tuple[list[Line], dict[UUID, UUID]]:
    """Those of the lines told (by order: its buyer, ids and lines) that are not there yet, and the buyers of the orders
    that they are for. The amount of an order rises where it is the sum of its lines; a total that was told stays.
    """
    there: dict[UUID, _There] = defaultdict(_There)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [list(told), [buyer for buyer, _ in told.values()]])
        open_orders = {id: (buyer, is_sum) for id, buyer, is_sum in cursor.fetchall()}
        cursor.execute(_THERE, [list(open_orders), run_id])
        for id, sku, name in cursor.fetchall():
            there[id].add(sku, name)
    found = [
        Line(id, line_id, line, line.amount if is_sum else Decimal(0))
        for id, (_, is_sum) in open_orders.items()
        for line_id, line in told[id][1]
        if not there[id].holds(line)
    ]
    _raise_orders(found)
    return found, {one.order_id: open_orders[one.order_id][0] for one in found}


def _raise_orders(lines: Iterable[Line]) -> None:
    more: dict[UUID, tuple[Decimal, int]] = {}
    for one in lines:
        amount, items = more.get(one.order_id, (Decimal(0), 0))
        more[one.order_id] = amount + (one.added or 0), items + int(one.line.quantity)
    if more:
        with connection.cursor() as cursor:
            amounts, items_of = zip(*more.values(), strict=True)
            cursor.execute(_RAISE, [list(more), list(amounts), list(items_of)])
