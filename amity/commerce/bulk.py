"""Many orders at once, as programs tell them: each row with an outcome of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from amity.activity.shaping import identity_id, order_id
from amity.channels.adapters.api.adapter import ORDER, handles_of, raw_item
from amity.channels.bulk import TOGETHER, Mode, Outcome, walk_or_isolate
from amity.channels.inlet import source_for_writing, take_in, take_turn_now
from amity.channels.models import Source
from amity.channels.records import Unreadable
from amity.commerce.models import Order
from amity.commerce.services import BUYER_STAYS, Told, told_in
from amity.kernel import audit, policy
from amity.kernel.acting import bulk
from amity.kernel.actor import Actor
from amity.kernel.statistics import look_again
from amity.people.queries.visibility import people_of


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    order_id: UUID
    buyers: tuple[UUID, ...]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Walk:
    """What all rows of a request share."""

    source: Source
    mode: Mode
    at: datetime


def record_orders(
    rows: Sequence[Mapping[str, Any]],
    *,
    mode: Mode,
    actor: Actor,
    at: datetime,
    program: str,
    dry_run: bool = False,
) -> list[Outcome]:
    """Take in rows as `record_order` takes one. Rows that say nothing new leave no trace, a dry run none at all."""
    policy.require(actor, "write", "order")
    with transaction.atomic():
        walk = _Walk(source_for_writing(program, actor=actor, at=at), mode, at)
        outcomes: list[Outcome] = [Outcome("failed")] * len(rows)
        readable = list(_readable(rows, walk.source, outcomes))
        if dry_run:
            _walk_all(readable, outcomes, walk)
            transaction.set_rollback(True)
    if not dry_run:
        _walk_all(readable, outcomes, walk)
        counts = {status: sum(one.status == status for one in outcomes) for status in ("created", "updated")}
        with transaction.atomic():
            audit.record(
                "orders.bulk", actor=actor, at=at, subject="source", subject_id=walk.source.id, after=counts
            )
        look_again()  # or the next list is planned for as few as there were before
    return outcomes


def _readable(rows: Sequence[Mapping[str, Any]], source: Source, outcomes: list[Outcome]) -> Iterator[_Row]:
    for place, said in enumerate(rows):
        try:
            buyers = tuple(identity_id(one) for one in handles_of(said["buyer"], source.key))
        except Unreadable as error:
            outcomes[place] = Outcome("invalid", None, error.code, error.reason)
        else:
            yield _Row(place, order_id(source.id, str(said["external_id"])), buyers, said)


def _walk_all(rows: Sequence[_Row], outcomes: list[Outcome], walk: _Walk) -> None:
    with bulk():
        for start in range(0, len(rows), TOGETHER):
            for part in _apart(rows[start : start + TOGETHER]):
                walk_or_isolate(part, outcomes, lambda some: _walked(some, walk))


def _apart(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    """In parts that name no order twice: what is told second must find what was told first."""
    part: list[_Row] = []
    named: set[UUID] = set()
    for row in rows:
        if row.order_id in named:
            yield part
            part, named = [], set()
        part.append(row)
        named.add(row.order_id)
    if part:
        yield part


def _walked(rows: Sequence[_Row], walk: _Walk) -> Iterator[tuple[int, Outcome]]:
    take_turn_now()
    known = _told_before(rows)
    person_of = people_of(
        {one.buyer_id for one in known.values()} | {one for row in rows for one in row.buyers}
    )
    taken: list[_Row] = []
    for row in rows:
        before = known.get(row.order_id)
        if before is not None and walk.mode is Mode.CREATE:
            yield row.place, Outcome("exists", row.order_id)
        elif before is None and walk.mode is Mode.UPDATE:
            yield row.place, Outcome("missing")
        elif before is not None and not _is_buyer(row, before.buyer_id, person_of):
            yield row.place, Outcome("invalid", row.order_id, "order.buyer", str(BUYER_STAYS))
        elif before is not None and row.buyers[0] == before.buyer_id and _says_the_same(row.said, before):
            yield row.place, Outcome("unchanged", row.order_id)
        else:
            taken.append(row)
    if not taken:
        return
    raws = [
        raw_item(row.place + 1, ORDER, {"told_at": walk.at.isoformat()} | dict(row.said)) for row in taken
    ]
    found: Sequence[Told] = take_in(walk.source, raws, at=walk.at, look=told_in)
    for row, one in zip(taken, found, strict=True):
        yield row.place, Outcome("created" if one.is_new else "updated", one.order_id)


def _is_buyer(row: _Row, buyer_id: UUID, person_of: Mapping[UUID, UUID]) -> bool:
    """Whether a row names who bought it before, by that handle or another of the same person."""
    person = person_of.get(buyer_id)
    return buyer_id in row.buyers or (person is not None and person in map(person_of.get, row.buyers))


def _told_before(rows: Sequence[_Row]) -> dict[UUID, Order]:
    """They are of the source of this program: whoever may write into it may know of them."""
    ids = [row.order_id for row in rows]
    return {one.id: one for one in Order.objects.filter(pk__in=ids).prefetch_related("lines__product")}


def _says_the_same(said: Mapping[str, Any], order: Order) -> bool:
    """Whether everything that a telling can change is as it was told before."""
    lines = sorted(
        (one.product.sku if one.product else "", one.name, one.quantity, one.amount)
        for one in order.lines.all()
    )
    return (
        (order.number, order.status, order.amount, order.currency)
        == (
            str(said.get("number") or said["external_id"])[:80],
            str(said.get("status") or "paid"),
            Decimal(str(said["amount"])),
            str(said["currency"]),
        )
        and lines == sorted(_line(one) for one in said.get("lines") or ())
    )  # fmt: skip


def _line(said: Mapping[str, Any]) -> tuple[str, str, Decimal, Decimal]:
    sku = str(said.get("sku") or "")[:80]
    name = str(said.get("name") or sku)[:300]
    return sku, name, Decimal(str(said["quantity"])), Decimal(str(said["amount"]))
