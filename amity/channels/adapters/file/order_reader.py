"""Rows that are orders, or lines of orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from amity.channels.adapters.file.cells import Row
from amity.channels.adapters.file.left_out import day_columns, lost_beside, without_wrong_days
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.message_reader import RowReader
from amity.channels.adapters.file.shape import RawItem, Shape
from amity.channels.adapters.file.sources import (
    amount_getter,
    column_name,
    handles_getter,
    instant_getter,
    prefixed_getters,
    text_getter,
    wrong_address,
)
from amity.channels.records import Handle, OrderLineRecord, OrderRecord, Record, Unreadable

_STATUS_WORDS = {
    "placed": "placed pending open new processing on-hold on_hold unpaid authorized created offen neu bestellt "
    "pendiente en_attente partially_paid pending_payment",
    "paid": "paid completed complete bezahlt pagado payé payée abgeschlossen captured",
    "shipped": "shipped fulfilled delivered versendet versandt geliefert enviado entregado expédié livré",
    "cancelled": "cancelled canceled voided failed storniert abgebrochen cancelado annulé annulée void trash",
    "refunded": "refunded partially_refunded returned erstattet reembolsado remboursé remboursée rückerstattet",
}
_STATUS = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_ZERO = Decimal(0)


@dataclass(slots=True)
class _Head:
    """What the first row of an order says for all its rows."""

    external_id: str = ""
    ordered_at: datetime | None = None
    buyer: tuple[Handle, ...] = ()
    currency: str = ""
    status: str = ""


def order_reader(mapping: Mapping, shape: Shape) -> RowReader:
    """A function from a row to one order.

    Where several rows make one order, each row gives an order of the same id with its own line, marked
    `extra["partial"]`; their amounts add up to the amount of the order.
    """
    read_order = _whole_order_reader(mapping, shape)
    if not mapping.option("lines"):
        return lambda row, _item: [read_order(row, _Head())]
    head = _Head()

    def read_row(row: Row, _item: RawItem) -> list[Record]:
        return [read_order(row, head)]

    return read_row


def _whole_order_reader(mapping: Mapping, shape: Shape) -> Callable[[Row, _Head], OrderRecord]:
    def get(field: str) -> Callable[[Row], str]:
        return text_getter(mapping.fields.get(field), shape)

    get_id, get_number = get("id"), get("number")
    complete = _head_reader(mapping, shape)
    get_amount, get_items = amount_getter(mapping, shape, "amount"), amount_getter(mapping, shape, "items")
    get_line = _line_getter(mapping, shape)
    facts, extras = prefixed_getters(mapping, shape, "facts"), prefixed_getters(mapping, shape, "extra")
    is_partial = mapping.option("lines")
    columns_of_days = day_columns(facts, mapping, shape)
    wrong_addresses = lost_beside(mapping.handles, mapping, shape, leans=is_partial)
    id_column, amount_column = (column_name(mapping, field, shape) for field in ("id", "amount"))

    def read(row: Row, head: _Head) -> OrderRecord:
        external_id = get_id(row)
        if not external_id:
            raise Unreadable("id_missing", f"“{id_column}” is empty, so it is unknown which order this is.")
        ordered_at, status = complete(row, external_id, head)
        line = get_line(row)
        amount = get_amount(row)
        if amount is None:
            if not is_partial:
                raise Unreadable(
                    "amount_missing", f"“{amount_column}” is empty. Fill in the total of the order."
                )
            # A total stands on the first row only; without one the lines themselves are the total.
            amount = line.amount if line and "amount" not in mapping.fields else _ZERO
        extra: dict[str, Any] = {key: text for key, find in extras if (text := find(row))}
        if is_partial:
            extra["partial"] = True
        items = get_items(row)
        left_out = wrong_addresses(row)
        told = {key: text for key, find in facts if (text := find(row))}
        return OrderRecord(
            external_id=external_id,
            ordered_at=ordered_at,
            buyer=head.buyer,
            amount=amount,
            currency=head.currency,
            status=status,
            number=get_number(row),
            items=int(items if items is not None else line.quantity if line else 0),
            lines=(line,) if line else (),
            facts=without_wrong_days(told, columns_of_days, row, left_out),
            extra=extra,
            left_out=tuple(left_out),
        )

    return read


def _head_reader(mapping: Mapping, shape: Shape) -> Callable[[Row, str, _Head], tuple[datetime, str]]:
    """Date and status of a row; what the row leaves empty is taken from the first row of the same order."""
    get_instant = instant_getter(mapping, shape)
    get_currency = text_getter(mapping.fields.get("currency"), shape)
    get_status = text_getter(mapping.fields.get("status"), shape)
    why_none = wrong_address(mapping.handles, mapping, shape)
    get_buyer = handles_getter(
        mapping.handles, mapping, shape, text_getter(mapping.fields.get("buyer_name"), shape)
    )
    date_column = column_name(mapping, "at", shape)
    default_currency = mapping.currency

    def complete(row: Row, external_id: str, head: _Head) -> tuple[datetime, str]:
        known = head if head.external_id == external_id else _Head()
        ordered_at = get_instant(row) or known.ordered_at
        if ordered_at is None:
            raise Unreadable(
                "date_missing",
                f"“{date_column}” is empty, and no row of the same order stands before it. Fill in the date.",
            )
        currency = (get_currency(row) or known.currency or default_currency).upper()
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise Unreadable("currency", f"“{currency[:20]}” is not a currency. Write it like EUR.")
        buyer = tuple(get_buyer(row)) or known.buyer
        if not buyer:
            raise why_none(row) or Unreadable(
                "buyer_missing", "This row does not say who bought. Fill in an address or number."
            )
        said = get_status(row)
        status = _status(said) if said else known.status or "paid"
        head.external_id, head.ordered_at, head.buyer = external_id, ordered_at, buyer
        head.currency, head.status = currency, status
        return ordered_at, status

    return complete


def _status(said: str) -> str:
    word = said.strip().lower().removeprefix("wc-").replace(" ", "_")
    return _STATUS.get(word, "placed")


def _line_getter(mapping: Mapping, shape: Shape) -> Callable[[Row], OrderLineRecord | None]:
    fields = mapping.fields
    if not any(field.startswith("line_") for field in fields):
        return lambda _row: None
    get_sku, get_name = (text_getter(fields.get(field), shape) for field in ("line_sku", "line_name"))
    get_quantity = amount_getter(mapping, shape, "line_quantity")
    get_amount = amount_getter(mapping, shape, "line_amount")
    get_price = amount_getter(mapping, shape, "line_price")

    def read(row: Row) -> OrderLineRecord | None:
        quantity, amount, price = get_quantity(row), get_amount(row), get_price(row)
        sku, name = get_sku(row), get_name(row)
        if not (sku or name or amount or price):
            return None
        quantity = Decimal(1) if quantity is None else quantity
        if amount is None:
            amount = price * quantity if price is not None else _ZERO
        return OrderLineRecord(sku=sku, name=name, quantity=quantity, amount=amount)

    return read
