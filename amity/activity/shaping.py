"""From a record to its activity row: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from amity.activity.rows import ActivityRow
from amity.channels.domain.limits import LONGEST_ID
from amity.channels.records import Direction, Handle, MessageRecord, OrderRecord, Record
from amity.kernel.ids import stable_id, uuid7_of

LONGEST_TEXT = 150_000
"""Characters of a text that can be searched: PostgreSQL indexes words of 1 MB at most. All of it is in `full_text`."""
LONGEST_WORD, LONGEST_LANGUAGE = 24, 12  # of the columns that count and show them


@lru_cache(maxsize=50_000)
def _identity_id(network: str, address: str) -> UUID:
    return stable_id("identity", network, address)


def identity_id(handle: Handle) -> UUID:
    """The id of the identity that a handle names, known before the identity is."""
    return _identity_id(handle.network, handle.address)


def order_id(source_id: UUID, external_id: str) -> UUID:
    """The id of an order, known before the order is."""
    return stable_id("order", str(source_id), external_id)


def rows_of(record: Record, source_id: UUID, item_id: UUID, staff: Mapping[str, UUID]) -> ActivityRow | None:
    """The activity that a record reports, None for an entry of an address book. `staff` maps e-mail to staff id."""
    if isinstance(record, MessageRecord):
        return _message(record, source_id, item_id, staff)
    if isinstance(record, OrderRecord):
        return _order(record, source_id, item_id)
    return None


def _message(record: MessageRecord, source_id: UUID, item_id: UUID, staff: Mapping[str, UUID]) -> ActivityRow:
    theirs = record.direction == Direction.IN or (
        record.direction == Direction.AUTO and record.author.address
    )
    about = record.author if theirs else next(iter(record.recipients), None)
    staff_id = None if theirs else staff.get(str(record.extra.get("staff", "")).lower())
    payload = {key: value for key, value in record.extra.items() if key not in {"staff", "facts"}}
    if record.recipients:
        payload["to"] = [
            {"network": to.network, "address": to.address, "name": to.name} for to in record.recipients
        ]
    named = tuple(name for name in record.in_reply_to if len(name) <= LONGEST_ID)
    if len(named) > 1:
        payload["references"] = list(named)
    return ActivityRow(
        id=uuid7_of(record.occurred_at, str(source_id), record.external_id),
        occurred_at=record.occurred_at,
        external_id=record.external_id,
        direction=record.direction,
        channel=record.channel[:LONGEST_WORD],
        verb=record.verb[:LONGEST_WORD],
        object_type=record.object_type[:LONGEST_WORD],
        record=record,
        item_id=item_id,
        actor_id=None if staff_id or not record.author.address else identity_id(record.author),
        staff_id=staff_id,
        about_id=identity_id(about) if about and about.address else None,
        subject=record.subject,
        text=record.text[:LONGEST_TEXT],
        full_text=record.full_text or (record.text if len(record.text) > LONGEST_TEXT else ""),
        html=record.html,
        in_reply_to=named,
        is_public=record.is_public,
        language=record.language[:LONGEST_LANGUAGE],
        payload=payload or None,
        attachments=record.attachments,
    )


def _order(record: OrderRecord, source_id: UUID, item_id: UUID) -> ActivityRow:
    buyer = identity_id(record.buyer[0])
    external_id = f"order:{record.external_id}"
    return ActivityRow(
        id=uuid7_of(record.ordered_at, str(source_id), external_id),
        occurred_at=record.ordered_at,
        external_id=external_id,
        direction=Direction.IN,
        channel="order",
        verb="purchase",
        object_type="order",
        record=record,
        item_id=item_id,
        actor_id=buyer,
        about_id=buyer,
        object_id=order_id(source_id, record.external_id),
        subject=record.number or record.external_id,
        amount=None if record.extra.get("partial") else record.amount,
        currency=record.currency,
    )
