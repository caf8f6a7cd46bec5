"""Organisations: a list by name, and one with its people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.people.domain.folding import fold
from amity.people.domain.patterns import beginning
from amity.people.models import Organisation, Person
from amity.people.queries.combined import keys_under, tops_of
from amity.people.queries.finding import find_organisations
from amity.people.queries.fitting import organisations_fitting
from amity.people.queries.listing import MOST_COUNTED, PAGE
from amity.people.queries.visibility import (
    is_told,
    is_unlimited,
    known_links,
    known_organisations,
    known_people,
    named_organisations,
    organisations_shown,
    shown_as,
    spoken_of,
)

MOST_IDENTITIES = 2_000
TOGETHER = 2_000


@dataclass(frozen=True, slots=True)
class ListedOrganisation:
    """A row of the list; `people` are those whom the actor may know of."""

    id: UUID
    name: str
    domain: str
    people: int
    cities: tuple[str, ...]
    last_activity_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganisationsPage:
    organisations: tuple[ListedOrganisation, ...]
    after: tuple[str, UUID] | None
    count: int  # at most MOST_COUNTED
    is_similar: bool = False  # none is spelt so: these are spelt alike


def list_organisations(
    actor: Actor,
    *,
    words: str = "",
    after: tuple[str, UUID] | None = None,
    limit: int = PAGE,
    similar_too: bool = False,
) -> OrganisationsPage:
    """Organisations by name, a page at a time; with `words`, those of which every word begins one of the name, and
    where there is none and `similar_too`, up to a page of those that are spelt alike."""
    organisations = known_organisations(actor)
    if words.strip():
        organisations = organisations_fitting(organisations, beginning(words), named_organisations(actor))
    count = organisations.order_by()[:MOST_COUNTED].count()
    if similar_too and words.strip() and not count:
        similar = find_organisations(actor, words, limit)
        found = {one.id: one for one in known_organisations(actor).filter(pk__in=[one.id for one in similar])}
        rows = [found[one.id] for one in similar if one.id in found]
        return OrganisationsPage(tuple(_listed(actor, rows)), None, 0, bool(rows))
    if after is not None:
        name, last = after
        organisations = organisations.filter(name__gte=name).filter(Q(name__gt=name) | Q(id__gt=last))
    rows = list(organisations.order_by("name", "id")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return OrganisationsPage(
        tuple(_listed(actor, rows)), (rows[-1].name, rows[-1].id) if more else None, count
    )


def _listed(actor: Actor, rows: list[Organisation]) -> list[ListedOrganisation]:
    people = members(actor, rows)
    told = _stored(people) if is_unlimited(actor) else _as_shown(actor, people)
    shows_times = not policy.hidden_source_ids(actor)
    listed = []
    for organisation in rows:
        found = told.get(organisation.id, _Told())
        last = found.last if shows_times else None
        cities = tuple(sorted(found.cities))
        listed.append(
            ListedOrganisation(
                organisation.id, organisation.name, organisation.domain, found.people, cities, last
            )
        )
    return listed


def members(actor: Actor, organisations: Iterable[Organisation]) -> QuerySet[Person]:
    """The people who belong to one of these, as the actor sees it."""
    listed = list(organisations)
    spoken = spoken_of(actor)
    keys = keys_under(organisation.id for organisation in listed) if spoken.shown else set()
    return spoken.narrowed(
        known_people(actor),
        Q(organisation_id__in=[organisation.id for organisation in listed]),
        lambda golden: fold(golden.organisation)[:200] in keys,
    )


@dataclass(slots=True)
class _Told:
    """What the people of an organisation come to."""

    people: int = 0
    last: datetime | None = None
    cities: set[str] = field(default_factory=set)


def _stored(people: QuerySet[Person]) -> dict[UUID, _Told]:
    counted = (
        people.values_list("organisation_id").annotate(n=Count("pk"), last=Max("last_activity_at")).order_by()
    )
    told = {organisation: _Told(n, last) for organisation, n, last in counted}
    for organisation, city in (
        people.exclude(city="").values_list("organisation_id", "city").distinct().order_by()
    ):
        told[organisation].cities.add(city)
    return told


def _as_shown(actor: Actor, people: QuerySet[Person]) -> dict[UUID, _Told]:
    """The same from what is shown of each person to an actor who does not see everything, some at a time."""
    told: dict[UUID, _Told] = {}
    ordered = people.select_related("organisation").order_by("id")
    listed = list(ordered[:TOGETHER])
    while listed:
        _add(actor, listed, told)
        listed = list(ordered.filter(id__gt=listed[-1].id)[:TOGETHER])
    return told


def _add(actor: Actor, listed: list[Person], told: dict[UUID, _Told]) -> None:
    shown = shown_as(actor, listed)
    organisations = organisations_shown(actor, listed, shown)
    for person in listed:
        golden = shown[person.id]
        if person.id not in organisations or not golden.organisation:
            continue
        found = told.setdefault(organisations[person.id].id, _Told())
        found.people += 1
        found.last = max(filter(None, (found.last, person.last_activity_at)), default=None)
        if golden.city:
            found.cities.add(golden.city)


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    id: UUID
    name: str
    domain: str
    identity_ids: tuple[UUID, ...]  # of its people, at most MOST_IDENTITIES
    told_name: str = ""  # as sources call it, where colleagues renamed it


def organisation_of(actor: Actor, organisation_id: UUID) -> OrganisationRecord:
    """An organisation, or the one into which it was merged: then its id is another.

    Raises `NotFound` for one that does not exist or that the actor may not know of.
    """
    known = known_organisations(actor)
    found = known.filter(pk=organisation_id).first()
    if found is None:
        top = tops_of([organisation_id]).get(organisation_id)
        found = known.filter(pk=top).first() if top else None
    if found is None:
        raise NotFound(_("This organisation does not exist."))
    people = members(actor, [found])
    identities = (
        known_links(actor)
        .filter(person__in=people)
        .order_by("identity_id")
        .values_list("identity_id", flat=True)
    )
    told_name = found.told_name if found.told_name and is_told(actor, found.told_name) else ""
    return OrganisationRecord(
        found.id, found.name, found.domain, tuple(identities[:MOST_IDENTITIES]), told_name
    )
