"""The order of a list of people, and where its pages start: by keyset, along an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Func, JSONField, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce

from amity.kernel.actor import Actor
from amity.people.models import Person
from amity.people.queries.visibility import Spoken, spoken_of

RECENT, BY_NAME, FIRST_SEEN = "recent", "name", "first_seen"
ORDERS = (RECENT, BY_NAME, FIRST_SEEN)


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


def with_names(people: QuerySet[Person], actor: Actor, spoken: Spoken | None = None) -> QuerySet[Person]:
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


def in_order(people: QuerySet[Person], order: str, after: Place | None, limit: int) -> list[Person]:
    """Up to `limit` of these in this order, after this place; `BY_NAME` needs them `with_names`."""
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


def place_of(person: Person, order: str) -> Place:
    """Where the page after this person starts."""
    if order == BY_NAME:
        return Place(getattr(person, "shown_name", person.sort_name), person.id)
    if order == FIRST_SEEN:  # the place tells nothing that the list does not
        return Place("", person.id)
    return Place(person.last_activity_at.isoformat() if person.last_activity_at else "", person.id)
