"""Whom an actor may know of, and what is shown of them to this actor.

A person has no source: they are made of what sources said. To an actor from whom a source is hidden, a person whom
only that source named does not exist, and what is shown of the others follows from the sources that are left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from amity.activity.models import Activity
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.survivorship import Golden, Statement, golden_record, looks_like_a_name
from amity.people.models import Fact, Link, Organisation, Person


def sees_addresses(actor: Actor) -> bool:
    """Whether e-mails, numbers and handles of people are shown to this actor, found and exported."""
    return policy.sees_field(actor, "person", "address")


def is_unlimited(actor: Actor) -> bool:
    """Whether the stored record of people is the one that this actor sees: no source and no address is hidden."""
    return sees_addresses(actor) and not policy.hidden_source_ids(actor)


def known_people(actor: Actor) -> QuerySet[Person]:
    """The people whom this actor may know of. The start of every read of people."""
    people: QuerySet[Person] = Person.objects.visible_to(actor)
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return people
    # Values and not EXISTS: those would be read for everybody at once, though a page needs fifty.
    spoke = Activity.objects.filter(about_id=OuterRef("identity_id")).exclude(source_id__in=hidden)
    links = Link.objects.filter(person_id=OuterRef("pk"), revoked_at__isnull=True)
    heard = links.annotate(by=Subquery(spoke.values("source_id")[:1])).filter(by__isnull=False).values("by")
    named = facts_of_person(hidden).values("source_id")
    return people.alias(by=Coalesce(Subquery(named[:1]), Subquery(heard[:1]))).filter(by__isnull=False)


def facts_of_person(hidden: list[UUID]) -> QuerySet[Fact]:
    """What sources that are not hidden said of the person of an outer query."""
    return Fact.objects.filter(
        identity__links__person_id=OuterRef("pk"), identity__links__revoked_at__isnull=True
    ).exclude(source_id__in=hidden)


def known_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The organisations that this actor may know of: where sources are hidden, those that another source named."""
    organisations: QuerySet[Organisation] = Organisation.objects.visible_to(actor)
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return organisations
    named = Fact.objects.filter(
        field="organisation",
        value__iexact=OuterRef("name"),
        identity__links__person__organisation_id=OuterRef("pk"),
        identity__links__revoked_at__isnull=True,
    ).exclude(source_id__in=hidden)
    return organisations.filter(Exists(named))


def people_of(identity_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The person of each identity."""
    return dict(
        Link.objects.filter(identity_id__in=list(identity_ids), revoked_at__isnull=True).values_list(
            "identity_id", "person_id"
        )
    )


def shown_as(actor: Actor, people: Iterable[Person]) -> dict[UUID, Golden]:
    """What is shown of these people to this actor, by person id."""
    listed = list(people)
    if is_unlimited(actor):
        return {person.id: _stored(person) for person in listed}
    return _derived(actor, [person.id for person in listed])


def _stored(person: Person) -> Golden:
    return Golden(
        name=person.name, sort_name=person.sort_name, email=person.email, city=person.city, country=person.country,
        language=person.language, job_title=person.job_title, search_text=person.search_text,
    )  # fmt: skip


_STATEMENTS = """
    SELECT l.person_id, i.network, i.address, f.field, f.value, f.observed_at
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    LEFT JOIN people_fact f ON f.identity_id = i.id AND f.source_id <> ALL(%s::uuid[])
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL
"""


def _derived(actor: Actor, person_ids: list[UUID]) -> dict[UUID, Golden]:
    statements: dict[UUID, list[Statement]] = defaultdict(list)
    addresses: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    shows_addresses = sees_addresses(actor)
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS, [policy.hidden_source_ids(actor), person_ids])
        for person, network, address, name, value, observed_at in cursor.fetchall():
            if shows_addresses:
                addresses[person].add((network, address))
            if name is not None and (shows_addresses or name != "name" or looks_like_a_name(value)):
                statements[person].append(Statement(name, value, observed_at))
    return {person: golden_record(statements[person], addresses[person]) for person in person_ids}


@dataclass(frozen=True, slots=True)
class Named:
    """A person as another screen names them."""

    id: UUID
    name: str


def names_of(actor: Actor, identity_ids: Iterable[UUID]) -> Mapping[UUID, Named]:
    """The person behind each identity, as this actor sees them; identities without one are left out."""
    person_of = people_of(identity_ids)
    people = {person.id: person for person in known_people(actor).filter(pk__in=set(person_of.values()))}
    shown = shown_as(actor, people.values())
    return {
        identity: Named(person, shown[person].name)
        for identity, person in person_of.items()
        if person in people
    }
