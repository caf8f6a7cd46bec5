"""The people's part of the corridor: handles become identities, identities get a person, facts are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from amity.activity.rows import ROWS
from amity.activity.shaping import identity_id
from amity.channels.records import Direction, Handle, MessageRecord, OrderRecord, PersonRecord, Record
from amity.channels.stages import ITEMS
from amity.kernel.copying import FEW, Inserting, copy_insert, copy_new, inserting_together
from amity.kernel.ids import uuid7_of
from amity.kernel.pipeline import Batch, Key
from amity.people.custom_values import write_new
from amity.people.deriving import SHOWN, derive, shown_of
from amity.people.domain.audience import counted
from amity.people.domain.folding import fold
from amity.people.domain.grouping import Grouping, assign
from amity.people.domain.precedence import SEEN
from amity.people.domain.survivorship import Statement, golden_record
from amity.people.models import NO_RUN, UNREACHABLE, LinkMethod
from amity.people.queries.ruling import Ruling, ruling
from amity.people.queries.visibility import belonging

PERSON_OF: Key[dict[UUID, UUID]] = Key("people.person_of")
"""The person of every identity that a batch names."""
FOUNDED: Key[set[UUID]] = Key("people.founded")
"""The persons that this batch brought."""
JOINED: Key[set[UUID]] = Key("people.joined")
"""Identities that were there before, without a person, and have one since this batch."""
CHANGED: Key[set[UUID]] = Key("people.changed")
"""The persons of whom it says something new, without those that it brought."""

# A fact that is told again says when it was told last, and when first.
_AGAIN = """DO UPDATE SET observed_at = GREATEST(people_fact.observed_at, excluded.observed_at),
    first_at = LEAST(COALESCE(people_fact.first_at, people_fact.observed_at),
                     COALESCE(excluded.first_at, excluded.observed_at))
    WHERE people_fact.observed_at < excluded.observed_at
        OR COALESCE(excluded.first_at, excluded.observed_at) < COALESCE(people_fact.first_at, people_fact.observed_at)
"""
_NOTHING_SHOWN = (*[""] * (len(SHOWN) - 1), None)


@dataclass(slots=True)
class Named:
    """Who a batch names: handles with when they were first seen, groups of handles of one human, and facts."""

    handles: dict[UUID, tuple[Handle, datetime]] = field(default_factory=dict)
    groups: list[list[UUID]] = field(default_factory=list)
    ours: set[UUID] = field(default_factory=set)
    facts: dict[tuple[UUID, str, str], datetime] = field(default_factory=dict)
    first: dict[tuple[UUID, str, str], datetime] = field(default_factory=dict)  # of facts told more than once

    def add(self, handles: Iterable[Handle], at: datetime, facts: dict[str, str]) -> None:
        """Handles of one human at one instant, strongest first; the facts are about the first."""
        ids = [self._see(handle, at) for handle in handles if handle.address]
        if not ids:
            return
        self.groups.append(ids)
        for name, value in facts.items():
            if value and isinstance(value, str):
                self._state(ids[0], name[:40], counted(name, value), at)

    def add_ours(self, handle: Handle, at: datetime) -> None:
        if handle.address:
            self.ours.add(self._see(handle, at))

    def _see(self, handle: Handle, at: datetime) -> UUID:
        identity = identity_id(handle)
        known = self.handles.get(identity)
        if known is None or at < known[1]:
            self.handles[identity] = (handle, at)
        if handle.name:
            self._state(identity, "name", handle.name, at)
        return identity

    def _state(self, identity: UUID, name: str, value: str, at: datetime) -> None:
        key = (identity, name, value[:2_000])
        known = self.facts.get(key)
        if known is not None and known != at:
            self.first[key] = min(at, self.first.get(key, known))
        if known is None or at > known:
            self.facts[key] = at


def resolve(batch: Batch) -> Batch:
    """Identities, persons, links and facts for everybody whom the batch names; last activity of each."""
    named = _named(record for item in batch.get(ITEMS) for record in item.records)
    fresh = _write_identities(batch, named)
    known = [identity for identity in named.handles if identity not in fresh]
    linked = belonging(known) if known else {}
    # Who is new joins the person to whom the link of the known one belongs: it goes with that one when merges end.
    grouping = assign(
        named.groups,
        {identity: home for identity, (home, _) in linked.items()},
        lambda identity: uuid7_of(named.handles[identity][1], "person", str(identity)),
    )
    merged = {home: person for home, person in linked.values() if home != person}
    person_of = {identity: person for identity, (_, person) in linked.items()}
    person_of |= {identity: merged.get(home, home) for identity, home, _ in grouping.links}
    spoke = _spoke(batch, person_of)
    whole = _whole(grouping, fresh)
    rules = ruling()
    with inserting_together() as insert:
        seen = _write_sightings(batch, named, fresh, insert, rules)
        _write_persons(batch, named, grouping, whole, spoke, insert, rules=rules)
        _write_links(batch, grouping, merged, fresh, insert)
        stated = _write_facts(batch, named, fresh, insert)
        _write_employers(named, fresh, insert)
    stale = {person_of[identity] for identity, _, _ in grouping.links}
    stale |= {person_of[identity] for (identity,) in (*stated, *seen) if identity in person_of}
    derive(stale - whole.keys(), run_id=batch.run_id, at=batch.at)
    _touch({person: at for person, at in spoke.items() if person not in whole})
    founded = set(grouping.new_persons)
    batch.put(PERSON_OF, person_of)
    batch.put(FOUNDED, founded)
    batch.put(JOINED, {identity for identity, _, _ in grouping.links if identity not in fresh})
    batch.put(CHANGED, stale - founded)
    return batch


def _named(records: Iterator[Record]) -> Named:
    named = Named()
    for record in records:
        if isinstance(record, MessageRecord):
            _name_message(named, record)
        elif isinstance(record, OrderRecord):
            named.add(record.buyer, record.ordered_at, record.facts)
        elif isinstance(record, PersonRecord):
            named.add(record.handles, record.observed_at, record.facts)
    return named


def _name_message(named: Named, record: MessageRecord) -> None:
    if record.direction == Direction.IN or (record.direction == Direction.AUTO and record.author.address):
        named.add([record.author], record.occurred_at, record.extra.get("facts") or {})
        return
    if record.direction != Direction.AUTO:
        named.add_ours(record.author, record.occurred_at)
    for recipient in record.recipients[:1]:
        named.add([recipient], record.occurred_at, {})


def _write_identities(batch: Batch, named: Named) -> set[UUID]:
    """Those that nobody knew. It is this batch's turn to write: nobody else writes them meanwhile."""
    known = _there("people_identity", named.handles)
    fresh = named.handles.keys() - known
    copy_new(
        "people_identity",
        ["id", "network", "address", "is_ours", "first_seen_at", "created_run_id"],
        (
            (identity, handle.network, handle.address, identity in named.ours, at, batch.run_id)
            for identity, (handle, at) in named.handles.items()
            if identity in fresh
        ),
    )
    return fresh


def _there(table: str, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these rows exist."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE id = ANY(%s)", [list(ids)])
        return {id for (id,) in cursor.fetchall()}


def _write(
    insert: Inserting,
    table: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    is_new: Callable[[tuple[Any, ...]], bool],
    *,
    on_conflict: str = "DO NOTHING",
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Write rows: of many at once those of which none can be there go straight into the table."""
    listed = list(rows)
    if len(listed) <= FEW:
        return insert(table, columns, listed, on_conflict=on_conflict, returning=returning)
    insert.send()
    copy_new(table, columns, (row for row in listed if is_new(row)))
    return insert(
        table,
        columns,
        (row for row in listed if not is_new(row)),
        on_conflict=on_conflict,
        returning=returning,
    )


def _write_sightings(
    batch: Batch, named: Named, fresh: set[UUID], insert: Inserting, rules: Ruling
) -> list[tuple[UUID]]:
    """Where it matters for what is shown who named an address: the known ones that are named anew."""
    pairs = {(identity, group[0]) for group in named.groups for identity in group}
    pairs |= {(identity, identity) for identity in named.ours}
    run_id = batch.run_id or NO_RUN
    return _write(
        insert,
        "people_sighting",
        ["identity_id", "source_id", "run_id", "with_id", "at"],
        (
            (identity, batch.source_id, run_id, leader, named.handles[identity][1])
            for identity, leader in pairs
        ),
        lambda row: row[0] in fresh,
        on_conflict="(identity_id, source_id, run_id, with_id) DO UPDATE SET at = excluded.at "
        "WHERE excluded.at < people_sighting.at",
        returning=["identity_id"] if rules.shown.look_at_addresses else (),
    )


def _whole(grouping: Grouping[UUID, UUID], fresh: set[UUID]) -> dict[UUID, list[UUID]]:
    """New persons of whom all that is known stands in this batch, because nobody knew any identity of theirs."""
    identities: dict[UUID, list[UUID]] = {person: [] for person in grouping.new_persons}
    for identity, person, _ in grouping.links:
        if person in identities:
            identities[person].append(identity)
    return {person: ids for person, ids in identities.items() if fresh.issuperset(ids)}


def _write_persons(
    batch: Batch,
    named: Named,
    grouping: Grouping[UUID, UUID],
    whole: dict[UUID, list[UUID]],
    spoke: dict[UUID, datetime],
    insert: Inserting,
    *,
    rules: Ruling,
) -> None:
    """Those who are `whole` are written as they are shown; the others are derived afterwards."""
    first = {person: named.handles[identity][1] for identity, person, founded in grouping.links if founded}
    stated = _stated(named, batch.source_id, rules)
    records = {
        person: golden_record(
            (said for identity in ids for said in stated.get(identity, ())),
            ((handle.network, handle.address) for handle, _ in (named.handles[one] for one in ids)),
            employers=rules.employers,
            rules=rules.shown,
        )
        for person, ids in whole.items()
    }
    shown = shown_of(records, run_id=batch.run_id, at=batch.at)
    there = _there("people_person", grouping.new_persons)  # who stands between others in a chain of merges
    _write(
        insert,
        "people_person",
        ["id", "first_seen_at", "created_run_id", "last_activity_at", *SHOWN],
        (
            (
                person,
                first[person],
                batch.run_id,
                spoke.get(person) if person in whole else None,
                *shown.get(person, _NOTHING_SHOWN),
            )
            for person in grouping.new_persons
        ),
        lambda row: row[0] not in there,
    )
    write_new({person: golden.custom for person, golden in records.items() if golden.custom}, insert)


def _stated(named: Named, source_id: UUID, rules: Ruling) -> dict[UUID, list[Statement]]:
    """What the batch says of each identity, as far as the rules look at it."""
    stated: dict[UUID, list[Statement]] = defaultdict(list)
    for (identity, name, value), at in named.facts.items():
        stated[identity].append(Statement(name, value, at, source_id))
    if rules.shown.look_at_addresses:
        for identity, (handle, at) in named.handles.items():
            if handle.network == "email":
                stated[identity].append(Statement(SEEN, handle.address, at, source_id))
    return stated


def _write_links(
    batch: Batch,
    grouping: Grouping[UUID, UUID],
    merged: dict[UUID, UUID],
    fresh: set[UUID],
    insert: Inserting,
) -> None:
    """`merged` are the persons who count for another now, and for whom."""
    evidence = Jsonb({"run": str(batch.run_id)} if batch.run_id else {})
    _write(
        insert,
        "people_link",
        ["id", "identity_id", "person_id", "home_id", "method", "evidence", "confidence", "linked_at"],
        (
            (
                uuid7_of(batch.at, "link", str(identity), str(home)),
                identity,
                merged.get(home, home),
                home if home in merged else None,
                LinkMethod.FIRST_SEEN if founded else LinkMethod.SAME_RECORD,
                evidence,
                1.0,
                batch.at,
            )
            for identity, home, founded in grouping.links
        ),
        lambda row: row[1] in fresh,
    )


def _write_facts(batch: Batch, named: Named, fresh: set[UUID], insert: Inserting) -> list[tuple[UUID]]:
    """The identities that were known and of whom something new was said, each in a row, once they are written."""
    return _write(
        insert,
        "people_fact",
        ["identity_id", "field", "value", "source_id", "run_id", "observed_at", "first_at"],
        (
            (
                identity,
                name,
                value,
                batch.source_id,
                batch.run_id,
                at,
                named.first.get((identity, name, value)),
            )
            for (identity, name, value), at in named.facts.items()
        ),
        lambda row: row[0] in fresh,
        on_conflict=f"(identity_id, field, source_id, COALESCE(run_id, '{NO_RUN}'::uuid), md5(value)) {_AGAIN}",
        returning=["identity_id"],
    )


def _write_employers(named: Named, fresh: set[UUID], insert: Inserting) -> None:
    """Who is found under an organisation, whatever else is said of them later."""
    keys = {(one, fold(value)[:200]) for one, name, value in named.facts if name == "organisation"}
    rows = (row for row in sorted(keys) if row[1])
    _write(insert, "people_employer", ["identity_id", "key"], rows, lambda row: row[0] in fresh)


def note_unreachable(batch: Batch, dead: Iterable[tuple[UUID, str, datetime]]) -> None:
    """Keep as a fact about an identity that nothing reaches it: (identity, reason, when it was told)."""
    copy_insert(
        "people_fact",
        ["identity_id", "field", "value", "source_id", "run_id", "observed_at"],
        ((identity, UNREACHABLE, reason, batch.source_id, batch.run_id, at) for identity, reason, at in dead),
        on_conflict=f"(identity_id, field, source_id, COALESCE(run_id, '{NO_RUN}'::uuid), md5(value)) "
        "DO UPDATE SET observed_at = excluded.observed_at WHERE people_fact.observed_at < excluded.observed_at",
    )


def _spoke(batch: Batch, person_of: dict[UUID, UUID]) -> dict[UUID, datetime]:
    """When each person last said something in this batch."""
    latest: dict[UUID, datetime] = {}
    for row in batch.get(ROWS):
        person = person_of.get(row.actor_id) if row.actor_id and row.direction == Direction.IN else None
        if person and (person not in latest or row.occurred_at > latest[person]):
            latest[person] = row.occurred_at
    return latest


def _touch(latest: dict[UUID, datetime]) -> None:
    if not latest:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_person AS p SET last_activity_at = GREATEST(p.last_activity_at, new.at) "
            "FROM unnest(%s::uuid[], %s::timestamptz[]) AS new(id, at) "
            "WHERE p.id = new.id AND (p.last_activity_at IS NULL OR p.last_activity_at < new.at)",
            [list(latest), list(latest.values())],
        )
