"""Lists by the company's own fields: which people a condition leaves, and in which order a field puts them.

For later packages (segments, campaigns): `askable` names what can be asked of people by this actor, `restrict` leaves
those for whom it holds. Both keep what hidden sources said out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.fields.conditions import OPERATORS, Condition, Operator, holds, measure, word_of
from amity.people.domain.fields.definition import Definition, Kind, Option
from amity.people.domain.fields.values import YES
from amity.people.domain.patterns import beginning, query_of
from amity.people.models import CustomValue, Person
from amity.people.queries.fields import fields_for
from amity.people.queries.visibility import Spoken, known_links, known_people, spoken_of


@dataclass(frozen=True, slots=True)
class Askable:
    """Something that can be asked of people: a field with the ways of asking that its kind has."""

    key: str
    label: str | Promise
    kind: Kind
    operators: tuple[Operator, ...]
    options: tuple[Option, ...]
    currency: str


def askable(actor: Actor) -> list[Askable]:
    """The company's own fields that this actor may ask for, in order."""
    return [
        Askable(one.key, one.label, one.kind, OPERATORS[one.kind], one.options, one.currency)
        for one in fields_for(actor)
    ]


def restrict(
    actor: Actor,
    people: QuerySet[Person],
    conditions: Iterable[Condition],
    *,
    definitions: Sequence[Definition] | None = None,
    spoken: Spoken | None = None,
) -> QuerySet[Person]:
    """Those of `people` for whom all conditions hold, as this actor may know. Nobody, where a field is not theirs."""
    known = {one.fact: one for one in (fields_for(actor) if definitions is None else definitions)}
    spoken = spoken or spoken_of(actor)
    asked: dict[str, list[Condition]] = {}
    for condition in conditions:
        asked.setdefault(condition.fact, []).append(condition)
    for fact, of_field in asked.items():
        definition = known.get(fact)
        meant = [_meant(actor, definition, one) for one in of_field] if definition else []
        found = [one for one in meant if one]
        if definition is None or len(found) < len(of_field):
            return people.none()
        people = _narrowed(people, spoken, definition, found)
    return people


def _meant(actor: Actor, definition: Definition, condition: Condition) -> Condition | None:
    return _of_person(actor, condition) if definition.kind is Kind.PERSON else condition


MOST_NAMED = 5_000
"""Where conditions on several fields leave no more people than this, they are named to the database: it knows how
often a value occurs, not how often two do together, and would look at everybody."""


def count_by_values(actor: Actor, conditions: Sequence[Condition], most: int) -> int | None:
    """How many people these conditions leave, at most `most`, from the stored values alone, without a look at people:
    they have values while they are there. None where that is not what this actor sees, or cannot be told so."""
    found = _rows_of_all(actor, conditions)
    if found is None:
        return None
    rows, each = found
    ids = rows.order_by().values_list("person_id", flat=True)[: most * each]
    if each == 1:
        return ids.count()
    return min(most, len(set(ids)))  # of several options somebody may have more than one


def named_by_values(
    actor: Actor, people: QuerySet[Person], conditions: Sequence[Condition]
) -> QuerySet[Person] | None:
    """Those of `people` for whom conditions on several fields hold, where they are few; None where they are many."""
    found = _rows_of_all(actor, conditions) if len({one.fact for one in conditions}) > 1 else None
    if found is None:
        return None
    rows, each = found
    ids = list(rows.order_by().values_list("person_id", flat=True)[: MOST_NAMED * each + 1])
    return people.filter(pk__in=set(ids)) if len(ids) <= MOST_NAMED * each else None


def _rows_of_all(actor: Actor, conditions: Sequence[Condition]) -> tuple[QuerySet[CustomValue], int] | None:
    """Stored values of the first field, of those for whom the conditions on all fields hold, and how many of them
    somebody may have at most."""
    if not conditions or policy.hidden_source_ids(actor):
        return None
    known = {one.fact: one for one in fields_for(actor)}
    rows: dict[str, QuerySet[CustomValue]] = {}
    each = 1
    for condition in conditions:
        definition = known.get(condition.fact)
        is_absence = condition.operator is Operator.SET and condition.values[0] != YES
        if definition is None or definition.kind is Kind.PERSON or is_absence:
            return None
        if definition.kind is Kind.CHOICES:
            if condition.fact in rows:
                return None
            several = len(condition.values) if condition.operator is Operator.IS else len(definition.options)
            each = max(each, several) if not rows else each
        values = CustomValue.objects.filter(field_id=definition.id)
        rows[condition.fact] = _rows(rows.get(condition.fact, values), definition, condition)
    first, *others = rows.values()
    for other in others:
        first = first.filter(Exists(other.filter(person_id=OuterRef("person_id"))))
    return first, each


def _narrowed(
    people: QuerySet[Person], spoken: Spoken, definition: Definition, conditions: Sequence[Condition]
) -> QuerySet[Person]:
    return spoken.narrowed(
        people,
        stored_conditions(definition, conditions),
        lambda golden: all(
            holds(one, definition, golden.custom.get(definition.fact, "")) for one in conditions
        ),
    )


def stored_conditions(definition: Definition, conditions: Sequence[Condition]) -> Q:
    """The conditions on the stored values of one field, which are those of all sources together: one look into them,
    where the field has one row a person. From here to there would else be all from here and all up to there."""
    values = CustomValue.objects.filter(field_id=definition.id)
    rows, apart = values, Q()
    for condition in conditions:
        if condition.operator is Operator.SET and condition.values[0] != YES:
            there = values.filter(present(definition), person_id=OuterRef("pk"))
            apart &= ~Q(Exists(there))
        elif definition.kind is Kind.CHOICES:
            apart &= Q(pk__in=_rows(values, definition, condition).values("person_id"))
        else:
            rows = _rows(rows, definition, condition)
    return apart if rows is values else apart & Q(pk__in=rows.values("person_id"))


def _rows(
    values: QuerySet[CustomValue], definition: Definition, condition: Condition
) -> QuerySet[CustomValue]:
    """Those of the stored values of a field for which a condition holds."""
    if condition.operator is Operator.SET:
        return values.filter(present(definition))
    if condition.operator is Operator.HAS:
        patterns = beginning(condition.values[0])
        if not patterns:
            return values.none()
        values = values.filter(words__isnull=False).annotate(found=SearchVector("words", config="simple"))
        return values.filter(found=SearchQuery(query_of(patterns), config="simple", search_type="raw"))
    if definition.kind.is_measured:
        column = "day" if definition.kind is Kind.DATE else "number"
        measures = [measure(definition, one) for one in condition.values]
        way = {Operator.FROM: "gte", Operator.TO: "lte"}.get(condition.operator)
        return values.filter(**({f"{column}__{way}": measures[0]} if way else {f"{column}__in": measures}))
    words = [word for one in condition.values if (word := word_of(definition, one))]
    return values.exclude(word="").filter(word__in=words)


def present(definition: Definition) -> Q:
    """That a row holds a value: an option that was cleared holds none."""
    if definition.kind is Kind.DATE:
        return Q(day__isnull=False)
    return Q(number__isnull=False) if definition.kind.is_measured else ~Q(word="")


def _of_person(actor: Actor, condition: Condition) -> Condition | None:
    """A person is named by an id: of theirs, or of an identity of theirs. None for whom the actor does not know."""
    if condition.operator is Operator.SET:
        return condition
    named = [UUID(one) for one in condition.values]
    links = known_links(actor).filter(Q(person_id__in=named) | Q(identity_id__in=named))
    people = {*links.values_list("person_id", flat=True)}
    if policy.hidden_source_ids(actor):
        people = {*known_people(actor).filter(pk__in=people).values_list("pk", flat=True)}
    identities = known_links(actor).filter(person_id__in=people).values_list("identity_id", flat=True)
    return Condition(condition.fact, condition.operator, tuple(map(str, identities))) if identities else None
