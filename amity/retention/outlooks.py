"""What a rule would do now, before it is turned on: how many, who, and what keeps the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from amity.kernel.actor import Actor
from amity.people.models import Person
from amity.people.queries import ListedPerson, known_people
from amity.people.queries.listing import listed_people
from amity.retention.limits import Limits, erased_at, limits_in_force, next_night
from amity.retention.models import Kind, Rule
from amity.retention.records import count_items, count_words
from amity.retention.standing import GOES, Outlook, outlook, who_goes


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`count` is what would go: people, messages or raw items. `people` says more, for rules about people.

    `first_on` is the day on which the first would be gone if it were turned on now, `nights` over how many nights;
    `first_night` is how many would be announced, or let go of, in the first one.
    """

    count: int
    people: Outlook | None
    first_on: date
    nights: int
    first_night: int


def foresee(rule: Rule, at: datetime) -> Foreseen:
    """Counted over everything, now."""
    limits = limits_in_force()
    night = next_night(at)
    if rule.kind != Kind.PEOPLE:
        count = how_much(rule, at)
        return Foreseen(count, None, timezone.localtime(night).date(), 1, count)
    found = outlook(rule, limits, at)
    nights = -(-found.goes // limits.most_a_night)
    first = timezone.localtime(erased_at(night.date() + limits.notice, at)).date()
    return Foreseen(found.goes, found, first, nights, min(found.goes, limits.most_a_night))


def how_much(rule: Rule, at: datetime) -> int:
    """How many people, messages or raw items the rule would let go of now."""
    if rule.kind == Kind.PEOPLE:
        return outlook(rule, limits_in_force(), at).goes
    return count_words(rule, at) if rule.kind == Kind.WORDS else count_items(rule, at)


@dataclass(frozen=True, slots=True)
class Foreseeable:
    """Somebody who would go, and since when the segment holds of them; None where the reader does not know them."""

    person: ListedPerson | None
    since: datetime


@dataclass(frozen=True, slots=True)
class WhoPage:
    """Some of those who would go, or stay; those first of whom it holds longest. `after`: where another page starts."""

    people: tuple[Foreseeable, ...]
    after: tuple[datetime, UUID] | None


def who(
    rule: Rule,
    actor: Actor,
    at: datetime,
    *,
    part: str = GOES,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> WhoPage:
    """A page of those who would go, or of a `part` that something keeps, by name as far as this actor knows them."""
    limits: Limits = limits_in_force()
    found = who_goes(rule, limits, at, most=limit + 1, after=after, part=part)
    shown = found[:limit]
    listed = people_by_id(actor, [id for id, _since in shown])
    page = tuple(Foreseeable(listed.get(id), since) for id, since in shown)
    return WhoPage(page, (shown[-1][1], shown[-1][0]) if len(found) > limit else None)


def people_by_id(actor: Actor, ids: list[UUID]) -> dict[UUID, ListedPerson]:
    """Those of these people whom the actor knows, as lists show them."""
    known: list[Person] = list(known_people(actor).filter(pk__in=ids)) if ids else []
    return {one.id: one for one in listed_people(actor, known)} if known else {}
