"""Conversations for tests, made as life makes them: messages walk through the stages, colleagues use the services."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.test import Client

import amity.activity.stages as activity
import amity.channels.stages as channels
import amity.commerce.stages as commerce
import amity.people.stages as people
from amity.activity.rows import ROWS
from amity.channels.adapters import RawItem
from amity.channels.imports import ensure_source
from amity.channels.models import Source
from amity.channels.records import (
    Attachment,
    Direction,
    Handle,
    MessageRecord,
    OrderLineRecord,
    OrderRecord,
    Record,
)
from amity.channels.stages import RAW, READER
from amity.conversations import returning, stages
from amity.conversations.models import Conversation
from amity.conversations.stages import OPEN_AFTER
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Staff, Team
from amity.kernel.pipeline import Batch, run_stages

_numbers = itertools.count(1)


def a_colleague(name: str = "Ines Okafor", role: Role = Role.AGENT, *, teams: Sequence[Team] = ()) -> Staff:
    """A member of staff who signed up at the beginning of 2025."""
    number = next(_numbers)
    staff = Staff(email=f"colleague{number}@tamp.example", name=name, role=role, time_zone="Europe/Berlin")
    staff.joined_at = datetime.fromisoformat("2025-01-01T00:00:00+00:00")
    staff.set_unusable_password()
    staff.save()
    staff.teams.set(teams)
    return staff


def an_actor(name: str = "Ines Okafor", role: Role = Role.AGENT, *, teams: Sequence[Team] = ()) -> Actor:
    return a_colleague(name, role, teams=teams).actor()


def signed_in(staff: Staff) -> Client:
    """A browser without scripts in which this colleague is signed in."""
    client = Client()
    client.force_login(staff)
    return client


def a_source(at: datetime, key: str = "mail", team: Team | None = None) -> Source:
    source = ensure_source(key, name=key.title(), adapter="file", at=at)
    if team is not None:
        source.team = team
        source.save(update_fields=["team"])
    return source


def a_message(
    at: datetime,
    text: str = "Is my grinder in the affected batch?",
    *,
    id: str = "",
    who: str = "hanna@roast.example",
    name: str = "",
    answers: Sequence[str] = (),
    channel: str = "email",
    direction: Direction = Direction.IN,
    subject: str = "Metal shavings",
    feels: tuple[float, float] | None = None,
    full_text: str = "",
    html: str = "",
    files: Sequence[Attachment] = (),
    language: str = "en",
) -> MessageRecord:
    """What an adapter would read. `feels` is sentiment and confidence; our own messages are told by `direction`."""
    ours = Handle("email", "service@tamp.example", "Tamp & Co")
    theirs = Handle("email", who, name or who.partition("@")[0].title())
    inbound = direction is Direction.IN
    return MessageRecord(
        external_id=id or f"message-{next(_numbers)}",
        occurred_at=at,
        author=theirs if inbound else ours,
        recipients=() if inbound else (theirs,),
        direction=direction,
        channel=channel,
        text=text,
        full_text=full_text,
        html=html,
        subject=subject,
        in_reply_to=tuple(answers),
        language=language,
        attachments=tuple(files),
        extra={"feels": feels} if feels else {},
    )


def an_order(at: datetime, amount: str = "689.00", *, who: str = "hanna@roast.example") -> OrderRecord:
    number = f"T-{next(_numbers)}"
    line = OrderLineRecord("KES-STL", "Kestrel, steel", Decimal(1), Decimal(amount))
    return OrderRecord(
        number, at, (Handle("email", who),), Decimal(amount), "EUR", number=number, items=1, lines=(line,)
    )


def _feel(batch: Batch) -> Batch:
    """Stands where texts are understood: the test says how a message sounds."""
    for row in batch.get(ROWS):
        told = row.record.extra.get("feels") if isinstance(row.record, MessageRecord) else None
        if told:
            row.sentiment, row.confidence = told
    return batch


_STAGES = (
    channels.skip_known,
    channels.read,
    activity.shape,
    _feel,
    channels.take_turn,
    channels.keep_items,
    activity.claim_keys,
    people.resolve,
    commerce.take_orders,
    activity.join_threads,
    stages.hold,
    activity.record,
    stages.file_in,
    returning.hear_reports,
)


@transaction.atomic
def arrive(
    *records: Record, at: datetime, source: Source | None = None, open_after: datetime | None = None
) -> None:
    """These records come in, as one batch. Conversations whose last word is older than `open_after` start closed."""
    by_position = dict(enumerate(records, start=1))
    batch = Batch(source_id=(source or a_source(at)).id, at=at)
    batch.put(RAW, [RawItem(place, repr(record).encode(), "test") for place, record in by_position.items()])
    batch.put(READER, lambda raw: [by_position[raw.position]])
    batch.put(OPEN_AFTER, open_after)
    run_stages(_STAGES, batch)


def conversation_of(who: str = "hanna@roast.example") -> Conversation:
    """The one conversation with the customer of this address."""
    return Conversation.objects.get(customer__address=who)


def a_conversation(
    at: datetime,
    text: str = "Is my grinder in the affected batch?",
    *,
    who: str = "hanna@roast.example",
    source: Source | None = None,
    waits: timedelta = timedelta(minutes=30),
    feels: tuple[float, float] | None = None,
) -> Conversation:
    """A customer wrote `waits` before `at` and waits for us."""
    arrive(a_message(at - waits, text, who=who, feels=feels), at=at, source=source)
    return conversation_of(who)


def colleague_id(actor: Actor) -> UUID:
    assert actor.staff_id is not None
    return actor.staff_id
