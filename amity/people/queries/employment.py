"""For whom people worked, and when, from what sources told that the actor may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.employment import Spell, Told, spells
from amity.people.domain.folding import fold
from amity.people.models import Employer, Fact, Organisation
from amity.people.queries.combined import keys_under
from amity.people.queries.organisations import members
from amity.people.queries.record import PersonRecord, Said, source_names
from amity.people.queries.visibility import known_links, known_organisations, known_people, shown_as

MOST_LOOKED_AT = 2_000
_FIELDS = ("organisation", "job_title")


@dataclass(frozen=True, slots=True)
class Employment:
    """A time with an employer; `organisation_id` is None where it has no page for this actor."""

    spell: Spell
    organisation_id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Former:
    """Somebody who worked there before."""

    person_id: UUID
    name: str
    spell: Spell


def employments_of(actor: Actor, record: PersonRecord) -> list[Employment]:
    """The employers of one person, newest first."""
    employers = [_told(one, fold(one.value)[:200]) for one in record.employers]
    found = spells([one for one in employers if one.key], [_told(one) for one in record.titles])
    organisations = _by_key(actor, {one.key for one in found}) if found else {}
    employments = []
    for one in found:
        organisation = organisations.get(one.key)
        employments.append(
            Employment(one, organisation.id, organisation.name)
            if organisation
            else Employment(one, None, one.name)
        )
    return employments


def _told(said: Said, key: str = "") -> Told:
    return Told(said.value, key, said.first_at or said.observed_at, said.observed_at, said.source)


def _by_key(actor: Actor, keys: set[str]) -> dict[str, Organisation]:
    found = {one.id: one for one in Organisation.objects.filter(key__in=keys)}
    known = known_organisations(actor).in_bulk(
        {one.merged_into_id or one.id for one in found.values()} | {*found}
    )
    return {
        one.key: top
        for one in found.values()
        if (top := known.get(one.merged_into_id or one.id) or known.get(one.id))
    }


def former_people(actor: Actor, organisation: Organisation) -> list[Former]:
    """Who worked there, and whom a newer record sees elsewhere; who left last first."""
    keys = keys_under([organisation.id])
    named = Employer.objects.filter(key__in=keys).values("identity_id")
    links = known_links(actor).filter(identity_id__in=named)  # whom the actor does not know takes no place
    ids = set(links.values_list("person_id", flat=True)[: MOST_LOOKED_AT + 1])
    now = set(members(actor, [organisation]).filter(pk__in=ids).values_list("pk", flat=True))
    people = {one.id: one for one in known_people(actor).filter(pk__in=ids - now)}
    theirs = known_links(actor).filter(person_id__in=people)
    told = _spells(actor, dict(theirs.values_list("identity_id", "person_id")))
    shown = shown_as(actor, people.values())
    former = [
        (one.until_at, Former(person, shown[person].name, one))
        for person in people
        for one in told.get(person, ())
        if one.key in keys and one.until_at is not None
    ]
    return [one for _until, one in sorted(former, key=lambda pair: (pair[0], pair[1].name), reverse=True)]


def _spells(actor: Actor, whose: Mapping[UUID, UUID]) -> dict[UUID, list[Spell]]:
    """The times with employers of each owner; `whose`: identity → owner."""
    if any(not policy.sees_field(actor, "person", field) for field in _FIELDS):
        return {}
    sources = source_names(actor)
    told: dict[UUID, dict[str, list[Told]]] = defaultdict(lambda: {field: [] for field in _FIELDS})
    facts = Fact.objects.filter(identity_id__in=list(whose), field__in=_FIELDS, source_id__in=list(sources))
    for identity, field, value, source, first, last in facts.values_list(
        "identity_id", "field", "value", "source_id", "first_at", "observed_at"
    ):
        key = fold(value)[:200] if field == "organisation" else ""
        if key or field != "organisation":
            told[whose[identity]][field].append(Told(value, key, first or last, last, sources[source]))
    return {
        owner: spells(fields["organisation"], fields["job_title"])
        for owner, fields in told.items()
        if fields["organisation"]
    }
