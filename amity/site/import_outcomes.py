"""What became of the rows of an import that tell of people: who is new, of whom something changed, who was known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils import timezone

from amity.activity.shaping import identity_id
from amity.channels.models import ImportRun, Source
from amity.channels.outcomes import Fate, Outcome, Told, provide_outcomes
from amity.channels.records import PersonRecord
from amity.consent.domain.answering import Said, Verdict
from amity.consent.queries.answers import answers_of_people
from amity.consent.queries.purposes import all_purposes
from amity.consent.queries.rows import first_said, said_of
from amity.consent.stages import is_dated, said_in
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.queries.visibility import names_of, people_of

_REFUSED = (Verdict.OBJECTED, Verdict.WITHDRAWN)
_FIRST_SAID = """
    SELECT f.identity_id, f.field, f.value FROM people_fact f
    WHERE f.run_id = %(run)s AND f.identity_id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT FROM people_link l JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
        JOIN people_fact g ON g.identity_id = k.identity_id
        WHERE l.identity_id = f.identity_id AND l.revoked_at IS NULL AND g.field = f.field AND g.value = f.value
            AND g.run_id IS DISTINCT FROM f.run_id AND g.source_id <> ALL(%(hidden)s))
"""
_NEW = "SELECT id FROM people_person WHERE created_run_id = %s AND id = ANY(%s)"
# Whom a source that is not hidden named, before this instant.
_NAMED = """
    SELECT DISTINCT l.person_id FROM people_link l JOIN people_sighting s ON s.identity_id = l.identity_id
    WHERE l.person_id = ANY(%(people)s) AND l.revoked_at IS NULL AND s.source_id <> ALL(%(hidden)s)
        AND (%(before)s::timestamptz IS NULL OR %(before)s > COALESCE(
            (SELECT r.created_at FROM channels_importrun r WHERE r.id = s.run_id), s.at))
"""
_SAID = """
    SELECT l.person_id, f.field, f.value FROM people_link l JOIN people_fact f ON f.identity_id = l.identity_id
    WHERE l.person_id = ANY(%(people)s) AND l.revoked_at IS NULL AND f.source_id <> ALL(%(hidden)s)
"""


def look(run: ImportRun, actor: Actor, told: Told) -> Mapping[int, Outcome]:
    """Of each row what became of the first person whom it tells of, as far as the actor may know.

    Whom nothing but hidden sources named before is new to them, and what those said was not said.
    """
    named = {position: _identities(records[0]) for position, records in told.items()}
    ids = {one for identities in named.values() for one in identities}
    if not ids:
        return {}
    names, person_of = names_of(actor, ids), people_of(ids)
    hidden, people = policy.hidden_source_ids(actor), set(person_of.values())
    with connection.cursor() as cursor:
        cursor.execute(_NEW, [run.id, list(people)])
        new = {id for (id,) in cursor.fetchall()}
        if hidden:
            new |= people - _named(people, hidden, run.created_at)
        cursor.execute(_FIRST_SAID, {"run": run.id, "ids": list(ids), "hidden": hidden})
        facts_first = set(cursor.fetchall())
    consent_first = first_said(run.id, ids, hidden) if policy.may(actor, "read", "consent") else {}
    still_refused = _still_refused(actor, told, named, person_of)
    found = {}
    for position, identities in named.items():
        person = next((person_of[one] for one in identities if one in person_of), None)
        if person is None:
            continue
        shown = next((names[one] for one in identities if one in names), None)
        facts = [
            (field, value)
            for field, value in set().union(*map(_facts, told[position]))
            if policy.sees_field(actor, "person", known_as("person", field))
        ]
        told_first = (
            field for field, value in facts if any((one, field, value) in facts_first for one in identities)
        )
        agreed = {name for one in identities for name in consent_first.get(one, ())}
        fields = tuple(sorted({*told_first, *agreed}))
        fate = Fate.NEW if person in new else Fate.CHANGED if fields else Fate.KNOWN
        found[position] = Outcome(
            fate,
            shown.id if shown else None,
            shown.name if shown else "",
            () if fate is Fate.NEW else fields,
            still_refused=tuple(sorted(still_refused.get(position, ()))),
        )
    return found


def _still_refused(
    actor: Actor, told: Told, named: Mapping[int, Sequence[UUID]], person_of: Mapping[UUID, UUID]
) -> Mapping[int, set[str]]:
    """Of each row what it says yes to, although the person stays refused: they said no later, or nobody knows when
    they said yes."""
    if not policy.may(actor, "read", "consent"):
        return {}
    purposes = {one.key: one for one in all_purposes()}
    given = {
        position: {
            (name, purpose.pk, channel)
            for record in records
            for name, purpose, channel, said in said_in(record, purposes)
            if said is Said.GIVEN and purpose is not None
        }
        for position, records in told.items()
    }
    people = {
        position: person
        for position, names in given.items()
        if names and (person := next((person_of[one] for one in named[position] if one in person_of), None))
    }
    answers = answers_of_people(actor, sorted(set(people.values())), timezone.now()) if people else {}
    refused = {
        person: {(one.purpose.pk, one.channel) for one in found if one.answer.verdict in _REFUSED}
        for person, found in answers.items()
    }
    return {
        position: {name for name, *place in given[position] if tuple(place) in refused.get(person, ())}
        for position, person in people.items()
    }


def compare(records: Sequence[PersonRecord]) -> Sequence[Fate]:
    """What would become of rows, as far as is known now: new, changed or known.

    Whoever may look at imports sees how many: what is only in a mailbox of somebody's own counts for nobody.
    """
    named = [_identities(record) for record in records]
    person_of = people_of({one for identities in named for one in identities})
    own = list(Source.objects.filter(owner__isnull=False).values_list("pk", flat=True))
    if own:
        known = _named(set(person_of.values()), own, None)
        person_of = {one: person for one, person in person_of.items() if person in known}
    said = _said(set(person_of.values()), own)
    consent = said_of(set(person_of.values()), own)
    purposes = {one.key: one for one in all_purposes()}
    fates = []
    for record, identities in zip(records, named, strict=True):
        person = next((person_of[one] for one in identities if one in person_of), None)
        if person is None:
            fates.append(Fate.NEW)
            continue
        is_known = all(person_of.get(one) == person for one in identities) and _facts(record) <= said[person]
        dated = is_dated(record)
        agreed = {(name, what.value, dated) for name, _purpose, _channel, what in said_in(record, purposes)}
        fates.append(Fate.KNOWN if is_known and agreed <= consent.get(person, set()) else Fate.CHANGED)
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


def _named(person_ids: Iterable[UUID], hidden: Sequence[UUID], before: datetime | None) -> set[UUID]:
    """Whom a source that is not hidden named, before this instant."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, {"people": list(person_ids), "hidden": list(hidden), "before": before})
        return {id for (id,) in cursor.fetchall()}


def _said(person_ids: Iterable[UUID], hidden: Sequence[UUID]) -> Mapping[UUID, set[tuple[str, str]]]:
    said: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_SAID, {"people": list(person_ids), "hidden": list(hidden)})
        for person, field, value in cursor.fetchall():
            said[person].add((field, value))
    return said


provide_outcomes(look, compare)
