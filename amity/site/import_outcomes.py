"""What became of the rows of an import that tell of people: who is new, of whom something changed, who was known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection

from amity.activity.shaping import identity_id
from amity.channels.models import ImportRun
from amity.channels.outcomes import Fate, Outcome, Told, provide_outcomes
from amity.channels.records import PersonRecord
from amity.kernel.actor import Actor
from amity.people.queries.visibility import names_of, people_of

_FIRST_SAID = """
    SELECT f.identity_id, f.field, f.value FROM people_fact f
    WHERE f.run_id = %(run)s AND f.identity_id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT FROM people_link l JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
        JOIN people_fact g ON g.identity_id = k.identity_id
        WHERE l.identity_id = f.identity_id AND l.revoked_at IS NULL AND g.field = f.field AND g.value = f.value
            AND g.run_id IS DISTINCT FROM f.run_id)
"""
_NEW = "SELECT id FROM people_person WHERE created_run_id = %s AND id = ANY(%s)"
_SAID = """
    SELECT l.person_id, f.field, f.value FROM people_link l JOIN people_fact f ON f.identity_id = l.identity_id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL
"""


def look(run: ImportRun, actor: Actor, told: Told) -> Mapping[int, Outcome]:
    """Of each row what became of the first person whom it tells of."""
    named = {position: _identities(records[0]) for position, records in told.items()}
    ids = {one for identities in named.values() for one in identities}
    if not ids:
        return {}
    names, person_of = names_of(actor, ids), people_of(ids)
    with connection.cursor() as cursor:
        cursor.execute(_NEW, [run.id, list(set(person_of.values()))])
        new = {id for (id,) in cursor.fetchall()}
        cursor.execute(_FIRST_SAID, {"run": run.id, "ids": list(ids)})
        first_said = {(identity, field, value) for identity, field, value in cursor.fetchall()}
    found = {}
    for position, identities in named.items():
        person = next((person_of[one] for one in identities if one in person_of), None)
        if person is None:
            continue
        shown = next((names[one] for one in identities if one in names), None)
        facts = _facts(told[position][0])
        told_first = (
            field for field, value in facts if any((one, field, value) in first_said for one in identities)
        )
        fields = tuple(sorted(set(told_first)))
        fate = Fate.NEW if person in new else Fate.CHANGED if fields else Fate.KNOWN
        found[position] = Outcome(
            fate,
            shown.id if shown else None,
            shown.name if shown else "",
            () if fate is Fate.NEW else fields,
        )
    return found


def compare(records: Sequence[PersonRecord]) -> Sequence[Fate]:
    """What would become of rows, as far as is known now: new, changed or known."""
    named = [_identities(record) for record in records]
    person_of = people_of({one for identities in named for one in identities})
    said = _said(set(person_of.values()))
    fates = []
    for record, identities in zip(records, named, strict=True):
        person = next((person_of[one] for one in identities if one in person_of), None)
        if person is None:
            fates.append(Fate.NEW)
            continue
        is_known = all(person_of.get(one) == person for one in identities) and _facts(record) <= said[person]
        fates.append(Fate.KNOWN if is_known else Fate.CHANGED)
    return fates


def _identities(record: PersonRecord) -> list[UUID]:
    return [identity_id(handle) for handle in record.handles if handle.address]


def _facts(record: PersonRecord) -> set[tuple[str, str]]:
    """What a record states, as `amity.people.stages` keeps it."""
    facts = {
        (name[:40], value[:2_000]) for name, value in record.facts.items() if value and isinstance(value, str)
    }
    return facts | {
        ("name", handle.name[:2_000]) for handle in record.handles if handle.name and handle.address
    }


def _said(person_ids: Iterable[UUID]) -> Mapping[UUID, set[tuple[str, str]]]:
    said: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [list(person_ids)])
        for person, field, value in cursor.fetchall():
            said[person].add((field, value))
    return said


provide_outcomes(look, compare)
