"""Lists by the company's own fields: which people a condition leaves, and in which order a field puts them.

For later packages (segments, campaigns): `askable` names what can be asked of people by this actor, `restrict` leaves
those for whom it holds. Both keep what hidden sources said out of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.fields.conditions import OPERATORS, Condition, Operator, holds, measure, word_of
from amity.people.domain.fields.definition import Definition, Kind, Option
from amity.people.domain.fields.values import YES
from amity.people.domain.patterns import beginning, query_of
from amity.people.models import CustomValue, Person
from amity.people.queries.fields import fields_for
from amity.people.queries.visibility import Spoken, known_links, spoken_of


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
    for condition in conditions:
        definition = known.get(condition.fact)
        if definition is None:
            return people.none()
        asked = _of_person(actor, condition) if definition.kind is Kind.PERSON else condition
        if asked is None:
            return people.none()
        people = _narrowed(people, spoken, definition, asked)
    return people


def _narrowed(
    people: QuerySet[Person], spoken: Spoken, definition: Definition, condition: Condition
) -> QuerySet[Person]:
    return spoken.narrowed(
        people,
        stored_condition(definition, condition),
        lambda golden: holds(condition, definition, golden.custom.get(definition.fact, "")),
    )


def stored_condition(definition: Definition, condition: Condition) -> Q:
    """The condition on the stored values, which are those of all sources together."""
    values = CustomValue.objects.filter(field_id=definition.id)
    column = "day" if definition.kind is Kind.DATE else "number"
    if condition.operator is Operator.SET:
        having = Q(pk__in=values.filter(present(definition)).values("person_id"))
        return having if condition.values[0] == YES else ~having
    if condition.operator is Operator.HAS:
        patterns = beginning(condition.values[0])
        if not patterns:
            return Q(pk__in=[])
        values = values.filter(words__isnull=False).annotate(found=SearchVector("words", config="simple"))
        values = values.filter(found=SearchQuery(query_of(patterns), config="simple", search_type="raw"))
    elif definition.kind.is_measured:
        measures = [measure(definition, one) for one in condition.values]
        asked = {Operator.FROM: "gte", Operator.TO: "lte"}.get(condition.operator)
        values = values.filter(
            **{f"{column}__{asked}": measures[0]} if asked else {f"{column}__in": measures},
        )
    else:
        words = [word for one in condition.values if (word := word_of(definition, one))]
        values = values.exclude(word="").filter(word__in=words)
    return Q(pk__in=values.values("person_id"))


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
        from amity.people.queries.visibility import known_people

        people = {*known_people(actor).filter(pk__in=people).values_list("pk", flat=True)}
    identities = known_links(actor).filter(person_id__in=people).values_list("identity_id", flat=True)
    return Condition(condition.fact, condition.operator, tuple(map(str, identities))) if identities else None
