"""Lines of orders as rows, with the products that they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection

from amity.commerce.later_lines import Line
from amity.kernel.copying import copy_insert
from amity.kernel.ids import stable_id


def write_lines(lines: Sequence[Line], run_id: UUID | None) -> None:
    """Write lines, and products that nobody sold before: those are of the import `run_id`."""
    if not lines:
        return
    skus = {one.line.sku[:80]: one.line.name for one in lines if one.line.sku}
    copy_insert(
        "commerce_product",
        ["id", "sku", "name", "created_run_id"],
        ((stable_id("product", sku), sku, (name or sku)[:300], run_id) for sku, name in skus.items()),
        on_conflict="(sku) DO NOTHING",
        order_by="sku",
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT sku, id FROM commerce_product WHERE sku = ANY(%s)", [list(skus)])
        products = dict(cursor.fetchall())
    copy_insert(
        "commerce_orderline",
        ["id", "order_id", "product_id", "name", "quantity", "amount", "run_id", "added"],
        (
            (
                one.line_id,
                one.order_id,
                products.get(one.line.sku[:80]),
                (one.line.name or one.line.sku)[:300],
                one.line.quantity,
                one.line.amount,
                None if one.added is None else run_id,
                one.added,
            )
            for one in lines
        ),
    )


def drop_unsold(products: Iterable[UUID]) -> None:
    """Products that an import brought go with the last line that names them."""
    if ids := list(products):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM commerce_product p WHERE p.id = ANY(%s) AND p.created_run_id IS NOT NULL "
                "AND NOT EXISTS (SELECT FROM commerce_orderline l WHERE l.product_id = p.id)",
                [ids],
            )
