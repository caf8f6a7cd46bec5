"""The list of people, a page at a time, and a count that stops counting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.fields.definition import Definition
from amity.people.models import Person
from amity.people.queries.conditions import count_by_values
from amity.people.queries.custom import InOrder, custom_of, field_of_order
from amity.people.queries.ordering import (
    BY_NAME,
    FIRST_SEEN,
    ORDERS,
    RECENT,
    Place,
    in_order,
    place_of,
    with_names,
)
from amity.people.queries.visibility import Spoken, organisations_shown, shown_as, spoken_of
from amity.people.queries.wanted import (
    Choices,
    PeopleWanted,
    allowed,
    choices,
    matching,
    of_organisation,
    orders_for,
    wanted_people,
)

__all__ = [
    "BY_NAME",
    "EXPORTED_AT_ONCE",
    "FIRST_SEEN",
    "MOST_COUNTED",
    "ORDERS",
    "PAGE",
    "RECENT",
    "Choices",
    "ListedPerson",
    "PeoplePage",
    "PeopleWanted",
    "Place",
    "allowed",
    "choices",
    "count_people",
    "first_people",
    "list_people",
    "listed_people",
    "matching",
    "of_organisation",
    "orders_for",
    "walk_people",
]

PAGE = 50
MOST_COUNTED = 10_001
EXPORTED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A row of the list, as the actor may see it. Times are of the last thing they said; `custom` holds the values of
    the company's own fields that were asked for, by key."""

    id: UUID
    name: str
    email: str
    city: str
    country: str
    language: str
    organisation: str
    organisation_id: UUID | None
    last_activity_at: datetime | None
    custom: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Up to `PAGE` people and where the next page starts; None at the end. `count` is of all pages, where asked for."""

    people: tuple[ListedPerson, ...]
    after: Place | None
    count: int | None = None


def list_people(
    actor: Actor,
    wanted: PeopleWanted,
    *,
    after: Place | None = None,
    limit: int = PAGE,
    with_count: bool = False,
    fields: Sequence[Definition] = (),
) -> PeoplePage:
    """One page of the people that are wanted, in their order, with their values of `fields`."""
    return _page(actor, allowed(actor, wanted), after, limit, fields, with_count=with_count)


def _page(
    actor: Actor,
    wanted: PeopleWanted,
    after: Place | None,
    limit: int,
    fields: Sequence[Definition],
    *,
    with_count: bool = False,
) -> PeoplePage:
    people, are_named = wanted_people(actor, wanted)
    if wanted.order not in ORDERS and (by := field_of_order(actor, wanted.order)):
        found = InOrder(people, by, wanted.order.startswith("-"), spoken_of(actor))
        placed = found.page((after.value, after.id) if after else None, limit + 1)
        rows = [person for person, _ in placed]
        last = Place(placed[limit - 1][1], rows[limit - 1].id) if len(rows) > limit else None
    else:
        if wanted.order == BY_NAME:
            people = with_names(people, actor)
        rows = in_order(people, wanted.order, after, limit + 1)
        last = place_of(rows[limit - 1], wanted.order) if len(rows) > limit else None
    more, rows = len(rows) > limit, rows[:limit]
    count = None
    if with_count:
        count = _counted_as_wanted(actor, wanted, people, are_named) if more or after else len(rows)
    return PeoplePage(tuple(_listed(actor, rows, fields)), last, count)


def first_people(
    actor: Actor, people: QuerySet[Person], limit: int, spoken: Spoken | None = None
) -> list[Person]:
    """The first of these in the order in which this actor has the list."""
    order = orders_for(actor)[0]
    return in_order(with_names(people, actor, spoken) if order == BY_NAME else people, order, None, limit)


def listed_people(actor: Actor, people: list[Person]) -> list[ListedPerson]:
    """These as rows of a list, as the actor may see them, in the same order."""
    return list(_listed(actor, people))


def count_people(actor: Actor, wanted: PeopleWanted) -> int:
    """How many people are wanted, at most `MOST_COUNTED` (which means: more than 10,000)."""
    wanted = allowed(actor, wanted)
    return _counted_as_wanted(actor, wanted, *wanted_people(actor, wanted))


def _counted_as_wanted(actor: Actor, wanted: PeopleWanted, people: QuerySet[Person], are_named: bool) -> int:
    """The count of `people`, who are those that are wanted: where only own fields are asked for, from their values."""
    if (
        wanted.conditions
        and not are_named
        and wanted == PeopleWanted(conditions=wanted.conditions, order=wanted.order)
    ):
        counted = count_by_values(actor, wanted.conditions, MOST_COUNTED)
        if counted is not None:
            return counted
    return _counted(people)


def _counted(people: QuerySet[Person]) -> int:
    return people.order_by()[:MOST_COUNTED].count()


def walk_people(
    actor: Actor, wanted: PeopleWanted, fields: Sequence[Definition] = ()
) -> Iterator[tuple[ListedPerson, ...]]:
    """All people that are wanted, a thousand at a time, for an export.

    Not by their last activity: whoever speaks between two pages would move before the place, and not come at all.
    """
    wanted, after = allowed(actor, wanted), None
    if wanted.order == RECENT:
        wanted = replace(wanted, order=FIRST_SEEN)
    while True:
        page = _page(actor, wanted, after, EXPORTED_AT_ONCE, fields)
        if page.people:
            yield page.people
        after = page.after
        if after is None:
            return


def _listed(actor: Actor, people: list[Person], fields: Sequence[Definition] = ()) -> Iterator[ListedPerson]:
    shown = shown_as(actor, people)
    custom = custom_of(actor, people, fields)
    unlimited = not policy.hidden_source_ids(actor)
    organisations = organisations_shown(actor, people, shown)
    for person in people:
        golden = shown[person.id]
        organisation = organisations.get(person.id)
        yield ListedPerson(
            id=person.id,
            name=golden.name,
            email=golden.email,
            city=golden.city,
            country=golden.country,
            language=golden.language,
            organisation=organisation.name if organisation else "",
            organisation_id=organisation.id if organisation else None,
            last_activity_at=person.last_activity_at if unlimited else None,
            custom=custom.get(person.id, {}),
        )
