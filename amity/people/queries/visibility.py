"""Whom an actor may know of, and what is shown of them to this actor.

A person has no source: they are made of what sources said. To an actor from whom a source is hidden, a person whom
only that source named does not exist, and what is shown of the others follows from the sources that are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from amity.activity.models import Activity
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.folding import fold
from amity.people.domain.precedence import SEEN, USUAL, Rules, Statement
from amity.people.domain.survivorship import Golden, golden_record, looks_like_a_name
from amity.people.models import Fact, Link, Organisation, Person, Sighting
from amity.people.queries.combined import tops_of
from amity.people.queries.locks import chosen_values
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import Told, told_without

_SHOWN = frozenset(field.name for field in fields(Golden))


def sees_addresses(actor: Actor) -> bool:
    """Whether e-mails, numbers and handles of people are shown to this actor, found and exported."""
    return policy.sees_field(actor, "person", "address")


def is_unlimited(actor: Actor) -> bool:
    """Whether the stored record of people is the one that this actor sees: no source and no address is hidden."""
    return sees_addresses(actor) and not policy.hidden_source_ids(actor)


def known_people(actor: Actor) -> QuerySet[Person]:
    """The people whom this actor may know of. The start of every read of people."""
    people: QuerySet[Person] = Person.objects.visible_to(actor).filter(merged_into__isnull=True)
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return people
    # Values and not EXISTS: those would be read for everybody at once, though a page needs fifty.
    spoke = Activity.objects.filter(about_id=OuterRef("identity_id")).exclude(source_id__in=hidden)
    links = Link.objects.filter(person_id=OuterRef("pk"), revoked_at__isnull=True)
    heard = links.annotate(by=Subquery(spoke.values("source_id")[:1])).filter(by__isnull=False).values("by")
    named = facts_of_person(hidden).values("source_id")
    listed = Sighting.objects.filter(identity_id=OuterRef("identity_id")).exclude(source_id__in=hidden)
    seen = links.annotate(by=Subquery(listed.values("source_id")[:1])).filter(by__isnull=False).values("by")
    by = Coalesce(Subquery(named[:1]), Subquery(heard[:1]), Subquery(seen[:1]))
    return people.alias(by=by).filter(by__isnull=False)


@dataclass(frozen=True, slots=True)
class Spoken:
    """The people of whom sources that are hidden from an actor said something: their stored record is not what this
    actor sees. `shown` is; of everybody else the stored record holds."""

    shown: Mapping[UUID, Golden]

    def narrowed(
        self, people: QuerySet[Person], stored: Q, shown: Callable[[Golden], bool]
    ) -> QuerySet[Person]:
        """Those of `people` for whom the condition holds, on what is stored or on what is shown instead."""
        if not self.shown:
            return people.filter(stored)
        fitting = [person for person, golden in self.shown.items() if shown(golden)]
        return people.filter((stored & ~Q(pk__in=list(self.shown))) | Q(pk__in=fitting))


def spoken_of(actor: Actor) -> Spoken:
    """Whose record differs for this actor. Costs as much as hidden sources say of people whom the actor knows."""
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return Spoken({})
    told = Link.objects.filter(revoked_at__isnull=True, identity__facts__source_id__in=hidden)
    named = Link.objects.filter(revoked_at__isnull=True, identity__sightings__source_id__in=hidden)
    about = told.values("person_id").union(named.values("person_id"))
    ids = list(known_people(actor).filter(pk__in=about).values_list("pk", flat=True))
    return Spoken(_derived(actor, ids) if ids else {})


def facts_of_person(hidden: list[UUID]) -> QuerySet[Fact]:
    """What sources that are not hidden said of the person of an outer query."""
    return Fact.objects.filter(
        identity__links__person_id=OuterRef("pk"), identity__links__revoked_at__isnull=True
    ).exclude(source_id__in=hidden)


def known_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The organisations that this actor may know of: where sources are hidden, those that another source or a colleague
    named.

    One that was merged into another is that one, for whoever knows that one by its own name; to others it is itself.
    """
    organisations = named_organisations(actor)
    if not policy.hidden_source_ids(actor):
        return organisations.filter(merged_into__isnull=True)
    return organisations.exclude(Exists(named_organisations(actor).filter(pk=OuterRef("merged_into_id"))))


def named_organisations(actor: Actor) -> QuerySet[Organisation]:
    """The same with those that were merged into others."""
    organisations: QuerySet[Organisation] = Organisation.objects.visible_to(actor)
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return organisations
    named = Q(is_ours=True) | Exists(_naming(hidden, OuterRef("told")))
    return organisations.annotate(told=_TOLD_NAME).filter(named)


_TOLD_NAME = Coalesce(NullIf(F("told_name"), Value("")), F("name"))


def _naming(hidden: list[UUID], name: OuterRef | Value) -> QuerySet[Fact]:
    """What sources that are not hidden say of people who are of the organisation of this name."""
    return Fact.objects.filter(
        field="organisation", value__iexact=name, identity__links__revoked_at__isnull=True
    ).exclude(source_id__in=hidden)


def is_told(actor: Actor, organisation: str) -> bool:
    """Whether a source that is not hidden calls an organisation so."""
    hidden = policy.hidden_source_ids(actor)
    return not hidden or _naming(hidden, Value(organisation)).exists()


def known_links(actor: Actor) -> QuerySet[Link]:
    """Which identities belong to whom, without those that only hidden sources named."""
    links = Link.objects.filter(revoked_at__isnull=True)
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return links
    named = Sighting.objects.filter(identity_id=OuterRef("identity_id"))
    return links.filter(
        ~Exists(named.filter(source_id__in=hidden)) | Exists(named.exclude(source_id__in=hidden))
    )


def identities_of(actor: Actor, person_ids: Iterable[UUID]) -> list[UUID]:
    """The identities of these people, without those that only hidden sources named."""
    people = list(person_ids)
    if policy.hidden_source_ids(actor):
        return list(known_links(actor).filter(person_id__in=people).values_list("identity_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_id FROM people_link WHERE person_id = ANY(%s) AND revoked_at IS NULL", [people]
        )
        return [identity for (identity,) in cursor.fetchall()]


def people_of(identity_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The person of each identity."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_id, person_id FROM people_link WHERE identity_id = ANY(%s) AND revoked_at IS NULL",
            [list(identity_ids)],
        )
        return dict(cursor.fetchall())


def belonging(identity_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, UUID]]:
    """Of each identity the person to whom its link belongs, and the one for whom it counts, merges included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT identity_id, COALESCE(home_id, person_id), person_id FROM people_link "
            "WHERE identity_id = ANY(%s) AND revoked_at IS NULL",
            [list(identity_ids)],
        )
        return {identity: (home, person) for identity, home, person in cursor.fetchall()}


def shown_as(actor: Actor, people: Iterable[Person]) -> dict[UUID, Golden]:
    """What is shown of these people to this actor, by person id."""
    listed = list(people)
    if is_unlimited(actor):
        found = {person.id: _stored(person) for person in listed}
    else:
        found = _derived(actor, [person.id for person in listed])
    blank: dict[str, Any] = dict.fromkeys(policy.hidden_fields(actor, "person") & _SHOWN, "")
    return {id: replace(golden, **blank) for id, golden in found.items()} if blank else found


def _stored(person: Person) -> Golden:
    return Golden(
        name=person.name, sort_name=person.sort_name, email=person.email, city=person.city, country=person.country,
        language=person.language, job_title=person.job_title, search_text=person.search_text,
    )  # fmt: skip


def told_of(
    actor: Actor, person_ids: Sequence[UUID], *, by_home: bool = False, rules: Rules | None = None
) -> Mapping[UUID, Told]:
    """What is told of each of these people to this actor; `by_home`: of each who was merged into them apart.

    `rules` where the caller derives what is shown from it.
    """
    told = told_without(policy.hidden_source_ids(actor), person_ids, rules or USUAL, by_home=by_home)
    if not sees_addresses(actor):
        for one in told.values():
            one.addresses.clear()
            one.statements = [said for said in one.statements if not _is_address(said)]
    return told


def _is_address(said: Statement) -> bool:
    return said.field == SEEN or (said.field == "name" and not looks_like_a_name(said.value))


def _derived(actor: Actor, person_ids: list[UUID]) -> dict[UUID, Golden]:
    rules = ruling_of_look()
    told = told_of(actor, person_ids, rules=rules.shown)
    chosen = chosen_values(person_ids, policy.hidden_source_ids(actor))
    return {
        person: golden_record(
            told[person].statements, told[person].addresses, chosen.get(person), rules.employers, rules.shown
        )
        for person in person_ids
    }


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


def organisations_shown(
    actor: Actor, people: Iterable[Person], shown: Mapping[UUID, Golden]
) -> dict[UUID, Organisation]:
    """The organisation of each of these people, as this actor sees them, by person id."""
    listed = list(people)
    if not policy.hidden_source_ids(actor):
        return {person.id: person.organisation for person in listed if person.organisation}
    keys = {person.id: fold(shown[person.id].organisation)[:200] for person in listed}
    by_key = _by_key(actor, {*keys.values()} - {""})
    return {person: by_key[key] for person, key in keys.items() if key in by_key}


def _by_key(actor: Actor, keys: set[str]) -> dict[str, Organisation]:
    """The organisation of each folded name: the one into which it was merged, where this actor knows that one."""
    found = {one.key: one for one in Organisation.objects.filter(key__in=keys)}
    merged = {one.id for one in found.values() if one.merged_into_id}
    if not merged:
        return found
    tops = tops_of(merged)
    known = known_organisations(actor).in_bulk(set(tops.values()))
    return {key: known.get(tops.get(one.id, one.id), one) for key, one in found.items()}


def organisation_shown(actor: Actor, person: Person, golden: Golden) -> Organisation | None:
    """The organisation of a person, as this actor sees them."""
    return organisations_shown(actor, [person], {person.id: golden}).get(person.id)
