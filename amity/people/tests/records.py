"""Records of invented customers, and a short corridor that takes them in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

import amity.activity.stages as activity
import amity.people.stages as people
from amity.activity.shaping import identity_id
from amity.channels.adapters import RawItem
from amity.channels.models import Source
from amity.channels.records import (
    Direction,
    Handle,
    MessageRecord,
    OrderLineRecord,
    OrderRecord,
    PersonRecord,
    Record,
)
from amity.channels.stages import ITEMS, ReadItem
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Staff, Team
from amity.kernel.pipeline import Batch, Stage, run_stages
from amity.people.models import Link, Person

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
SHORT: tuple[Stage, ...] = (
    activity.shape,
    activity.claim_keys,
    people.resolve,
    activity.join_threads,
    activity.record,
)
_numbers = itertools.count(1)


def make_source(key: str = "shop", *, team: Team | None = None) -> Source:
    return Source.objects.create(key=key, adapter="file", name=key.title(), team=team, created_at=AT)


def make_staff(role: Role = Role.AGENT, name: str = "Ines Okafor", *teams: Team) -> Staff:
    staff = Staff.objects.create(name=name, role=role, email=f"{uuid4().hex}@tamp.example", joined_at=AT)
    staff.teams.set(teams)
    return staff


def make_actor(role: Role = Role.AGENT, *teams: Team) -> Actor:
    return make_staff(role, "Ines Okafor", *teams).actor()


def email(address: str, name: str = "") -> Handle:
    return Handle("email", address, name)


def said(author: Handle, text: str = "Good morning", *, at: datetime = AT, **more: Any) -> MessageRecord:
    fields = {"external_id": f"m{next(_numbers)}", "channel": "email"} | more
    return MessageRecord(occurred_at=at, author=author, text=text, **fields)


def answered(to: Handle, text: str = "We are on it", *, at: datetime = AT, **more: Any) -> MessageRecord:
    ours = email("care@tamp.example", "Tamp & Co")
    return said(ours, text, at=at, direction=Direction.OUT, recipients=(to,), **more)


def ordered(
    *buyer: Handle, amount: str = "24.80", at: datetime = AT, lines: Sequence[str] = (), **more: Any
) -> OrderRecord:
    fields: dict[str, Any] = {"external_id": f"o{next(_numbers)}", "currency": "EUR", "items": 1}
    named = tuple(
        OrderLineRecord(sku=name[:8], name=name, quantity=Decimal(1), amount=Decimal("1.00"))
        for name in lines
    )
    return OrderRecord(ordered_at=at, buyer=buyer, amount=Decimal(amount), lines=named, **fields | more)


def listed(*handles: Handle, at: datetime = AT, **facts: str) -> PersonRecord:
    return PersonRecord(external_id=f"p{next(_numbers)}", observed_at=at, handles=handles, facts=facts)


def take_in(source: Source, *records: Record, stages: Sequence[Stage] = SHORT, at: datetime = AT) -> Batch:
    """Walk the records through the stages in one transaction, as a delivery of this source."""
    batch = Batch(source_id=source.id, at=at)
    items = [
        ReadItem(uuid4(), number.to_bytes(16, "big"), RawItem(number, b"", "application/json"), (record,))
        for number, record in enumerate(records)
    ]
    batch.put(ITEMS, items)
    with transaction.atomic():
        return run_stages(stages, batch)


def person_of(handle: Handle) -> Person:
    return Person.objects.get(links__identity_id=identity_id(handle), links__revoked_at__isnull=True)


def identities_of(person: Person) -> tuple[UUID, ...]:
    links = Link.objects.filter(person=person, revoked_at__isnull=True)
    return tuple(links.values_list("identity_id", flat=True))


def days(number: float) -> timedelta:
    return timedelta(days=number)
