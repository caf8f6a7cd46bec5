"""Many people at once, as programs tell them: each row with an outcome of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amity.activity.shaping import identity_id
from amity.channels.adapters.api.adapter import PERSON, handles_of, raw_item
from amity.channels.bulk import TOGETHER, Mode, Outcome, walk_or_isolate
from amity.channels.checking import Checker, checker
from amity.channels.inlet import source_for_writing, take_in, take_turn_now
from amity.channels.models import Source
from amity.channels.own_fields import reason_for
from amity.channels.records import PersonRecord, Unreadable
from amity.kernel import audit, policy
from amity.kernel.acting import bulk
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.statistics import look_again
from amity.people.custom_facts import with_custom_facts
from amity.people.queries.fields import fields_for
from amity.people.queries.visibility import known_people, people_of
from amity.people.services import Recorded, looking_at


@dataclass(frozen=True, slots=True)
class _Row:
    place: int
    said: Mapping[str, Any]
    identities: tuple[UUID, ...]


def record_people(
    rows: Sequence[Mapping[str, Any]],
    *,
    mode: Mode,
    actor: Actor,
    at: datetime,
    program: str,
    dry_run: bool = False,
) -> list[Outcome]:
    """Take in rows as `record_person` takes one. Rows that say nothing new leave no trace, a dry run none at all."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        source = source_for_writing(program, actor=actor, at=at)
        outcomes: list[Outcome] = [Outcome("failed")] * len(rows)
        rules = checker()
        readable = []
        own = fields_for(actor) if any(said.get("custom") for said in rows) else ()
        for place, said in enumerate(rows):
            try:
                whole = with_custom_facts(said, actor=actor, definitions=own)
                readable.append(_readable(place, whole, source, rules, at))
            except Unreadable as error:
                outcomes[place] = Outcome("invalid", None, error.code, reason_for(actor, error))
            except (Invalid, Forbidden) as error:
                outcomes[place] = Outcome("invalid", None, error.code, error.message)
        if dry_run:
            _walk_all(readable, outcomes, mode, source, actor, at)
            transaction.set_rollback(True)
    if not dry_run:
        _walk_all(readable, outcomes, mode, source, actor, at)
        counts = {status: sum(one.status == status for one in outcomes) for status in ("created", "updated")}
        with transaction.atomic():
            audit.record(
                "people.bulk", actor=actor, at=at, subject="source", subject_id=source.id, after=counts
            )
        look_again()  # or the next list is planned for as few as there were before
    return outcomes


def _readable(place: int, said: Mapping[str, Any], source: Source, rules: Checker, at: datetime) -> _Row:
    handles = handles_of(said, source.key)
    facts = {str(name): str(value) for name, value in (said.get("facts") or {}).items()}
    rules.refuse(PersonRecord("", at, handles, facts))
    return _Row(place, said, tuple(identity_id(handle) for handle in handles))


def _walk_all(
    rows: Sequence[_Row], outcomes: list[Outcome], mode: Mode, source: Source, actor: Actor, at: datetime
) -> None:
    with bulk():
        for start in range(0, len(rows), TOGETHER):
            part = rows[start : start + TOGETHER]
            walk_or_isolate(part, outcomes, lambda some: _walk(some, mode, source, actor, at))


def _walk(
    rows: Sequence[_Row], mode: Mode, source: Source, actor: Actor, at: datetime
) -> Iterator[tuple[int, Outcome]]:
    take_turn_now()
    person_of = people_of({identity for row in rows for identity in row.identities})
    visible = _visible(set(person_of.values()), actor)
    newest = _newest_facts(visible, policy.hidden_source_ids(actor))
    taken: list[_Row] = []
    for row in rows:
        person = next((person_of[one] for one in row.identities if one in person_of), None)
        if person in visible and mode is Mode.CREATE:
            yield row.place, Outcome("exists", person)
        elif person not in visible and mode is Mode.UPDATE:
            yield row.place, Outcome("missing")
        elif person in visible and _says_nothing_new(row, person, person_of, newest):
            yield row.place, Outcome("unchanged", person)
        else:
            taken.append(row)
    if not taken:
        return
    raws = [
        raw_item(row.place + 1, PERSON, {"observed_at": at.isoformat()} | dict(row.said)) for row in taken
    ]
    look = looking_at(source.key, actor, [row.identities for row in taken])
    found: Sequence[Recorded] = take_in(source, raws, at=at, look=look)
    known = set(person_of.values())
    for row, one in zip(taken, found, strict=True):
        is_new = one.is_new or (one.person_id not in visible and one.person_id in known)
        yield row.place, Outcome("created" if is_new else "updated", one.person_id)


def _visible(person_ids: set[UUID], actor: Actor) -> set[UUID]:
    if not policy.hidden_source_ids(actor):
        return person_ids
    return set(known_people(actor).filter(pk__in=person_ids).values_list("pk", flat=True))


def _newest_facts(person_ids: set[UUID], hidden: Sequence[UUID]) -> dict[tuple[UUID, str], str]:
    """The newest value of each field of these people, over all sources that are not hidden."""
    if not person_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.person_id, f.field, (array_agg(f.value ORDER BY f.observed_at DESC, f.value DESC))[1] "
            "FROM people_link l JOIN people_fact f ON f.identity_id = l.identity_id "
            "WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL AND f.source_id <> ALL(%s::uuid[]) GROUP BY 1, 2",
            [list(person_ids), list(hidden)],
        )
        return {(person, field): value for person, field, value in cursor.fetchall()}


def _says_nothing_new(
    row: _Row, person: UUID | None, person_of: Mapping[UUID, UUID], newest: Mapping[tuple[UUID, str], str]
) -> bool:
    """Whether every handle is theirs and every fact is the newest that is known: then nothing would change."""
    if person is None or any(person_of.get(identity) != person for identity in row.identities):
        return False
    facts = row.said.get("facts") or {}
    names = [one.get("name") for one in row.said.get("identities") or () if one.get("name")]
    return not names and all(newest.get((person, name)) == value for name, value in facts.items())
