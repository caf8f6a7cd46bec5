"""Households: who lives together by the word of colleagues, and who may by their addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.households import Home, home_of
from amity.people.models import HouseholdMember, HouseholdRefusal, Person
from amity.people.queries.grouped import knows_homes, roots
from amity.people.queries.relations import homes_of
from amity.people.queries.visibility import known_links, known_people, shown_as, told_of

MOST_LOOKED_AT = 300
# Records that share a key of matching are alike in some way: that is more than those who live together.
_ALIKE = """
    SELECT DISTINCT r2.person_id FROM people_matchrecord r
    JOIN people_matchkey k ON k.record_id = r.id JOIN people_matchkey k2 ON k2.key = k.key AND k2.record_id <> r.id
    JOIN people_matchrecord r2 ON r2.id = k2.record_id
    WHERE r.person_id = %(person)s AND r2.person_id > %(after)s ORDER BY r2.person_id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a household, with their accounts that the actor may know of."""

    person_id: UUID
    name: str
    member_ids: tuple[UUID, ...]  # of memberships: several where they were merged
    identity_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class HouseholdShown:
    id: UUID
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody who may live with a person: the words of the address that both have."""

    person_id: UUID
    name: str
    street: str
    postcode: str


def households_of(actor: Actor, person_id: UUID) -> list[HouseholdShown]:
    """The households of a person with everybody of them whom the actor knows; those of nobody else are left out."""
    mine = HouseholdMember.objects.filter(
        person_id__in=homes_of(person_id), revoked_at__isnull=True, household__revoked_at__isnull=True
    )
    rows = list(
        HouseholdMember.objects.filter(
            household_id__in=set(mine.values_list("household_id", flat=True)), revoked_at__isnull=True
        ).order_by("said_at", "id")
    )
    current = roots({one.person_id for one in rows})
    known = {one.id: one for one in known_people(actor).filter(pk__in=set(current.values()))}
    if policy.hidden_source_ids(actor):
        rows = [
            one
            for one in rows
            if current[one.person_id] in known and knows_homes(actor, current[one.person_id], [one.person_id])
        ]
    shown = shown_as(actor, known.values())
    accounts: dict[UUID, list[UUID]] = {}
    for identity, person in (
        known_links(actor).filter(person_id__in=known).values_list("identity_id", "person_id")
    ):
        accounts.setdefault(person, []).append(identity)
    found: dict[UUID, dict[UUID, list[UUID]]] = {}
    for one in rows:
        root = current[one.person_id]
        if root in known:
            found.setdefault(one.household_id, {}).setdefault(root, []).append(one.pk)
    return [
        HouseholdShown(
            household,
            tuple(
                Member(root, shown[root].name, tuple(ids), tuple(accounts.get(root, ())))
                for root, ids in members.items()
            ),
        )
        for household, members in found.items()
        if len(members) > 1 and person_id in members
    ]


def proposed_for(actor: Actor, person_id: UUID, together: Iterable[UUID] = ()) -> list[Proposed]:
    """Who may live with a person: the same street, postcode and family name, as far as the actor sees them; without
    those of `together`, and those of whom a colleague said that they do not."""
    if any(not policy.sees_field(actor, "person", field) for field in ("street", "postcode", "family_name")):
        return []
    people = {one.id: one for one in _alike(actor, person_id) if one.id not in {*together} - {person_id}}
    if person_id not in people or len(people) < 2:
        return []
    homes, names = _homes(actor, people)
    mine = homes.get(person_id)
    if mine is None:
        return []
    same = [person for person, home in homes.items() if home == mine and person != person_id]
    refused = _refused(person_id, same)
    return [
        Proposed(person, names[person], mine.street, mine.postcode)
        for person in sorted(same, key=lambda one: (names[one], one))
        if person not in refused
    ]


def _alike(actor: Actor, person_id: UUID) -> list[Person]:
    """They and the first who are alike of whom the actor knows. Those in between take no place from them."""
    known, after = list(known_people(actor).filter(pk=person_id)), UUID(int=0)
    while len(known) <= MOST_LOOKED_AT:
        with connection.cursor() as cursor:
            cursor.execute(_ALIKE, {"person": person_id, "after": after, "most": MOST_LOOKED_AT})
            ids = [id for (id,) in cursor.fetchall()]
        known += known_people(actor).filter(pk__in=ids).exclude(pk=person_id)
        if len(ids) < MOST_LOOKED_AT:
            break
        after = ids[-1]
    return known


def _homes(actor: Actor, people: Mapping[UUID, object]) -> tuple[dict[UUID, Home], dict[UUID, str]]:
    shown = shown_as(actor, people.values())  # type: ignore[arg-type]  # they are persons
    told = told_of(actor, list(people))
    homes = {
        person: home
        for person in people
        if (home := home_of(told[person].statements, shown[person].name)) is not None
    }
    return homes, {person: golden.name for person, golden in shown.items()}


def _refused(person_id: UUID, others: Iterable[UUID]) -> set[UUID]:
    mine = homes_of(person_id)
    said = HouseholdRefusal.objects.filter(Q(one_id__in=mine) | Q(other_id__in=mine), revoked_at__isnull=True)
    named = {id for pair in said.values_list("one_id", "other_id") for id in pair if id not in mine}
    current = roots(named) if named else {}
    return set(current.values()) & set(others)
