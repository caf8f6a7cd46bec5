"""Orders that programs tell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amity.activity.shaping import order_id
from amity.channels.adapters import RawItem
from amity.channels.adapters.api.adapter import ORDER, raw_item
from amity.channels.inlet import key_of_program, require_readable, source_for_writing, take_in_together
from amity.commerce.models import Order
from amity.commerce.stages import NEW_ORDERS, WRITTEN_ORDERS
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.pipeline import Batch

BUYER_STAYS = _("Who bought it never changes.")


@dataclass(frozen=True, slots=True)
class Told:
    """Which order it is, whether nobody had told it before, and whether it was written: it is not where somebody else
    bought it."""

    order_id: UUID
    is_new: bool
    is_written: bool = True


def record_order(said: Mapping[str, Any], *, actor: Actor, at: datetime, program: str) -> Told:
    """Take in an order as a program tells it. `told_at` makes each telling a raw item of its own.

    Raises `Invalid` where it names another buyer than before.
    """
    policy.require(actor, "write", "order")
    key = key_of_program(program)
    raw = raw_item(1, ORDER, {"told_at": at.isoformat()} | dict(said))
    require_readable(raw, key)
    told = take_in_together(
        ("order", key, actor),
        lambda: source_for_writing(program, actor=actor, at=at),
        raw, at=at, look=told_in,
    )  # fmt: skip
    if not told.is_written:
        raise Invalid(str(BUYER_STAYS), fields={"buyer": str(BUYER_STAYS)})
    return told


class ToldAtOnce(Exception):
    """Two items of a walk tell one order differently: each has to walk alone, to hear what became of its own."""


def told_in(batch: Batch, raws: Sequence[RawItem]) -> list[Told]:
    """Which order each item became. Raises `ToldAtOnce`."""
    brought, written = batch.get(NEW_ORDERS).copy(), batch.get(WRITTEN_ORDERS)
    keys = [order_id(batch.source_id, json.loads(raw.raw)["external_id"]) for raw in raws]
    if len(set(keys)) < len({raw.raw for raw in raws}):
        raise ToldAtOnce
    found = []
    for key in keys:
        found.append(Told(key, key in brought, key in written))
        brought.discard(key)
    return found


def known_orders(source_id: UUID, external_ids: Sequence[str]) -> set[UUID]:
    """Of these orders of a source, those that were told already."""
    keys = [order_id(source_id, one) for one in external_ids]
    return set(Order.objects.filter(pk__in=keys).values_list("pk", flat=True))
