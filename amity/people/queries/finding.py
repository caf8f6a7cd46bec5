"""Search of people and organisations by what somebody types."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from amity.kernel.actor import Actor
from amity.people.domain.folding import fold
from amity.people.queries.listing import PeopleWanted, list_people
from amity.people.queries.visibility import known_organisations


@dataclass(frozen=True, slots=True)
class FoundPerson:
    id: UUID
    name: str
    email: str
    organisation: str
    city: str


@dataclass(frozen=True, slots=True)
class FoundOrganisation:
    id: UUID
    name: str


def find_people(actor: Actor, text: str, limit: int) -> list[FoundPerson]:
    """People of whom every word of `text` begins a word of a name, an organisation or an address; latest first."""
    if not fold(text):
        return []
    return [
        FoundPerson(person.id, person.name, person.email, person.organisation, person.city)
        for person in list_people(actor, PeopleWanted(words=text), limit=limit).people
    ]


def find_organisations(actor: Actor, text: str, limit: int) -> list[FoundOrganisation]:
    """Organisations whose folded name or domain begins with `text` or has a word that does; by name."""
    folded = fold(text)
    if not folded:
        return []
    organisations = known_organisations(actor)
    named = organisations.filter(key__startswith=folded) | organisations.filter(key__contains=f" {folded}")
    rows = named.order_by("name", "id").values_list("id", "name")[:limit]
    return [FoundOrganisation(found, name) for found, name in rows]
