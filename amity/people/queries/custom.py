"""Values of the company's own fields as an actor may see them: of the people of a page, and in the order of a list."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.fields.conditions import measure, word_of
from amity.people.domain.fields.definition import PREFIX, Definition, Kind
from amity.people.domain.fields.values import Refused, shown
from amity.people.models import CustomValue, Person
from amity.people.queries.conditions import present
from amity.people.queries.fields import fields_for
from amity.people.queries.visibility import Spoken, shown_as

Values = Mapping[str, str]
"""By key of the field, the canonical text of what is shown."""


def custom_of(
    actor: Actor, people: Sequence[Person], definitions: Sequence[Definition]
) -> dict[UUID, dict[str, str]]:
    """What is shown of these fields of each of these people; who has none of them is left out."""
    if not definitions or not people:
        return {}
    if policy.hidden_source_ids(actor):
        return _as_shown(actor, people, definitions)
    known = {one.id: one for one in definitions}
    parts: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = CustomValue.objects.filter(
        person_id__in=[one.id for one in people], field_id__in=list(known)
    ).order_by("person_id", "field_id", "place")
    for person, field, value, word in rows.values_list("person_id", "field_id", "value", "word"):
        kept = word if known[field].kind.has_options else value
        if kept and kept not in parts[person][known[field].key]:
            parts[person][known[field].key].append(kept)
    return {
        person: {key: ",".join(kept) for key, kept in values.items() if kept}
        for person, values in parts.items()
    }


def _as_shown(
    actor: Actor, people: Sequence[Person], definitions: Sequence[Definition]
) -> dict[UUID, dict[str, str]]:
    found = {}
    for person, golden in shown_as(actor, people).items():
        told = {
            one.key: value for one in definitions if (value := shown(one, golden.custom.get(one.fact, "")))
        }
        if told:
            found[person] = told
    return found


# ------------------------------------------------------------------------------------------------------------- order


def field_of_order(actor: Actor, order: str) -> Definition | None:
    """The field by which a list is ordered, where it is one of the company's own that this actor sees."""
    name = order.removeprefix("-")
    if not name.startswith(PREFIX):
        return None
    return next((one for one in fields_for(actor) if one.fact == name and is_sortable(one)), None)


def is_sortable(definition: Definition) -> bool:
    """Several options have no order, and ids of people none that anybody means."""
    return definition.kind not in (Kind.CHOICES, Kind.PERSON)


@dataclass(frozen=True, slots=True)
class _Part:
    """People of one stretch of the list: those whose value is this option, all with a value, or those without."""

    name: str
    stored: Q
    column: str = ""  # by which they are ordered within it; "" for by id alone


@dataclass(slots=True)
class InOrder:
    """People in the order of a field: who has a value first, the others after them by their ids."""

    people: QuerySet[Person]
    definition: Definition
    is_descending: bool
    spoken: Spoken

    def page(self, after: tuple[str, UUID] | None, limit: int) -> list[tuple[Person, str]]:
        """Up to `limit` people after this place, each with the words of their own place."""
        ids: list[tuple[str, UUID]] = []
        start = _read(after[0]) if after else None
        if start and start[0] == "+" and not self._is_place(start[1]):
            after = start = None  # nobody has such a value: from the start
        for part in self._parts():
            if start and part.name != start[0] and not ids:
                if not _comes_later(self._parts(), part.name, start[0]):
                    continue
                start = None
            rest = limit - len(ids)
            if rest <= 0:
                break
            here = (start[1], after[1]) if start and after and part.name == start[0] else None
            ids += self._of_part(part, here, rest)
            start = None
        found = {
            one.id: one
            for one in Person.objects.select_related("organisation").filter(pk__in=[id for _, id in ids])
        }
        return [(found[id], place) for place, id in ids if id in found]

    def _parts(self) -> list[_Part]:
        nobody = _Part("-", Q())
        if self.definition.kind is Kind.CHOICE:
            options = [_Part(f"={one.key}", Q(word=one.key)) for one in self.definition.options]
            return [*(reversed(options) if self.is_descending else options), nobody]
        column = "word"
        if self.definition.kind.is_measured:
            column = "day" if self.definition.kind is Kind.DATE else "number"
        return [_Part("+", present(self.definition), column), nobody]

    def _of_part(self, part: _Part, after: tuple[str, UUID] | None, limit: int) -> list[tuple[str, UUID]]:
        stored = self._stored(part, after, limit)
        told = self._told(part, after, limit) if self.spoken.shown else []
        if not told:
            return [(_place(part, value), id) for value, id in stored]
        merged = sorted([*stored, *told], key=lambda one: self._key(part, one))
        return [(_place(part, value), id) for value, id in merged[:limit]]

    def _key(self, part: _Part, one: tuple[Any, UUID]) -> tuple[Any, ...]:
        """As the index is read: backwards, who is equal stands backwards too."""
        if not part.column:
            return (one[1],)
        return (_Backwards(one[0]), _Backwards(one[1])) if self.is_descending else one

    def _stored(self, part: _Part, after: tuple[str, UUID] | None, limit: int) -> list[tuple[Any, UUID]]:
        others = list(self.spoken.shown)
        values = CustomValue.objects.filter(field_id=self.definition.id, place=0)
        if part.name == "-":
            people = self.people.filter(
                ~Exists(values.filter(present(self.definition), person_id=OuterRef("pk")))
            )
            people = people.exclude(pk__in=others) if others else people
            people = people.filter(pk__gt=after[1]) if after else people
            return [(None, id) for id in people.order_by("pk").values_list("pk", flat=True)[:limit]]
        # Each condition once: the planner takes what stands there twice for twice as rare.
        values = values if part.column in ("number", "day") and after else values.filter(part.stored)
        values = values.filter(Exists(self.people.filter(pk=OuterRef("person_id")).order_by()))
        values = values.exclude(person_id__in=others) if others else values
        if not part.column:
            values = values.filter(person_id__gt=after[1]) if after else values
            return [
                (None, id) for id in values.order_by("person_id").values_list("person_id", flat=True)[:limit]
            ]
        if after:
            values = self._after(values, part.column, self._typed(after[0]), after[1])
        sign = "-" if self.is_descending else ""
        ordered = values.order_by(f"{sign}{part.column}", f"{sign}person_id")
        return list(ordered.values_list(part.column, "person_id")[:limit])

    def _after(
        self, values: QuerySet[CustomValue], column: str, value: Any, last: UUID
    ) -> QuerySet[CustomValue]:
        way = "lt" if self.is_descending else "gt"
        return values.filter(**{f"{column}__{way}e": value}).filter(
            Q(**{f"{column}__{way}": value}) | Q(**{f"person_id__{way}": last})
        )

    def _is_place(self, text: str) -> bool:
        try:
            return "\0" not in text and self._typed(text) is not None
        except (Refused, ValueError, ArithmeticError):
            return False

    def _typed(self, text: str) -> Any:
        return measure(self.definition, text) if self.definition.kind.is_measured else text

    def _told(self, part: _Part, after: tuple[str, UUID] | None, limit: int) -> list[tuple[Any, UUID]]:
        """The same of those whose record is another for this actor."""
        mine = {*self.people.filter(pk__in=list(self.spoken.shown)).values_list("pk", flat=True)}
        found = sorted(self._values(part, mine), key=lambda one: self._key(part, one))
        if after:
            value = self._typed(after[0]) if part.column else None
            keys = [self._key(part, one) for one in found]
            found = found[bisect_right(keys, self._key(part, (value, after[1]))) :]
        return found[:limit]

    def _values(self, part: _Part, mine: set[UUID]) -> Iterator[tuple[Any, UUID]]:
        for person in mine:
            value = shown(self.definition, self.spoken.shown[person].custom.get(self.definition.fact, ""))
            if part.name == "-":
                if not value:
                    yield None, person
            elif value and not part.column:
                if part.name == f"={value}":
                    yield None, person
            elif value:
                measured = self.definition.kind.is_measured
                yield measure(self.definition, value) if measured else word_of(self.definition, value), person


class _Backwards:
    """A value that sorts the other way round."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __lt__(self, other: _Backwards) -> bool:
        return bool(other.value < self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Backwards) and self.value == other.value

    def __hash__(self) -> int:
        return hash(self.value)


def _place(part: _Part, value: Any) -> str:
    return f"{part.name}~{'' if value is None else value}"


def _read(place: str) -> tuple[str, str]:
    name, _, value = place.partition("~")
    return name, value


def _comes_later(parts: Sequence[_Part], name: str, than: str) -> bool:
    names = [part.name for part in parts]
    return than in names and names.index(name) > names.index(than)
