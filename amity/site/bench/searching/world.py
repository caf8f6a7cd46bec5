"""The people of the bench, in their tables by COPY, with conversations, orders and organisations in proportion."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection

from amity.activity.partitions import ensure_months
from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.kernel.ids import stable_id
from amity.people.domain.folding import fold, search_text
from amity.site.bench.database import SOURCE, sentences
from amity.site.bench.searching.names import DOMAINS, Names, names

CONVERSATIONS, ORDERS = 0.12, 0.06  # a person
YEARS = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Invented:
    """One person of the bench and what can be typed to find them."""

    id: UUID
    name: str
    email: str
    handle: str
    phone: str
    customer: str
    organisation: str
    last_at: datetime
    order: str = ""

    @property
    def handles(self) -> tuple[Handle, ...]:
        every = (
            ("email", self.email),
            ("phone", self.phone),
            ("mastodon", self.handle),
            ("customer:bench", self.customer),
        )
        return tuple(Handle(network, address) for network, address in every if address)


def people(random: Random, count: int, now: datetime, known: Names) -> Iterator[Invented]:
    """The same people for the same `random`, most recent first in no order."""
    for number in range(count):
        first = random.choices(known.first, cum_weights=known.first_shares)[0]
        last = random.choices(known.last, cum_weights=known.last_shares)[0]
        if random.random() < 0.04:
            last += "-" + random.choices(known.last, cum_weights=known.last_shares)[0]
        roll = random.random()
        yield Invented(
            id=UUID(int=random.getrandbits(128), version=4),
            name=f"{first} {last}",
            email=_email(random, number, first, last),
            handle=f"{fold(first).replace(' ', '')}{number}@social.example" if roll < 0.15 else "",
            phone=f"+49{random.randrange(30, 999)}{number:07d}" if roll > 0.6 else "",
            customer=f"K{100_000 + number}" if 0.3 < roll < 0.6 else "",
            organisation=random.choice(known.organisations) if random.random() < 0.25 else "",
            last_at=now - YEARS * random.random(),
            order=f"A-{20_000_000 + number}" if number % 100 < ORDERS * 100 else "",
        )  # fmt: skip


def _email(random: Random, number: int, first: str, last: str) -> str:
    one, two = fold(first).replace(" ", ""), fold(last).replace(" ", "")
    form = random.randrange(5)
    local = (f"{one}.{two}", f"{one}{two}", f"{one[:1]}.{two}", f"{two}{one[:1]}", f"{one}_{two}")[form]
    if number % 3:  # at a large provider the number tells them apart, at their own house the house
        return f"{local}{number}@{random.choice(DOMAINS)}"
    return f"{local}@{two}{number}.example"


def fill(seed: int, count: int, now: datetime) -> None:
    """Make the world of `people(Random(seed), count, …)` in an empty database, and sample its tables."""
    ensure_months([now - timedelta(days=15 * n) for n in range(50)], now)
    random = Random(seed)
    known = names(random, scale=count / 1_000_000)
    source = stable_id("source", SOURCE)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_source (id, key, adapter, name, config, created_at) "
            "VALUES (%s, %s, 'file', 'Bench', '{}', %s)",
            [source, SOURCE, now],
        )
    by_key = {fold(name): name for name in known.organisations}
    houses = {name: stable_id("organisation", key) for key, name in by_key.items()}
    _copy(
        "people_organisation", ("id", "name", "key", "domain", "created_at"),
        ((id, name, fold(name), "", now) for name, id in houses.items()),
    )  # fmt: skip
    listed: list[Invented] = []
    for one in people(random, count, now, known):
        listed.append(one)
        if len(listed) == 50_000:
            _write(listed, houses, now)
            listed = []
    _write(listed, houses, now)
    _write_talk(random, int(count * CONVERSATIONS), source, now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _write(listed: Sequence[Invented], houses: dict[str, UUID], now: datetime) -> None:
    _copy(
        "people_person",
        ("id", "name", "sort_name", "email", "city", "country", "language", "job_title", "search_text",
         "organisation_id", "first_seen_at", "last_activity_at"),
        (
            (one.id, one.name, fold(one.name), one.email, "", "", "en", "",
             search_text(one.name, *(handle.address for handle in one.handles), one.organisation),
             houses.get(one.organisation), now - YEARS, one.last_at)
            for one in listed
        ),
    )  # fmt: skip
    handles = [(identity_id(handle), handle, one) for one in listed for handle in one.handles]
    _copy(
        "people_identity", ("id", "network", "address", "is_ours", "first_seen_at"),
        ((id, handle.network, handle.address, False, now - YEARS) for id, handle, _ in handles),
    )  # fmt: skip
    _copy(
        "people_link", ("id", "identity_id", "person_id", "method", "evidence", "confidence", "linked_at"),
        ((stable_id("link", str(id)), id, one.id, "first_seen", "{}", 1.0, now - YEARS) for id, _, one in handles),
    )  # fmt: skip
    _copy(
        "commerce_order",
        ("id", "source_id", "external_id", "number", "buyer_id", "ordered_at", "status", "amount", "currency", "items"),
        (
            (stable_id("order", one.order), stable_id("source", SOURCE), one.order, one.order,
             identity_id(one.handles[0]), one.last_at, "paid", 24, "EUR", 1)
            for one in listed if one.order
        ),
    )  # fmt: skip


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


_TALK = """
    WITH spoken AS (
        SELECT row_number() OVER () AS n, i.id, %(now)s - random() * %(span)s AS at
        FROM (SELECT id FROM people_identity WHERE network = 'email' LIMIT %(count)s) i)
    INSERT INTO conversations_conversation (id, source_id, customer_id, subject, preview, channel, channels_count,
            state, opened_at, last_activity_at, last_inbound_at, messages, language, closed_at)
        SELECT md5('c' || n)::uuid, %(source)s, spoken.id, '', left(s.text, 200), 'email', 1, 'closed', at, at, at, 2,
            s.language, at FROM spoken JOIN bench_sentence s ON s.id = 1 + n %% 2000;
    INSERT INTO conversations_conversationthread (thread_id, conversation_id)
        SELECT id, id FROM conversations_conversation;
    INSERT INTO activity_activity (id, occurred_at, recorded_at, source_id, external_id, actor_id, about_id, thread_id,
            direction, channel, verb, object_type, text, language)
        SELECT md5(c.id::text || m)::uuid, c.opened_at, c.opened_at, c.source_id, c.id::text || m, c.customer_id,
            c.customer_id, c.id, 'in', 'email', 'create', 'note', s.text, s.language
        FROM conversations_conversation c CROSS JOIN generate_series(1, 2) m
        JOIN bench_sentence s ON s.id = 1 + abs(hashtext(c.id::text || m)::bigint) %% 2000
"""


def _write_talk(random: Random, count: int, source: UUID, now: datetime) -> None:
    """Conversations of two messages each, with as many people."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_sentence (id serial PRIMARY KEY, language text, text text)")
        cursor.executemany(
            "INSERT INTO bench_sentence (language, text) VALUES (%s, %s)",
            sentences(2_000, seed=random.randrange(1_000)),
        )
        for statement in _TALK.split(";\n"):
            values: dict[str, Any] = {"now": now, "span": YEARS, "count": count, "source": source}
            cursor.execute(statement, values)
