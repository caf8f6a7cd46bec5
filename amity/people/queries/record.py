"""One person in full: what is shown of them, under which identities we know them, and who said what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.survivorship import Golden
from amity.people.models import UNREACHABLE, Fact, Link, LinkMethod, Person, Sighting
from amity.people.queries.grouped import known_root
from amity.people.queries.visibility import (
    known_links,
    known_people,
    organisation_shown,
    sees_addresses,
    shown_as,
)


@dataclass(frozen=True, slots=True)
class KnownAs:
    """One identity of a person, and why we say that it is theirs. `address` is "" where it is not for the actor."""

    id: UUID
    network: str
    address: str
    method: str
    confidence: float
    since: datetime
    source: str  # name of the source that named it first; "" if unknown or hidden
    beside: str  # the address with which a record named it
    linked_by: str


@dataclass(frozen=True, slots=True)
class Said:
    """A value as one source gave it."""

    value: str
    source: str
    observed_at: datetime
    first_at: datetime | None = None  # where the source said so more than once


@dataclass(frozen=True, slots=True)
class FactShown:
    """A field with the value that is shown and the other values that were ever said, newest first."""

    field: str
    shown: Said
    others: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A person as the actor may see them."""

    id: UUID
    golden: Golden
    organisation_id: UUID | None
    organisation: str
    first_seen_at: datetime
    identities: tuple[KnownAs, ...]
    facts: tuple[FactShown, ...]
    employers: tuple[Said, ...] = ()  # every time that a source named one, and what the person was called
    titles: tuple[Said, ...] = ()

    @property
    def identity_ids(self) -> tuple[UUID, ...]:
        return tuple(identity.id for identity in self.identities)

    def fact(self, field: str) -> FactShown | None:
        """The fact of this field, if any source said something."""
        return next((fact for fact in self.facts if fact.field == field), None)


def person_record(actor: Actor, person_id: UUID) -> PersonRecord:
    """The record of a person, or of the one into whom they were merged: then its id is another.

    Raises `NotFound` for one that does not exist or that the actor may not know of.
    """
    known = known_people(actor).select_related("organisation")
    person = known.filter(pk=person_id).first() or known.get(pk=known_root(actor, person_id))
    golden = shown_as(actor, [person])[person.id]
    facts = _facts(actor, person)
    identities = _identities(actor, person, facts)
    organisation = organisation_shown(actor, person, golden)
    return PersonRecord(
        id=person.id,
        golden=golden,
        organisation_id=organisation.id if organisation else None,
        organisation=organisation.name if organisation else "",
        first_seen_at=_first_seen(actor, person, identities),
        identities=identities,
        facts=_by_field(actor, facts, golden),
        employers=_told(actor, facts, "organisation"),
        titles=_told(actor, facts, "job_title"),
    )


def source_names(actor: Actor) -> Mapping[UUID, str]:
    """Names of the sources whose records the actor may see."""
    hidden = policy.hidden_source_ids(actor)
    return dict(Source.objects.exclude(pk__in=hidden).values_list("id", "name"))


@dataclass(frozen=True, slots=True)
class _Statement:
    identity_id: UUID
    field: str
    said: Said


def _facts(actor: Actor, person: Person) -> list[_Statement]:
    sources = source_names(actor)
    rows = (
        Fact.objects.filter(
            identity__links__person=person,
            identity__links__revoked_at__isnull=True,
            source_id__in=list(sources),
        )
        .order_by("-observed_at", "-value")
        .values_list("identity_id", "field", "value", "source_id", "observed_at", "first_at")
    )
    return [
        _Statement(identity, field, Said(value, sources[source], at, first))
        for identity, field, value, source, at, first in rows
    ]


def _identities(actor: Actor, person: Person, facts: list[_Statement]) -> tuple[KnownAs, ...]:
    first = {fact.identity_id: fact.said for fact in facts}  # newest first, so the oldest one stays
    links = list(
        known_links(actor)
        .filter(person=person)
        .select_related("identity", "linked_by")
        .order_by("identity__network", "identity_id")
    )
    since = _since(actor, links)
    links.sort(key=lambda link: (-link.confidence, since[link.identity_id]))
    founders = [link for link in links if link.method == LinkMethod.FIRST_SEEN]
    founder = next((link for link in founders if link.home_id is None), next(iter(founders), None))
    shows = sees_addresses(actor)
    founded = {link.home_id: link for link in reversed(founders)} | {None: founder}  # by whose record it is
    besides = {home: link.identity.address if link and shows else "" for home, link in founded.items()}
    links.sort(key=lambda link: link is not founder)
    return tuple(
        KnownAs(
            id=link.identity_id,
            network=link.identity.network,
            address=link.identity.address if shows else "",
            method=link.method,
            confidence=link.confidence,
            since=since[link.identity_id],
            source=first[link.identity_id].source if link.identity_id in first else "",
            beside=besides.get(link.home_id, "") if link is not founded.get(link.home_id) else "",
            linked_by=link.linked_by.name if link.linked_by else "",
        )
        for link in links
    )


def _since(actor: Actor, links: Sequence[Link]) -> dict[UUID, datetime]:
    """When each identity was first named; where sources are hidden from the actor, by those that are not."""
    stored = {link.identity_id: link.identity.first_seen_at for link in links}
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return stored
    seen = Sighting.objects.filter(identity_id__in=list(stored)).exclude(source_id__in=hidden)
    return stored | dict(seen.values("identity_id").values_list("identity_id", Min("at")))


def _first_seen(actor: Actor, person: Person, identities: Sequence[KnownAs]) -> datetime:
    """When the person, or one who was merged into them, was first named, by the same rule."""
    own = [] if policy.hidden_source_ids(actor) else [person.first_seen_at]
    return min([*own, *(identity.since for identity in identities)], default=person.first_seen_at)


def _told(actor: Actor, facts: list[_Statement], field: str) -> tuple[Said, ...]:
    sees = policy.sees_field(actor, "person", field)
    return tuple(fact.said for fact in facts if sees and fact.field == field)


def _by_field(actor: Actor, facts: list[_Statement], golden: Golden) -> tuple[FactShown, ...]:
    by_field: dict[str, list[Said]] = defaultdict(list)
    for fact in facts:
        if fact.field == UNREACHABLE:  # stands beside its address
            continue
        if not policy.sees_field(actor, "person", known_as("person", fact.field)):
            continue
        if fact.field == "name" and not sees_addresses(actor) and "@" in fact.said.value:
            continue
        by_field[fact.field].append(fact.said)
    return tuple(_shown(field, said, golden) for field, said in sorted(by_field.items()))


def _shown(field: str, said: list[Said], golden: Golden) -> FactShown:
    """`said` is newest first. A shown name may be older than the newest one, if that is no name."""
    wanted = getattr(golden, field, "") if field not in ("email", "search_text", "sort_name") else ""
    shown = next((one for one in said if one.value == wanted), said[0])
    values = {shown.value}
    others = []
    for one in said:
        if one.value not in values:
            values.add(one.value)
            others.append(one)
    return FactShown(field, shown, tuple(others))
