"""Small worlds for tests: a source, customers, what they said and bought, what we promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from amity.activity.partitions import ensure_months
from amity.activity.rows import ActivityRow
from amity.activity.stages import write_rows
from amity.channels.models import Source
from amity.commerce.models import Order
from amity.conversations.models import Conversation, ConversationState, ConversationThread
from amity.kernel.actor import Role
from amity.kernel.ids import uuid7
from amity.kernel.models import Staff, Team
from amity.people.models import Identity, Link, Person
from amity.teamwork.models import Promise, PromiseState


def a_source(at: datetime, key: str = "shop", team: Team | None = None) -> Source:
    return Source.objects.create(key=key, adapter="file", name=key.title(), team=team, created_at=at)


def a_colleague(
    at: datetime, name: str = "Ines Okafor", role: Role = Role.AGENT, team: Team | None = None
) -> Staff:
    email = f"{name.split(maxsplit=1)[0].lower()}-{role}@tamp.example"
    staff = Staff.objects.create(email=email, name=name, role=role, joined_at=at)
    if team:
        staff.teams.add(team)
    return staff


def a_customer(at: datetime, name: str = "Hannah Vogel") -> Identity:
    """An identity with a person of this name behind it."""
    identity = Identity.objects.create(
        id=uuid4(), network="email", address=f"{uuid4()}@mail.example", first_seen_at=at
    )
    person = Person.objects.create(name=name, sort_name=name.lower(), first_seen_at=at)
    Link.objects.create(identity=identity, person=person, method="first_seen", confidence=1.0, linked_at=at)
    return identity


def a_talk(source: Source, at: datetime, customer: Identity | None = None, **fields: object) -> Conversation:
    """A conversation that waits since half an hour ago and is due in three hours and a half, unless told else."""
    given = {
        "source": source,
        "customer": customer or a_customer(at),
        "subject": "Burrs",
        "preview": "When do the new burrs leave?",
        "channel": "email",
        "state": ConversationState.OPEN,
        "opened_at": at - timedelta(minutes=30),
        "last_activity_at": at - timedelta(minutes=30),
        "first_inbound_at": at - timedelta(minutes=30),
        "waiting_since": at - timedelta(minutes=30),
        "due_at": at + timedelta(minutes=210),
        "messages": 1,
    } | fields
    talk = Conversation.objects.create(**given)
    ConversationThread.objects.create(thread_id=uuid4(), conversation=talk)
    return talk


def said(
    source: Source,
    instants: Iterable[datetime],
    *,
    sentiment: float | None = None,
    direction: str = "in",
    about: UUID | None = None,
    thread: UUID | None = None,
    text: str = "The burr sheds metal",
) -> None:
    """Messages on the stream, counted by day as the corridor does it."""
    moments = list(instants)
    if not moments:
        return
    ensure_months(moments, max(moments))
    rows = [
        ActivityRow(
            id=uuid7(moment), occurred_at=moment, external_id=str(uuid4()), direction=direction, channel="email",
            verb="create", object_type="note", about_id=about or uuid4(), thread_id=thread or uuid4(), text=text,
            sentiment=sentiment, confidence=0.9,
        )
        for moment in moments
    ]  # fmt: skip
    write_rows(rows, source_id=source.id, run_id=None, recorded_at=max(moments))


def a_promise(source: Source, owner: Staff, due_at: datetime, **fields: object) -> Promise:
    """An open promise, made a day before it is due."""
    given = {
        "about": a_customer(due_at),
        "source_id": source.id,
        "what": "New burrs leave",
        "due_at": due_at,
        "owner": owner,
        "made_by": owner,
        "made_at": due_at - timedelta(days=1),
        "state": PromiseState.OPEN,
    } | fields
    return Promise.objects.create(**given)


def an_order(source: Source, buyer: Identity, ordered_at: datetime) -> Order:
    return Order.objects.create(
        id=uuid4(), source=source, external_id=str(uuid4()), number="20418", buyer=buyer, ordered_at=ordered_at,
        status="paid", amount=Decimal("89.00"), currency="EUR",
    )  # fmt: skip
