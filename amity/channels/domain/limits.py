"""What a record may hold so that every later stage can keep, index and show it.

Exports hold times of broken clocks, totals with too many zeros, names as long as a page. Such a record is refused with
a reason of its own, before it meets the database together with a thousand good ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from amity.channels.records import Direction, Handle, MessageRecord, OrderRecord, Record, Unreadable
from amity.kernel.storable import EARLIEST, LATEST

LONGEST_ID = 600
"""Characters of an id: an index entry of PostgreSQL holds 2,704 bytes, a character takes up to four."""
LONGEST_NETWORK, LONGEST_ADDRESS = 60, 320
_CONTROL = re.compile("[\x00-\x1f]")
AMOUNT_BELOW, QUANTITY_BELOW, ITEMS_BELOW = Decimal(10) ** 12, Decimal(10) ** 9, 2**31


def refuse_impossible(record: Record) -> None:
    """Raise `Unreadable` where a record holds what cannot be kept."""
    if isinstance(record, MessageRecord):
        _check(record.external_id, record.occurred_at, [record.author, *record.recipients[:1]])
        if record.direction == Direction.IN and not record.author.address:
            raise Unreadable("author_missing", "It is not said who wrote this.")
    elif isinstance(record, OrderRecord):
        _check(record.external_id, record.ordered_at, record.buyer)
        if not record.buyer or not record.buyer[0].address:
            raise Unreadable("buyer_missing", "It is not said who bought.")
        _check_amounts(record)
    else:
        _check(record.external_id, record.observed_at, record.handles)


def _check(external_id: str, at: datetime, handles: Iterable[Handle]) -> None:
    if len(external_id) > LONGEST_ID:
        raise Unreadable(
            "too_long", f"The id is longer than {LONGEST_ID} characters. Choose another column for it."
        )
    if not EARLIEST <= at < LATEST:
        raise Unreadable("date", f"The year {at.year} cannot be right. Correct the time.")
    for handle in handles:
        if len(handle.address) > LONGEST_ADDRESS or len(handle.network) > LONGEST_NETWORK:
            raise Unreadable(
                "too_long",
                f"An address is longer than {LONGEST_ADDRESS} characters. Shorten it, or take it out.",
            )
        if _CONTROL.search(handle.network) or _CONTROL.search(handle.address):
            raise Unreadable("handle", "An address holds a control character. Take it out.")


def _check_amounts(record: OrderRecord) -> None:
    amounts = [record.amount, *(line.amount for line in record.lines)]
    if (
        any(abs(amount) >= AMOUNT_BELOW for amount in amounts)
        or any(abs(line.quantity) >= QUANTITY_BELOW for line in record.lines)
        or abs(record.items) >= ITEMS_BELOW
    ):
        raise Unreadable("amount", "An amount of this order is impossibly large. Correct it.")
