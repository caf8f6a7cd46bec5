"""Orders that a later import tells again: the last telling holds, the first one is kept for the way back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection

from amity.channels.records import OrderLineRecord
from amity.commerce.later_lines import Line
from amity.commerce.line_rows import write_lines

# Of several tellings in one file the first holds, in whatever batches they come. The buyer stays who it was.
_OPEN = """
    SELECT o.id, o.buyer_id FROM unnest(%(ids)s::uuid[], %(buyers)s::uuid[], %(places)s::bigint[])
        AS taken(id, buyer_id, place)
    JOIN commerce_order o ON o.id = taken.id
    WHERE o.run_id IS DISTINCT FROM %(run)s
        AND (o.buyer_id = taken.buyer_id OR EXISTS (
            SELECT FROM people_link was JOIN people_link now ON now.person_id = was.person_id
            WHERE was.identity_id = o.buyer_id AND now.identity_id = taken.buyer_id
                AND was.revoked_at IS NULL AND now.revoked_at IS NULL))
        AND NOT EXISTS (
            SELECT FROM activity_retold t JOIN channels_item i ON i.id = t.item_id
            WHERE t.source_id = o.source_id AND t.external_id = 'order:' || o.external_id
                AND i.run_id = %(run)s AND i.position < taken.place)
"""
_KEEP_FIRST = """
    INSERT INTO commerce_firsttelling (order_id, number, status, amount, currency, items, lines)
    SELECT o.id, o.number, o.status, o.amount - COALESCE(sum(l.added), 0), o.currency,
        o.items - COALESCE(sum(trunc(l.quantity)) FILTER (WHERE l.run_id IS NOT NULL), 0)::int,
        COALESCE(jsonb_agg(jsonb_build_array(l.id, COALESCE(p.sku, ''), l.name, l.quantity::text, l.amount::text))
            FILTER (WHERE l.id IS NOT NULL AND l.run_id IS NULL), '[]')
    FROM commerce_order o LEFT JOIN commerce_orderline l ON l.order_id = o.id
    LEFT JOIN commerce_product p ON p.id = l.product_id WHERE o.id = ANY(%s) GROUP BY o.id
    ON CONFLICT (order_id) DO NOTHING
"""
_NO_LINES = "DELETE FROM commerce_orderline WHERE order_id = ANY(%s) RETURNING product_id"
_TELL = """
    UPDATE commerce_order o SET number = told.number, status = told.status, amount = told.amount,
        currency = told.currency, items = told.items
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::numeric[], %s::text[], %s::int[])
        AS told(id, number, status, amount, currency, items) WHERE o.id = told.id
"""
_FIRST = """
    DELETE FROM commerce_firsttelling f USING commerce_order o WHERE o.id = f.order_id AND o.id = ANY(%s)
    RETURNING o.id, o.buyer_id, o.run_id, f.number, f.status, f.amount, f.currency, f.items, f.lines
"""


@dataclass(frozen=True, slots=True)
class Telling:
    """What is said of an order, by whom it was bought and at which place of the file it stands."""

    order_id: UUID
    buyer_id: UUID
    place: int
    number: str
    status: str
    amount: Decimal
    currency: str
    items: int


def tell_again(told: Sequence[Telling], run_id: UUID) -> tuple[dict[UUID, UUID], set[UUID]]:
    """Let these tellings of an import hold for orders of others, whose lines go: which, with their buyers; and the
    products that those lines named. The lines of the tellings are the caller's to write."""
    if not told:
        return {}, set()
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            {
                "ids": [one.order_id for one in told],
                "buyers": [one.buyer_id for one in told],
                "places": [one.place for one in told],
                "run": run_id,
            },
        )
        buyers: dict[UUID, UUID] = dict(cursor.fetchall())
        if not buyers:
            return {}, set()
        cursor.execute(_KEEP_FIRST, [list(buyers)])
    products = _tell([one for one in told if one.order_id in buyers])
    return buyers, products


def _tell(told: Sequence[Telling]) -> set[UUID]:
    """Write what is told, without lines; the products that the orders named before."""
    with connection.cursor() as cursor:
        cursor.execute(_NO_LINES, [[one.order_id for one in told]])
        products = {product for (product,) in cursor.fetchall() if product}
        fields = ("order_id", "number", "status", "amount", "currency", "items")
        cursor.execute(_TELL, [[getattr(one, name) for one in told] for name in fields])
    return products


def tell_first(order_ids: Sequence[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Let the first telling of these orders hold again: who bought them, and the products that they named until now.

    What other imports said of them since is theirs to tell anew.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [list(order_ids)])
        found = cursor.fetchall()
    told = [Telling(id, buyer, 0, *said) for id, buyer, _run, *said, _lines in found]
    products = _tell(told)
    lines: dict[UUID | None, list[Line]] = defaultdict(list)
    for id, _buyer, run_id, *_said, kept in found:
        lines[run_id] += [
            Line(id, UUID(line), OrderLineRecord(sku, name, Decimal(quantity), Decimal(amount)))
            for line, sku, name, quantity, amount in json.loads(kept)
        ]
    for run_id, of_run in lines.items():
        write_lines(of_run, run_id)
    return {one.buyer_id for one in told}, products
