"""What happens to customers whoever they are: they write, buy, are listed, and colleagues take notes."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

import amity.activity.stages as activity
import amity.commerce.stages as commerce
import amity.conversations.stages as conversations
import amity.people.stages as people
from amity.activity.shaping import identity_id
from amity.channels.adapters import RawItem
from amity.channels.models import ImportRun, Source
from amity.channels.records import Direction, Handle, MessageRecord, OrderRecord, PersonRecord, Record
from amity.channels.stages import ITEMS, ReadItem
from amity.channels.walking import Way
from amity.conversations import refreshing, services
from amity.conversations.models import Conversation
from amity.kernel.actor import Actor
from amity.kernel.ids import stable_id, uuid7
from amity.kernel.pipeline import Batch, Stage, run_stages
from amity.people.models import Link
from amity.people.queries.visibility import people_of
from amity.site.undo import undo_batches

BEGINNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
STAGES: tuple[Stage, ...] = (
    activity.shape,
    activity.make_room,
    activity.claim_keys,
    people.resolve,
    commerce.take_orders,
    activity.join_threads,
    conversations.hold,
    activity.record,
    conversations.file_in,
)
HANDLES = (
    *(
        Handle("email", f"{name}@roast.example", name.title())
        for name in ("ada", "bo", "cleo", "dag", "eve", "finn")
    ),
    *(Handle("customer:shop", str(number)) for number in (4101, 4102, 4103)),
    Handle("mastodon", "adas_beans", "Ada of the beans"),
)
CITIES, JOBS = ("Leipzig", "Halle", "Bilbao"), ("Barista", "Owner", "Buyer")
NAMES = ("Ada Roth", "A. Roth", "Bo Lind", "Cleo Marsh", "Eve Sand")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens at an instant. `note`: a colleague writes it about the first handle's conversation.
    `imported`: `rows` come in one file; `undone`: the file of that number is taken back."""

    kind: str
    at: datetime
    handles: tuple[Handle, ...]
    facts: tuple[tuple[str, str], ...] = ()
    amount: Decimal = Decimal(0)
    number: int = 0
    rows: tuple[Event, ...] = ()


def events(draw: random.Random) -> Iterator[Event]:
    """Without end, each a while after the one before."""
    at, numbers, files = BEGINNING, itertools.count(1), list[int]()
    while True:
        at += timedelta(minutes=draw.randint(1, 900))
        kind = draw.choice(
            (
                "said",
                "said",
                "ordered",
                "listed",
                "listed",
                "edited",
                "note",
                "imported",
                "imported",
                "undone",
            )
        )
        if kind == "undone" and files:
            yield Event(kind, at, (), number=files.pop(draw.randrange(len(files))))
        elif kind == "imported":
            rows = [_event(draw, draw.choice(_ROWS), at, next(numbers)) for _ in range(draw.randint(1, 3))]
            files.append(next(numbers))
            yield Event(kind, at, (), number=files[-1], rows=tuple(rows))
        elif kind != "undone":
            yield _event(draw, kind, at, next(numbers))


_ROWS = ("said", "ordered", "listed", "listed")


def _event(draw: random.Random, kind: str, at: datetime, number: int) -> Event:
    known = draw.sample(HANDLES, 1 if kind in ("said", "edited", "note") else draw.choice((1, 2, 2)))
    facts = {"city": draw.choice(CITIES), "job_title": draw.choice(JOBS), "name": draw.choice(NAMES)}
    chosen = draw.sample(sorted(facts.items()), draw.randint(1, 3)) if kind in ("listed", "edited") else []
    return Event(kind, at, tuple(known), tuple(chosen), Decimal(draw.randint(100, 90_000)) / 100, number)


class World:
    """A source, a colleague, and what happened so far."""

    def __init__(self, source: Source, staff: Actor) -> None:
        self.source, self.staff = source, staff

    def happen(self, event: Event) -> None:
        """Take it in as the corridor does, or back as an import is."""
        if event.kind == "note":
            self._note(event)
        elif event.kind == "undone":
            undo_batches(
                ImportRun.objects.get(pk=self._run_id(event)),
                Way(STAGES, lambda _batch, _run: None, lambda: event.at),
            )
        elif event.kind == "imported":
            run = ImportRun.objects.create(
                id=self._run_id(event), source=self.source, filename=f"{event.number}.jsonl", digest=str(event.number),
                size_bytes=0, created_at=event.at,
            )  # fmt: skip
            self._walk([_record(row) for row in event.rows], event.at, run.id)
        else:
            self._walk([_record(event)], event.at)

    def _run_id(self, event: Event) -> UUID:
        return stable_id("histories", str(event.number))

    def _walk(self, records: list[Record], at: datetime, run_id: UUID | None = None) -> None:
        batch = Batch(source_id=self.source.id, at=at, run_id=run_id)
        batch.put(
            ITEMS,
            [
                ReadItem(uuid7(at), uuid7(at).bytes, RawItem(place, b"", "application/json"), (record,))
                for place, record in enumerate(records, 1)
            ],
        )
        batch.put(conversations.OPEN_AFTER, None)
        run_stages(STAGES, batch)

    def _note(self, event: Event) -> None:
        found = Conversation.objects.filter(customer_id=identity_id(event.handles[0])).order_by("id").first()
        if found is not None:
            services.note(found.pk, actor=self.staff, at=event.at, text=f"Note {event.number}")


def _record(event: Event) -> Record:
    fields: dict[str, Any] = {"external_id": f"{event.kind}-{event.number}"}
    if event.kind == "said":
        return MessageRecord(
            occurred_at=event.at, channel="email", direction=Direction.IN, author=event.handles[0],
            text=f"Word {event.number}", **fields,
        )  # fmt: skip
    if event.kind == "ordered":
        return OrderRecord(
            ordered_at=event.at,
            buyer=event.handles,
            amount=event.amount,
            currency="EUR",
            items=1,
            lines=(),
            **fields,
        )
    return PersonRecord(observed_at=event.at, handles=event.handles, facts=dict(event.facts), **fields)


def person_of(handle: Handle) -> UUID | None:
    """For whom a handle counts now; None while nobody named it."""
    return people_of([identity_id(handle)]).get(identity_id(handle))


_STATE = """
    SELECT p.id::text, p.name, p.sort_name, p.email, p.city, p.job_title, p.search_text, p.organisation_id::text,
        p.first_seen_at::text, p.last_activity_at::text,
        (SELECT array_agg(i.network || ' ' || i.address || ' ' || l.method || ' ' || l.confidence || ' '
                          || l.linked_at || ' ' || l.evidence ORDER BY i.network, i.address)
         FROM people_link l JOIN people_identity i ON i.id = l.identity_id
         WHERE l.person_id = p.id AND l.revoked_at IS NULL)::text,
        (SELECT array_agg(o.number || ' ' || o.amount ORDER BY o.number, o.id) FROM people_link l
         JOIN commerce_order o ON o.buyer_id = l.identity_id
         WHERE l.person_id = p.id AND l.revoked_at IS NULL)::text,
        (SELECT array_agg(c.id || ' ' || COALESCE(c.due_at::text, '') || c.messages ORDER BY c.id) FROM people_link l
         JOIN conversations_conversation c ON c.customer_id = l.identity_id
         WHERE l.person_id = p.id AND l.revoked_at IS NULL)::text
    FROM people_person p WHERE p.merged_into_id IS NULL ORDER BY p.id
"""


def state() -> list[tuple[str | None, ...]]:
    """Every person who counts: what is shown of them, their links, orders and conversations with their clocks."""
    waiting = sorted(Conversation.objects.values_list("pk", flat=True))
    refreshing.reset_clocks(waiting)
    return _rows(_STATE)


_WHO = """
    SELECT i.network || ' ' || i.address, l.person_id::text FROM people_identity i
    JOIN people_link l ON l.identity_id = i.id AND l.revoked_at IS NULL WHERE NOT i.is_ours
"""
_GIVEN = """
    SELECT DISTINCT i.network || ' ' || i.address FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    WHERE l.evidence ? 'unmerge'
"""


def who_is_who() -> dict[str, str]:
    """For which person each account counts."""
    return dict(_rows(_WHO))


def at_home(person: UUID) -> set[str]:
    """The accounts that belong to this person, for whomever they count now."""
    links = Link.objects.filter(
        Q(home_id=person) | Q(home_id=None, person_id=person), revoked_at__isnull=True
    )
    return {f"{link.identity.network} {link.identity.address}" for link in links.select_related("identity")}


def given_by_choice() -> set[str]:
    """Accounts of which a colleague said, with the end of a merge, with whom they go."""
    return {account for (account,) in _rows(_GIVEN)}


def named_with(given: set[str], event: Event, known: Collection[str]) -> set[str]:
    """Those and the accounts that were not known before and that a record of the event names with one of them."""
    found = set(given)
    for row in event.rows or (event,):
        accounts = {f"{handle.network} {handle.address}" for handle in row.handles}
        if not found.isdisjoint(accounts):
            found |= accounts - set(known)
    return found


_ORPHANS = {
    "an identity without a person": """
        SELECT i.address FROM people_identity i WHERE NOT i.is_ours AND 1 <> (
            SELECT count(*) FROM people_link l JOIN people_person p ON p.id = l.person_id AND p.merged_into_id IS NULL
            WHERE l.identity_id = i.id AND l.revoked_at IS NULL)""",
    "a person without an identity": """
        SELECT p.id::text FROM people_person p WHERE p.merged_into_id IS NULL AND NOT EXISTS (
            SELECT FROM people_link l WHERE l.person_id = p.id AND l.revoked_at IS NULL)""",
    "an order without a buyer": """
        SELECT o.number FROM commerce_order o WHERE NOT EXISTS (
            SELECT FROM people_link l WHERE l.identity_id = o.buyer_id AND l.revoked_at IS NULL)""",
    "a conversation without a customer": """
        SELECT c.id::text FROM conversations_conversation c WHERE NOT EXISTS (
            SELECT FROM people_link l WHERE l.identity_id = c.customer_id AND l.revoked_at IS NULL)""",
    "a merge of which the trail does not tell": """
        SELECT m.id::text FROM people_merge m WHERE NOT EXISTS (
            SELECT FROM kernel_audit_entry e WHERE e.subject = 'person' AND e.subject_id = m.into_id::text)""",
}


def orphans() -> list[str]:
    """What must not be: each a sentence."""
    return [f"{what}: {which}" for what, query in _ORPHANS.items() for (which,) in _rows(query)]


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
