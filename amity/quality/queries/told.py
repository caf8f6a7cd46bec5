"""What is told of many people at once, as it is judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from amity.people.domain.survivorship import winners
from amity.people.models import UNREACHABLE
from amity.people.queries.locks import chosen_values
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import told_without
from amity.quality.domain.judging import Address, Said, Told

# Sightings by source and the facts of each identity; what only hidden sources name is not there.
_ADDRESSES = """
    SELECT l.person_id, l.identity_id::text, i.network, i.address,
        COALESCE(array_agg(s.source_id::text) FILTER (WHERE s.source_id IS NOT NULL), '{}'),
        COALESCE(array_agg(s.at) FILTER (WHERE s.source_id IS NOT NULL), '{}')
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    LEFT JOIN people_sighting s ON s.identity_id = i.id AND s.source_id <> ALL(%(hidden)s::uuid[])
    WHERE l.person_id = ANY(%(people)s::uuid[]) AND l.revoked_at IS NULL
    GROUP BY l.person_id, l.identity_id, i.network, i.address
    HAVING cardinality(%(hidden)s::uuid[]) = 0 OR count(s.source_id) > 0 OR NOT EXISTS (
        SELECT FROM people_sighting o WHERE o.identity_id = l.identity_id AND o.source_id = ANY(%(hidden)s::uuid[]))
"""
_FACTS = """
    SELECT f.identity_id::text, f.field, f.value, f.source_id::text, f.observed_at
    FROM people_fact f WHERE f.identity_id = ANY(%(identities)s::uuid[]) AND f.source_id <> ALL(%(hidden)s::uuid[])
"""
_ANSWERED = """
    SELECT f.identity_id::text FROM people_fact f WHERE f.identity_id = ANY(%(dead)s::uuid[]) AND f.field = %(field)s
        AND f.source_id <> ALL(%(hidden)s::uuid[]) AND NOT EXISTS (
            SELECT FROM activity_activity a WHERE a.about_id = f.identity_id AND a.direction = 'in'
                AND a.occurred_at > f.observed_at)
"""
_SPOKE = """
    SELECT id, last_activity_at FROM people_person
    WHERE id = ANY(%(people)s::uuid[]) AND last_activity_at IS NOT NULL
"""
_HEARD = """
    SELECT l.person_id, max(a.occurred_at) FROM people_link l JOIN activity_activity a ON a.about_id = l.identity_id
    WHERE l.person_id = ANY(%(people)s::uuid[]) AND l.revoked_at IS NULL AND a.actor_id = l.identity_id
        AND a.direction = 'in' AND a.source_id <> ALL(%(hidden)s::uuid[]) GROUP BY 1
"""
# Of values that several people have: those of these people, while a source that is not hidden says so of another.
_SHARED = """
    SELECT s.person_id, s.field, s.source_id::text FROM quality_shared s
    WHERE s.person_id = ANY(%(people)s::uuid[]) AND s.source_id <> ALL(%(hidden)s::uuid[]) AND EXISTS (
        SELECT FROM quality_shared o WHERE o.field = s.field AND o.digest = s.digest AND o.person_id <> s.person_id
            AND o.source_id <> ALL(%(hidden)s::uuid[]))
"""
_DOUBLED = """
    SELECT person_id FROM (
        SELECT one_id AS person_id FROM people_proposal
        WHERE state IN ('open', 'later') AND one_id = ANY(%(people)s::uuid[])
        UNION SELECT other_id FROM people_proposal
        WHERE state IN ('open', 'later') AND other_id = ANY(%(people)s::uuid[])
    ) AS either
"""


def told_of_people(person_ids: Sequence[UUID], hidden: Sequence[UUID] = ()) -> dict[UUID, Told]:
    """What sources that are not `hidden` tell of each of these people. Pairs of duplicates are told of only where no
    source is hidden: they are found by what all of them say."""
    named = {"people": list(person_ids), "hidden": list(hidden)}
    told = {person: Told() for person in person_ids}
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES, named)
        of_identity: dict[str, tuple[Told, Address]] = {}
        for person, identity, network, address, sources, times in cursor.fetchall():
            one = Address(network, address, _latest(sources, times))
            told[person].addresses.append(one)
            of_identity[identity] = (told[person], one)
        cursor.execute(_FACTS, named | {"identities": list(of_identity)})
        dead = _put_facts(cursor.fetchall(), of_identity)
        if dead:
            cursor.execute(_ANSWERED, named | {"dead": dead, "field": UNREACHABLE})
            for (identity,) in cursor.fetchall():
                of_identity[identity][1].is_dead = True
        cursor.execute(_HEARD if hidden else _SPOKE, named)
        for person, at in cursor.fetchall():
            told[person].last_spoke = at
        cursor.execute(_SHARED, named)
        _put_shared(told, cursor.fetchall())
        if not hidden:
            cursor.execute(_DOUBLED, named)
            for (person,) in cursor.fetchall():
                told[person].is_doubled = True
    for person, chosen in chosen_values(list(person_ids), hidden).items():
        told[person].chosen = chosen
    rules = ruling_of_look().shown
    if not rules.are_usual:
        for person, said in told_without(hidden, person_ids, rules).items():
            told[person].wins = {name: won.value for name, won in winners(said.statements, rules).items()}
    return told


def _latest(sources: Sequence[str], times: Sequence[datetime]) -> dict[str, datetime]:
    latest: dict[str, datetime] = {}
    for source, at in zip(sources, times, strict=True):
        if source not in latest or latest[source] < at:
            latest[source] = at
    return latest


def _put_facts(
    rows: Sequence[tuple[str, str, str, str, datetime]], of_identity: Mapping[str, tuple[Told, Address]]
) -> list[str]:
    """Gives the identities of which it was said that nothing reaches them."""
    dead = []
    for identity, field, value, source, at in rows:
        told, address = of_identity[identity]
        if field == UNREACHABLE:
            dead.append(identity)
            continue
        told.said.append(Said(field, value, source, at))
        if source not in address.named or address.named[source] < at:
            address.named[source] = at
    return dead


def _put_shared(told: Mapping[UUID, Told], rows: Sequence[tuple[UUID, str, str]]) -> None:
    shared: dict[UUID, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for person, field, source in rows:
        shared[person][field].add(source)
    for person, of_field in shared.items():
        told[person].shared = of_field
