"""Which people a list holds: what may be asked for, who fits it, and what its filters can be set to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.columns import flags_named
from amity.people.domain.fields.conditions import Condition
from amity.people.domain.folding import fold
from amity.people.models import Person
from amity.people.queries.combined import keys_under
from amity.people.queries.conditions import named_by_values, restrict
from amity.people.queries.custom import field_of_order
from amity.people.queries.fields import fields_for
from amity.people.queries.fitting import matching_words
from amity.people.queries.numbers import with_number
from amity.people.queries.ordering import BY_NAME, FIRST_SEEN, RECENT
from amity.people.queries.visibility import (
    Spoken,
    is_unlimited,
    known_links,
    known_people,
    sees_addresses,
    spoken_of,
)


@dataclass(frozen=True, slots=True)
class PeopleWanted:
    """Which people: words of name, organisation or address (prefixes), and filters. `active_since` and `quiet_since`
    are about the last thing they said; `flags` are keys of filters that other packages registered, `conditions` are on
    the company's own fields. `order` is one of those below, or the fact of such a field, with - in front backwards."""

    words: str = ""
    language: str = ""
    country: str = ""
    network: str = ""
    organisation_id: UUID | None = None
    active_since: datetime | None = None
    quiet_since: datetime | None = None
    flags: frozenset[str] = field(default=frozenset())
    conditions: tuple[Condition, ...] = ()
    order: str = RECENT


def allowed(actor: Actor, wanted: PeopleWanted) -> PeopleWanted:
    """What is wanted, without what this actor may not filter or sort by.

    The last activity of a person is kept over all sources and a name may be an address, so whoever may not see all
    of them gets another order.
    """
    orders = orders_for(actor)
    flags = frozenset(flag.key for flag in flags_named(actor, wanted.flags))
    order = wanted.order if wanted.order in orders or field_of_order(actor, wanted.order) else orders[0]
    wanted = replace(wanted, order=order, flags=flags)
    if wanted.conditions:
        mine = {one.fact for one in fields_for(actor)}
        wanted = replace(wanted, conditions=tuple(one for one in wanted.conditions if one.fact in mine))
    hidden = policy.hidden_fields(actor, "person")
    wanted = replace(
        wanted,
        language="" if "language" in hidden else wanted.language,
        country="" if "country" in hidden else wanted.country,
        organisation_id=None if "organisation" in hidden else wanted.organisation_id,
    )
    if RECENT not in orders:
        wanted = replace(wanted, active_since=None, quiet_since=None)
    return wanted


def orders_for(actor: Actor) -> tuple[str, ...]:
    """The orders in which this actor may have the list, the usual one first."""
    if is_unlimited(actor):
        return (RECENT, BY_NAME)
    if sees_addresses(actor):
        return (BY_NAME,)
    return (FIRST_SEEN,) if policy.hidden_source_ids(actor) else (RECENT,)


def matching(actor: Actor, wanted: PeopleWanted) -> QuerySet[Person]:
    """The people that are wanted, in no order."""
    return wanted_people(actor, wanted)[0]


def wanted_people(actor: Actor, wanted: PeopleWanted) -> tuple[QuerySet[Person], bool]:
    """They, and whether each of them is named, because they are few."""
    people = known_people(actor)
    if wanted.words.strip():
        named = matching_words(people, wanted.words, actor)
        numbered = with_number(people, wanted.words, actor)
        people = (
            named
            if numbered is None
            else people.filter(
                Q(pk__in=named.order_by().values("pk")) | Q(pk__in=numbered.order_by().values("pk"))
            )
        )
    if wanted.language or wanted.country or wanted.organisation_id:
        people = _as_shown(actor, people, wanted)
    if wanted.active_since:
        people = people.filter(last_activity_at__gte=wanted.active_since)
    if wanted.quiet_since:
        people = people.filter(Q(last_activity_at__lt=wanted.quiet_since) | Q(last_activity_at__isnull=True))
    if wanted.network:
        links = known_links(actor).filter(person_id=OuterRef("pk"), identity__network=wanted.network)
        people = people.filter(Exists(links))
    for flag in flags_named(actor, wanted.flags):
        people = flag.restrict(actor, people)
    if not wanted.conditions:
        return people, False
    few = named_by_values(actor, people, wanted.conditions)
    return (restrict(actor, people, wanted.conditions), False) if few is None else (few, True)


def of_organisation(spoken: Spoken, people: QuerySet[Person], organisation_id: UUID) -> QuerySet[Person]:
    """Those of `people` who belong to this organisation, to the actor whose `spoken_of` it is."""
    keys = keys_under([organisation_id]) if spoken.shown else set()
    return spoken.narrowed(
        people,
        Q(organisation_id=organisation_id),
        lambda golden: fold(golden.organisation)[:200] in keys,
    )


def _as_shown(actor: Actor, people: QuerySet[Person], wanted: PeopleWanted) -> QuerySet[Person]:
    """Filters by values of the record: of the stored one where it is what the actor sees."""
    spoken = spoken_of(actor)
    if wanted.language:
        people = spoken.narrowed(
            people, Q(language=wanted.language), lambda golden: golden.language == wanted.language
        )
    if wanted.country:
        people = spoken.narrowed(
            people, Q(country=wanted.country), lambda golden: golden.country == wanted.country
        )
    if wanted.organisation_id:
        people = of_organisation(spoken, people, wanted.organisation_id)
    return people


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters can be set to, most frequent first."""

    languages: tuple[str, ...]
    countries: tuple[str, ...]
    networks: tuple[str, ...]


def choices(actor: Actor) -> Choices:
    """The languages, countries and networks that occur among the people whom the actor may know of."""
    people = known_people(actor)
    spoken = spoken_of(actor).shown
    stored = people.exclude(pk__in=list(spoken)) if spoken else people

    def most_frequent(column: str) -> tuple[str, ...]:
        rows = (
            stored.exclude(**{column: ""}).values_list(column).annotate(n=Count("pk")).order_by("-n", column)
        )
        if not spoken:
            return tuple(value for value, _ in rows[:60])
        counted = Counter(dict(rows))
        counted.update(value for golden in spoken.values() if (value := getattr(golden, column)))
        return tuple(sorted(counted, key=lambda value: (-counted[value], value))[:60])

    links = known_links(actor)
    if policy.hidden_source_ids(actor):
        links = links.filter(person__in=people)
    networks = (
        links.values("identity__network").annotate(n=Count("pk")).order_by("-n", "identity__network")[:60]
    )
    return Choices(
        most_frequent("language"),
        most_frequent("country"),
        tuple(row["identity__network"] for row in networks),
    )
