"""The list of people: filters, order, a page at a time by keyset, and a count that stops counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, Func, JSONField, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.columns import flags_named
from amity.people.domain.fields.conditions import Condition
from amity.people.domain.fields.definition import Definition
from amity.people.domain.folding import fold
from amity.people.models import Person
from amity.people.queries.combined import keys_under
from amity.people.queries.conditions import count_by_values, named_by_values, restrict
from amity.people.queries.custom import InOrder, custom_of, field_of_order
from amity.people.queries.fields import fields_for
from amity.people.queries.fitting import matching_words
from amity.people.queries.numbers import with_number
from amity.people.queries.visibility import (
    Spoken,
    is_unlimited,
    known_links,
    known_people,
    organisations_shown,
    sees_addresses,
    shown_as,
    spoken_of,
)

PAGE = 50
MOST_COUNTED = 10_001
EXPORTED_AT_ONCE = 1_000
RECENT, BY_NAME, FIRST_SEEN = "recent", "name", "first_seen"
ORDERS = (RECENT, BY_NAME, FIRST_SEEN)


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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page starts: after this person, whose value in the order of the list was `value`."""

    value: str  # an instant in ISO 8601, "" for never, or the sort name
    id: UUID

    def __str__(self) -> str:
        return f"{self.id}~{self.value}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that `str(place)` wrote; None for anything else."""
        person, separator, value = text.partition("~")
        try:
            return cls(value.replace("\x00", ""), UUID(person)) if separator else None
        except ValueError:
            return None


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
    wanted = allowed(actor, wanted)
    people, are_named = _matching(actor, wanted)
    if wanted.order not in ORDERS and (by := field_of_order(actor, wanted.order)):
        found = InOrder(people, by, wanted.order.startswith("-"), spoken_of(actor))
        placed = found.page((after.value, after.id) if after else None, limit + 1)
        rows = [person for person, _ in placed]
        last = Place(placed[limit - 1][1], rows[limit - 1].id) if len(rows) > limit else None
    else:
        if wanted.order == BY_NAME:
            people = _with_names(people, actor)
        rows = _in_order(people, wanted.order, after, limit + 1)
        last = _place(rows[limit - 1], wanted.order) if len(rows) > limit else None
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
    return _in_order(_with_names(people, actor, spoken) if order == BY_NAME else people, order, None, limit)


def listed_people(actor: Actor, people: list[Person]) -> list[ListedPerson]:
    """These as rows of a list, as the actor may see them, in the same order."""
    return list(_listed(actor, people))


def count_people(actor: Actor, wanted: PeopleWanted) -> int:
    """How many people are wanted, at most `MOST_COUNTED` (which means: more than 10,000)."""
    wanted = allowed(actor, wanted)
    return _counted_as_wanted(actor, wanted, *_matching(actor, wanted))


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
    """All people that are wanted, a thousand at a time, for an export."""
    after: Place | None = None
    while True:
        page = list_people(actor, wanted, after=after, limit=EXPORTED_AT_ONCE, fields=fields)
        if page.people:
            yield page.people
        after = page.after
        if after is None:
            return


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
    return _matching(actor, wanted)[0]


def _matching(actor: Actor, wanted: PeopleWanted) -> tuple[QuerySet[Person], bool]:
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


def _with_names(people: QuerySet[Person], actor: Actor, spoken: Spoken | None = None) -> QuerySet[Person]:
    """With `shown_name`, by which they are sorted, where that is not the stored one for everybody."""
    shown_otherwise = (spoken or spoken_of(actor)).shown
    names = {str(person): golden.sort_name for person, golden in shown_otherwise.items()}
    if not names:
        return people
    shown = Func(
        Value(names, JSONField()),
        Cast("pk", TextField()),
        function="jsonb_extract_path_text",
        output_field=TextField(),
    )
    return people.annotate(shown_name=Coalesce(shown, F("sort_name"), output_field=TextField()))


def _in_order(people: QuerySet[Person], order: str, after: Place | None, limit: int) -> list[Person]:
    people = people.select_related("organisation")
    if order == BY_NAME:
        by = "shown_name" if "shown_name" in people.query.annotations else "sort_name"
        if after is not None:
            people = people.filter(**{f"{by}__gte": after.value}).filter(
                Q(**{f"{by}__gt": after.value}) | Q(id__gt=after.id)
            )
        return list(people.order_by(by, "id")[:limit])
    if order != RECENT:
        return list((people.filter(id__lt=after.id) if after else people).order_by("-id")[:limit])
    return _most_recent(people, after, limit)


def _most_recent(people: QuerySet[Person], after: Place | None, limit: int) -> list[Person]:
    """Those who said something, latest first, then those who never did: two reads, each along its index."""
    found: list[Person] = []
    instant = _instant(after.value) if after else None
    if after is None or instant is not None:
        spoke = people.filter(last_activity_at__isnull=False)
        if after is not None and instant is not None:
            spoke = spoke.filter(last_activity_at__lte=instant).filter(
                Q(last_activity_at__lt=instant) | Q(id__lt=after.id)
            )
        found = list(spoke.order_by("-last_activity_at", "-id")[:limit])
    if len(found) < limit:
        silent = people.filter(last_activity_at__isnull=True)
        if after is not None and instant is None:
            silent = silent.filter(id__lt=after.id)
        # Among those without an instant this is the order of ids, and that of the index.
        found += silent.order_by("-last_activity_at", "-id")[: limit - len(found)]
    return found


def _instant(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _place(person: Person, order: str) -> Place:
    if order == BY_NAME:
        return Place(getattr(person, "shown_name", person.sort_name), person.id)
    if order == FIRST_SEEN:  # the place tells nothing that the list does not
        return Place("", person.id)
    return Place(person.last_activity_at.isoformat() if person.last_activity_at else "", person.id)


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
