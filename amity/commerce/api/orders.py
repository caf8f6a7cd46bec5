"""Orders and products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from amity.channels.bulk import Mode, Outcome
from amity.commerce.around import purchases_around
from amity.commerce.bulk import record_orders
from amity.commerce.exporting import WRITINGS, export_orders
from amity.commerce.queries import ListedOrder, OrdersWanted, known_products, list_orders, order_shown
from amity.commerce.services import record_order
from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.etags import tag_of
from amity.kernel.api.operations import ApiRequest, In, Sparse, operation
from amity.kernel.api.paging import FieldsQuery, PageQuery, page_of, read_cursor
from amity.kernel.api.rows import body_of, checked, read_rows
from amity.kernel.api.types import Amount, Currency, ExternalId, Instant, Name, Quantity
from amity.kernel.downloads import Form, answered_with, list_to_keep
from amity.kernel.keyset import Cursor
from amity.people.api.bulk import BulkOut, BulkQuery
from amity.people.api.schemas import IdentityIn
from amity.people.queries import person_record

router = Router(tags=["orders"])
Status = Literal["placed", "paid", "shipped", "cancelled", "refunded"]


class OrderRow(Sparse):
    """An order in a list. `person_id` is null where you may not know the buyer."""

    id: UUID
    number: str
    ordered_at: datetime
    status: str
    items: int
    amount: Decimal
    currency: str
    source: str = Field(description="The name of the source that brought it.")
    person_id: UUID | None
    person: str = Field(description="The name of the buyer; empty where you may not know them.")


class OrdersPage(Schema):
    items: list[OrderRow]
    after: str | None = None


class LineOut(Schema):
    name: str
    sku: str
    product_id: UUID | None
    quantity: Decimal
    amount: Decimal


class OrderOut(OrderRow):
    """An order with its lines."""

    lines: list[LineOut]


class OrdersFilters(Schema):
    """Which orders."""

    q: str = Field("", max_length=80, description="The beginning of the number.")
    status: Status | None = None
    source_id: UUID | None = None
    product_id: UUID | None = None
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None
    least: Amount | None = None
    most: Amount | None = None

    def wanted(self) -> OrdersWanted:
        return OrdersWanted(
            words=self.q, status=self.status or "", source_id=self.source_id, product_id=self.product_id,
            person_id=self.person_id, organisation_id=self.organisation_id, since=self.since, until=self.until,
            least=self.least, most=self.most,
        )  # fmt: skip


class OrdersQuery(OrdersFilters, PageQuery):
    """Which orders, newest first."""


class OrdersExport(OrdersFilters):
    """Which orders, and in which form."""

    form: Literal[Form.CSV, Form.XLSX, Form.JSONL] = Field(
        Form.CSV,
        description="`csv` and `xlsx`: a row for each line of an order, its total on the first; `jsonl`: an object for "
        "each order. Each can be imported again.",
    )


@operation(
    router, "GET", "/orders/export", of="order", does="export", answer=None, extra=answered_with(WRITINGS)
)
def export_list_of_orders(request: ApiRequest, wanted: Query[OrdersExport]) -> HttpResponseBase:
    """All pages of a list of orders as a table or JSON Lines. No cell is a formula to a spreadsheet."""
    filters = wanted.model_dump(mode="json", exclude_defaults=True)
    filters.pop("form", None)
    chunks = export_orders(
        wanted.wanted(), form=wanted.form, filters=filters, actor=request.actor, at=request.now
    )
    return list_to_keep(chunks, "orders", wanted.form, request.now)


@operation(router, "GET", "/orders", of="order", does="read", answer=OrdersPage)
def list_of_orders(request: ApiRequest, wanted: Query[OrdersQuery]) -> Mapping[str, Any]:
    """List orders, newest first."""
    asked = wanted.wanted()
    of = f"orders {request.staff.id} {asked}"
    place = read_cursor(of, wanted.after)
    page = list_orders(request.actor, asked, after=Cursor.read(place) if place else None, limit=wanted.limit)
    return page_of([_row(one) for one in page.orders], wanted, list(OrderRow.model_fields), of, page.after)


def _row(order: ListedOrder) -> dict[str, Any]:
    return {
        "id": order.id, "number": order.number, "ordered_at": order.ordered_at, "status": order.status,
        "items": order.items, "amount": order.paid.amount, "currency": order.paid.currency,
        "source": order.source, "person_id": order.person_id, "person": order.person,
    }  # fmt: skip


@operation(
    router, "GET", "/orders/{uuid:order_id}", of="order", does="read", answer=OrderOut, also={304: None}
)
def get_order(request: ApiRequest, order_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """An order with its lines."""
    whole = _whole(request, order_id)
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


def _whole(request: ApiRequest, order_id: UUID) -> dict[str, Any]:
    order = order_shown(request.actor, order_id)
    lines = [
        {
            "name": line.name, "sku": line.sku, "product_id": line.product_id, "quantity": line.quantity,
            "amount": line.paid.amount,
        }
        for line in order.lines
    ]  # fmt: skip
    return {
        "id": order.id, "number": order.number, "ordered_at": order.ordered_at, "status": order.status,
        "items": order.items, "amount": order.paid.amount, "currency": order.paid.currency,
        "source": order.source, "person_id": order.person_id, "person": order.person, "lines": lines,
    }  # fmt: skip


class BuyerIn(In):
    """Who bought: by one of the handles that you know."""

    external_id: str = Field("", max_length=300)
    identities: list[IdentityIn] = Field([], max_length=20)


class LineIn(In):
    sku: str = Field("", max_length=80)
    name: Name = ""
    quantity: Quantity
    amount: Amount = Field(description="Of the whole line.")


class OrderIn(In):
    """An order by your own id. Telling it again with another status or amount changes it."""

    external_id: ExternalId
    number: str = Field("", max_length=80)
    ordered_at: Instant
    buyer: BuyerIn
    amount: Amount
    currency: Currency
    status: Status = "paid"
    lines: list[LineIn] = Field([], max_length=500)


class OrderRef(Schema):
    id: UUID
    is_new: bool


@operation(router, "PUT", "/orders", of="order", does="write", answer=OrderRef, also={201: OrderRef})
def put_order(request: ApiRequest, body: OrderIn) -> Answer:
    """Tell an order: new (201), or as it is now (200). Who bought it never changes."""
    said = body.model_dump(mode="json")
    found = record_order(said, actor=request.actor, at=request.now, program=request.token_name)
    place = f"{request.path}/{found.order_id}"
    answer = {"id": found.order_id, "is_new": found.is_new}
    return Answer(answer, 201 if found.is_new else 200, headers={"Location": place})


@operation(router, "POST", "/orders/bulk", of="order", does="write", answer=BulkOut, extra=body_of("OrderIn"))
def bulk_orders(request: ApiRequest, wanted: Query[BulkQuery]) -> Mapping[str, Any]:
    """Tell up to 10,000 orders at once, by your own ids. Each row has an outcome of its own."""
    rows = read_rows(request)
    good, bad = checked(rows, OrderIn)
    found = record_orders(
        [row for _place, row in good], mode=Mode(wanted.mode), actor=request.actor, at=request.now,
        program=request.token_name, dry_run=wanted.dry_run,
    )  # fmt: skip
    outcomes = {place: outcome for (place, _row), outcome in zip(good, found, strict=True)}
    outcomes |= {place: Outcome("invalid", None, "invalid", reason) for place, reason in bad.items()}
    ordered = [outcomes[place] for place in range(len(rows))]
    return {"counts": Counter(one.status for one in ordered), "rows": ordered}


class ProductOut(Sparse):
    id: UUID
    sku: str
    name: str


class ProductsPage(Schema):
    items: list[ProductOut]
    after: str | None = None


@operation(router, "GET", "/products", of="order", does="read", answer=ProductsPage)
def list_of_products(request: ApiRequest, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """List products by their SKU."""
    of = f"products {request.staff.id}"
    place = read_cursor(of, wanted.after)
    rows = known_products(request.actor).order_by("sku").values("id", "sku", "name")
    found = list((rows.filter(sku__gt=place) if place is not None else rows)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    after = shown[-1]["sku"] if len(found) > wanted.limit else None
    return page_of(shown, wanted, list(ProductOut.model_fields), of, after)


class NearOrder(Schema):
    """An order within thirty days of an instant."""

    id: UUID
    number: str
    ordered_at: datetime
    status: str
    names: list[str] = Field(description="What was bought, dearest first.")
    amount: Decimal
    currency: str
    seconds_after: int = Field(description="How long after the instant it was ordered; negative before.")


class NearOrders(Schema):
    items: list[NearOrder] = Field(description="The nearest first.")


class AroundQuery(Schema):
    """Around when."""

    at: Instant | None = Field(
        None, description="An instant, such as that of an entry of the timeline; now, where it is left out."
    )


@operation(
    router, "GET", "/people/{uuid:person_id}/orders-around", of="order", does="read", answer=NearOrders
)
def orders_around_instant(
    request: ApiRequest, person_id: UUID, wanted: Query[AroundQuery]
) -> Mapping[str, Any]:
    """What a person bought in the thirty days before and after an instant."""
    record = person_record(request.actor, person_id)
    found = purchases_around(request.actor, record.identity_ids, {0: wanted.at or request.now}).get(0, [])
    return {
        "items": [
            {
                "id": one.order_id, "number": one.number, "ordered_at": one.ordered_at, "status": one.status,
                "names": list(one.names), "amount": one.paid.amount, "currency": one.paid.currency,
                "seconds_after": round(one.after.total_seconds()),
            }
            for one in found
        ]
    }  # fmt: skip
