"""Reads the traits of people from the records of all packages: of those sources that are open to everybody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection

from amity.commerce.stages import NOT_BOUGHT
from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.people.domain.folding import fold
from amity.people.domain.survivorship import looks_like_a_name
from amity.people.models import Person
from amity.people.queries.visibility import known_people, shown_as, told_of
from amity.segments.codes import Word, codes_for
from amity.segments.conditions import read_fields
from amity.segments.domain.parts import BOUGHT, CASES, FIELDS, PROMISES, TALK
from amity.segments.domain.traits import A_DAY, Traits, minute_of

EVERYBODY = Actor(role=Role.AGENT)
"""Stands for what nobody is kept from: a colleague of no team, without sources of their own."""
NEWEST = 1_000
"""How many entries of an account are looked at: conditions count to 500."""
_Rows: TypeAlias = Iterable[tuple[Any, ...]]

_WHO = """
    SELECT p.id, p.name, p.email, p.city, p.country, p.language, p.job_title, coalesce(o.key, ''), p.first_seen_at
    FROM people_person p LEFT JOIN people_organisation o ON o.id = p.organisation_id
    WHERE p.id = ANY(%s) AND p.merged_into_id IS NULL
"""
_ADDRESSES = """
    SELECT l.person_id, i.network, i.address FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL
"""
_SEEN = """
    SELECT l.person_id, min(s.at) FROM people_link l JOIN people_sighting s ON s.identity_id = l.identity_id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL AND s.source_id <> ALL(%s) GROUP BY l.person_id
"""
_MINUTE = "floor(extract(epoch FROM {}) / 60)::integer"
# A function, so that its plan is made once (migration 0006): planning it over all months takes longer than the answer.
_TALK = "SELECT * FROM segments_talk(%s::uuid[], %s::uuid[], %s)"
_ORDERS = f"""
    SELECT l.person_id, {_MINUTE.format("o.ordered_at")}, o.currency, (o.amount * 100)::bigint,
        (SELECT string_agg(DISTINCT x.product_id::text, ' ') FROM commerce_orderline x WHERE x.order_id = o.id)
    FROM people_link l JOIN commerce_order o ON o.buyer_id = l.identity_id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL AND o.status <> ALL(%s) AND o.source_id <> ALL(%s)
    ORDER BY l.person_id, o.ordered_at, o.id
"""
_CASES = """
    SELECT l.person_id, count(*), min(c.waiting_since)
    FROM people_link l JOIN conversations_conversation c ON c.customer_id = l.identity_id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL AND c.state = 'open' AND c.source_id <> ALL(%s)
    GROUP BY l.person_id
"""
_BROKEN = """
    SELECT l.person_id, array_agg(p.due_at ORDER BY p.due_at)
    FROM people_link l JOIN teamwork_promise p ON p.about_id = l.identity_id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL AND p.source_id <> ALL(%s)
        AND (p.state = 'broken' OR (p.state = 'kept' AND p.settled_at > p.due_at))
    GROUP BY l.person_id
"""


def closed_sources() -> list[UUID]:
    """The sources that not everybody may see."""
    return policy.hidden_source_ids(EVERYBODY)


def read_part(traits: Mapping[UUID, Traits], part: int, closed: Sequence[UUID]) -> None:
    """Fill one part of these people anew; `WHO` is read by `who_is_there`."""
    if traits:
        _READERS[part](traits, closed)


def who_is_there(person_ids: Sequence[UUID], closed: Sequence[UUID]) -> dict[UUID, Traits]:
    """The people among these whom everybody may know of, with the part `WHO`."""
    if closed:
        return _who_is_known(person_ids, closed)
    found = {}
    for id, name, email, city, country, language, job, organisation, first_seen in _rows(_WHO, [person_ids]):
        found[id] = Traits(
            id, _name(name), email.lower(), (), fold(city), fold(country), fold(language), fold(job), organisation,
            (), minute_of(first_seen),
        )  # fmt: skip
    addresses: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for id, network, address in _rows(_ADDRESSES, [list(found)]):
        addresses[id].append((network, address))
    for id, listed in addresses.items():
        _reached_at(found[id], listed)
    return found


def _who_is_known(person_ids: Sequence[UUID], closed: Sequence[UUID]) -> dict[UUID, Traits]:
    """As they are shown where the closed sources had said nothing."""
    people = {one.id: one for one in known_people(EVERYBODY).filter(pk__in=list(person_ids))}
    listed: list[Person] = list(people.values())
    shown, told = shown_as(EVERYBODY, listed), told_of(EVERYBODY, list(people))
    seen = dict(_rows(_SEEN, [list(people), list(closed)]))
    found = {}
    for id, golden in shown.items():
        one = found[id] = Traits(
            id, _name(golden.name), golden.email.lower(), (), fold(golden.city), fold(golden.country),
            fold(golden.language), fold(golden.job_title), fold(golden.organisation)[:200], (),
            minute_of(seen.get(id) or people[id].first_seen_at),
        )  # fmt: skip
        if id in told:
            _reached_at(one, sorted(told[id].addresses))
    return found


def _name(shown: str) -> str:
    """Who has no name is shown by their address: that is nothing by which everybody may ask for them."""
    return fold(shown) if looks_like_a_name(shown) else ""


def _reached_at(one: Traits, addresses: Iterable[tuple[str, str]]) -> None:
    listed = list(addresses)
    one.networks = sorted({network.lower() for network, _ in listed})
    mails = (address for network, address in listed if network == "email")
    one.domains = sorted({address.rpartition("@")[2].lower() for address in mails} - {""})


def _read_talk(traits: Mapping[UUID, Traits], closed: Sequence[UUID]) -> None:
    rows = _rows(_TALK, [list(traits), list(closed), NEWEST])
    words: set[Word] = {("channel", row[3]) for row in rows}
    words |= {("source", row[4]) for row in rows} | {("verb", row[5]) for row in rows}
    codes = codes_for(words)
    told: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        told[row[0]].append(row)
    for id, one in traits.items():
        _tell(one, told.get(id, ()), codes)


def _tell(one: Traits, rows: Iterable[tuple[Any, ...]], codes: Mapping[Word, int]) -> None:
    """The lists of one person from their entries, oldest first."""
    wrote: list[tuple[int, int, int, int]] = []
    sent: list[tuple[int, int]] = []
    replied, bad, mood, moods, days = [], [], [], [], {}
    answered: set[str] = set()  # threads in which we have written
    total = 0
    for _, minute, direction, channel, source, verb, thread, is_bad, feeling in rows:
        if direction == "out":
            sent.append((minute, codes["channel", channel]))
            answered.add(thread)
            continue
        wrote.append((minute, codes["channel", channel], codes["source", source], codes["verb", verb]))
        days[minute // A_DAY] = minute
        if thread in answered and thread is not None:
            replied.append(minute)
        if is_bad:
            bad.append(minute)
        if feeling is not None:
            total += feeling
            mood.append(minute)
            moods.append(total)
    columns = tuple(zip(*wrote, strict=True)) or ((), (), (), ())
    one.wrote, one.wrote_via, one.wrote_from, one.wrote_verb = columns
    one.sent, one.sent_via = tuple(zip(*sent, strict=True)) or ((), ())
    one.replied, one.bad, one.mood, one.mood_sum, one.active = replied, bad, mood, moods, list(days.values())


def _read_orders(traits: Mapping[UUID, Traits], closed: Sequence[UUID]) -> None:
    rows = _rows(_ORDERS, [list(traits), NOT_BOUGHT, list(closed)])
    words = {("currency", row[2]) for row in rows}
    words |= {("product", one) for row in rows if row[4] for one in row[4].split()}
    codes = codes_for(words)
    bought: dict[UUID, list[tuple[int, str, int, list[str]]]] = defaultdict(list)
    for id, minute, currency, amount, products in rows:
        bought[id].append((minute, currency, amount, products.split() if products else []))
    for id, one in traits.items():
        _add_up(one, bought.get(id, []), codes)


def _add_up(one: Traits, orders: list[tuple[int, str, int, list[str]]], codes: Mapping[Word, int]) -> None:
    currencies = {currency for _, currency, _, _ in orders}
    one.orders = [minute for minute, _, _, _ in orders]
    one.currency = currencies.pop() if len(currencies) == 1 else ""
    one.paid, one.paid_each, one.paid_in, total = [], [], [], 0
    if one.currency:
        for _, _, amount, _ in orders:
            total += amount
            one.paid.append(total)
    else:
        one.paid_each = [amount for _, _, amount, _ in orders]
        one.paid_in = [codes["currency", currency] for _, currency, _, _ in orders]
    pairs = [(minute, codes["product", what]) for minute, _, _, products in orders for what in products]
    one.bought, one.bought_what = [minute for minute, _ in pairs], [what for _, what in pairs]


def _read_cases(traits: Mapping[UUID, Traits], closed: Sequence[UUID]) -> None:
    found = {id: (n, since) for id, n, since in _rows(_CASES, [list(traits), list(closed)])}
    for id, one in traits.items():
        one.open_count, since = found.get(id, (0, None))
        one.waiting = minute_of(since) if since else None


def _read_promises(traits: Mapping[UUID, Traits], closed: Sequence[UUID]) -> None:
    found: dict[UUID, list[datetime]] = dict(_rows(_BROKEN, [list(traits), list(closed)]))
    for id, one in traits.items():
        one.broken = [minute_of(at) for at in found.get(id, ())]


def _read_fields(traits: Mapping[UUID, Traits], closed: Sequence[UUID]) -> None:
    found = read_fields(list(traits), closed)
    for id, one in traits.items():
        one.fields = found.get(id, {})


def _rows(statement: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


_READERS: Mapping[int, Callable[[Mapping[UUID, Traits], Sequence[UUID]], None]] = {
    TALK: _read_talk,
    BOUGHT: _read_orders,
    CASES: _read_cases,
    PROMISES: _read_promises,
    FIELDS: _read_fields,
}
