"""The company's own fields of people, by their kind: one field each, made anew whenever administrators changed some.

What is kept of a person is what was said (`kept`), an option by the key that was given: what became of options is
looked up when a condition is decided, so that nobody has to be read again when one is taken out. The segments that ask
are counted anew then (`triggers.OWN_FIELDS`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.fields.values import YES, stored
from amity.people.domain.folding import fold
from amity.people.models import CustomValue, Person
from amity.people.queries.fields import all_fields
from amity.people.queries.visibility import shown_as
from amity.segments import conditions, edges
from amity.segments.conditions import Edge, Field, Found, Moment, Op, Sql
from amity.segments.domain.parts import FIELDS
from amity.segments.domain.traits import A_DAY, Traits
from amity.segments.domain.trees import BrokenRule, Leaf
from amity.segments.fields.counts import AT_LEAST, AT_MOST
from amity.segments.fields.profile import CONTAINS, IS, IS_NOT, values_of
from amity.segments.reading import EVERYBODY

PREFIX = "own:"
GROUP = _("Fields of your own")
SET, NOT_SET = Op("set", _("is set")), Op("not_set", _("is not set"))
_ANY_VALUE = (SET.key, NOT_SET.key)
_FIRST_DAY = date(1970, 1, 1)
_DAYS = "own_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own(Field):
    """Whether there is a value at all."""

    definition: Definition
    ops: ClassVar[tuple[Op, ...]] = (SET, NOT_SET)
    toil: ClassVar = 2

    @property
    def at(self) -> str:
        """SQL of the value as text. Keys are small letters, digits and _."""
        return f"(t.fields ->> '{self.key}')"

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        return Sql(f"{self.at} IS {'NOT ' if leaf.op == 'set' else ''}NULL")

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        value = traits.fields.get(self.key)
        return Found((value is not None) == (leaf.op == "set"), self.told(value))

    def told(self, value: Any) -> Any:
        """What was found, as it is shown."""
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnValue(Own, ABC):
    """Base of those whose value can be asked for, too."""

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        return Own.sql(self, leaf, moment) if leaf.op in _ANY_VALUE else self.asked(leaf, moment)

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        if leaf.op in _ANY_VALUE:
            return Own.look(self, leaf, traits, moment)
        value = traits.fields.get(self.key)
        return Found(self.holds(leaf, value, moment), self.told(value))

    @abstractmethod
    def asked(self, leaf: Leaf, moment: Moment) -> Sql:
        """SQL of what is asked of the value; never null."""

    @abstractmethod
    def holds(self, leaf: Leaf, value: Any, moment: Moment) -> bool:
        """The same for one value; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnText(OwnValue):
    """Words, compared without case and accents."""

    ops: ClassVar[tuple[Op, ...]] = (IS, IS_NOT, CONTAINS, SET, NOT_SET)

    def asked(self, leaf: Leaf, moment: Moment) -> Sql:
        wanted = self._wanted(leaf)
        if leaf.op == "contains":
            some = " OR ".join(f"position(%s in {self.at}) > 0" for _one in wanted)
            return Sql(f"COALESCE({some}, false)", tuple(wanted))
        there = f"COALESCE({self.at} = ANY(%s::text[]), false)"
        return Sql(there if leaf.op == "is" else f"NOT {there}", (wanted,))

    def holds(self, leaf: Leaf, value: Any, moment: Moment) -> bool:
        wanted = self._wanted(leaf)
        if leaf.op == "contains":
            return value is not None and any(one in value for one in wanted)
        return (value in wanted) == (leaf.op == "is")

    def _wanted(self, leaf: Leaf) -> list[str]:
        return [compared(self.definition.kind, value) for value in values_of(leaf)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnUrl(OwnText):
    """An address on the web."""

    ops: ClassVar = (CONTAINS, SET, NOT_SET)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNumber(OwnValue):
    """A number or an amount in the currency of the field, exactly."""

    ops: ClassVar = (Op("at_least", AT_LEAST, "figure"), Op("at_most", AT_MOST, "figure"), SET, NOT_SET)

    def asked(self, leaf: Leaf, moment: Moment) -> Sql:
        than = ">=" if leaf.op == "at_least" else "<="
        return Sql(f"COALESCE({self.at}::numeric {than} %s, false)", (Decimal(str(leaf.value)),))

    def holds(self, leaf: Leaf, value: Any, moment: Moment) -> bool:
        if value is None:
            return False
        number, wanted = Decimal(value), Decimal(str(leaf.value))
        return number >= wanted if leaf.op == "at_least" else number <= wanted

    def told(self, value: Any) -> Any:
        return None if value is None else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDate(OwnValue):
    """A day, which may lie ahead. Today is the day in UTC."""

    ops: ClassVar = (
        Op("in_last", _("in the last"), "days", _("days")), Op("in_next", _("in the next"), "days", _("days")),
        Op("longer_ago", _("more than"), "days", _("days ago")), Op("since", _("on or after"), "date"),
        Op("before", pgettext_lazy("segment", "before"), "date"), SET, NOT_SET,
    )  # fmt: skip

    def asked(self, leaf: Leaf, moment: Moment) -> Sql:
        first, last = _span(leaf, moment)
        # A day is always written with ten characters: they sort as days do.
        return Sql(f'COALESCE({self.at} COLLATE "C" BETWEEN %s AND %s, false)', (first, last))

    def holds(self, leaf: Leaf, value: Any, moment: Moment) -> bool:
        first, last = _span(leaf, moment)
        return value is not None and first <= value <= last

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        """The midnights at which a day comes into a span and leaves it, counted from that day."""
        if leaf.op == "in_last":
            return Edge(_DAYS, 0), Edge(_DAYS, (leaf.value + 1) * A_DAY)
        if leaf.op == "in_next":
            return Edge(_DAYS, -leaf.value * A_DAY), Edge(_DAYS, A_DAY)
        return (Edge(_DAYS, (leaf.value + 1) * A_DAY),) if leaf.op == "longer_ago" else ()


def _span(leaf: Leaf, moment: Moment) -> tuple[str, str]:
    """The first and the last day of whom a condition holds."""
    today = _FIRST_DAY + timedelta(days=moment.now // A_DAY)
    if leaf.op == "in_next":
        return today.isoformat(), (today + timedelta(days=leaf.value)).isoformat()
    if leaf.op == "in_last":
        return (today - timedelta(days=leaf.value)).isoformat(), today.isoformat()
    if leaf.op == "longer_ago":
        return date.min.isoformat(), (today - timedelta(days=leaf.value + 1)).isoformat()
    if leaf.op == "since":
        return leaf.value, date.max.isoformat()
    day = date.fromisoformat(leaf.value)
    return date.min.isoformat(), (day - timedelta(days=1)).isoformat() if day > date.min else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChoice(Own):
    """One option or several. An option that became another is that other, also where a rule still names it."""

    ops: ClassVar = (
        Op("any_of", _("is any of"), "option"), Op("none_of", _("is none of"), "option"), SET, NOT_SET,
    )  # fmt: skip

    def check(self, leaf: Leaf) -> Leaf:
        """An option may be named by its key or by its label."""
        checked = Field.check(self, leaf)
        if checked.value is None:
            return checked
        keys = tuple(dict.fromkeys(self._key(value) for value in values_of(checked)))
        return Leaf(checked.field, checked.op, keys if len(keys) > 1 else keys[0])

    def _key(self, said: str) -> str:
        if self.definition.option(said):
            return said
        for option in self.definition.offered:
            if fold(option.label) == fold(said):
                return option.key
        raise BrokenRule("no_option", field=str(self.label), option=said)

    def choices(self) -> list[tuple[str, str]]:
        options = self.definition.options
        return [(one.key, one.label) for one in options if self.definition.settled(one.key) == one.key]

    def named(self, value: str) -> str:
        option = self.definition.option(value)
        return option.label if option else value

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        there = f"COALESCE(t.fields -> '{self.key}' ?| %s::text[], false)"
        return Sql(f"NOT {there}" if leaf.op in ("none_of", "not_set") else there, (self._keys(leaf),))

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        given = traits.fields.get(self.key) or ()
        there = not {*given}.isdisjoint(self._keys(leaf))
        now = dict.fromkeys(settled for one in given if (settled := self.definition.settled(one)))
        told = ", ".join(self.named(one) for one in now)
        return Found(there != (leaf.op in ("none_of", "not_set")), told)

    def _keys(self, leaf: Leaf) -> list[str]:
        """The keys that may have been given to whoever has one of these options now."""
        settled = {one.key: self.definition.settled(one.key) for one in self.definition.options}
        wanted = (
            {*settled.values()} if leaf.value is None else {settled.get(one, "") for one in values_of(leaf)}
        )
        return [key for key, now in settled.items() if now and now in wanted]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnYesNo(OwnValue):
    """Yes or no; whoever has no value is neither."""

    ops: ClassVar = (Op("yes", _("is yes")), Op("no", _("is no")), SET, NOT_SET)

    def asked(self, leaf: Leaf, moment: Moment) -> Sql:
        return Sql(f"COALESCE({self.at} = %s, false)", (leaf.op,))

    def holds(self, leaf: Leaf, value: Any, moment: Moment) -> bool:
        return bool(value == leaf.op)

    def told(self, value: Any) -> Any:
        return None if value is None else value == YES


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPerson(Own):
    """Somebody else; who it is can be seen by whoever knows them."""

    def told(self, value: Any) -> Any:
        return None if value is None else True


_BY_KIND: Mapping[Kind, type[Own]] = {
    Kind.TEXT: OwnText,
    Kind.NUMBER: OwnNumber,
    Kind.MONEY: OwnNumber,
    Kind.DATE: OwnDate,
    Kind.CHOICE: OwnChoice,
    Kind.CHOICES: OwnChoice,
    Kind.PERSON: OwnPerson,
    Kind.URL: OwnUrl,
    Kind.YES_NO: OwnYesNo,
}


def own_fields() -> Iterable[Field]:
    """One for each field that is not hidden, in their order."""
    for one in all_fields():
        if not one.is_hidden:
            label = f"{one.label} ({one.currency})" if one.kind is Kind.MONEY else one.label
            yield _BY_KIND[one.kind](
                key=PREFIX + one.key,
                label=label,
                group=GROUP,
                part=FIELDS,
                personal=(one.fact,),
                definition=one,
            )


# -------------------------------------------------------------------------------------------------------------- values


def compared(kind: Kind, text: str) -> str:
    """Words as they are kept and asked for."""
    return text.lower() if kind is Kind.URL else fold(text) or text


def kept(definition: Definition, canonical: str) -> Any:
    """What is kept of a canonical text; None for what is no value of this kind."""
    rows = stored(definition, canonical)
    if not rows:
        return None
    if definition.kind.has_options:
        return [row.value for row in rows]
    value = rows[0].value
    return compared(definition.kind, value) if definition.kind in (Kind.TEXT, Kind.URL) else value


def read_values(person_ids: Sequence[UUID], hidden: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    """The values of these people as everybody may see them, by the keys of the fields; of hidden fields too, which may
    be put back."""
    definitions = all_fields()
    if not definitions:
        return {}
    told = _as_shown(person_ids) if hidden else _as_derived(person_ids, definitions)
    found: dict[UUID, dict[str, Any]] = {}
    for person, texts in told.items():
        values = {PREFIX + one.key: kept(one, texts[one.fact]) for one in definitions if one.fact in texts}
        found[person] = {key: value for key, value in values.items() if value is not None}
    return found


def _as_shown(person_ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    people = Person.objects.filter(pk__in=list(person_ids))
    return {person: golden.custom for person, golden in shown_as(EVERYBODY, people).items()}


def _as_derived(
    person_ids: Sequence[UUID], definitions: Sequence[Definition]
) -> Mapping[UUID, Mapping[str, str]]:
    facts = {one.id: one.fact for one in definitions}
    parts: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = CustomValue.objects.filter(person_id__in=list(person_ids)).order_by(
        "person_id", "field_id", "place"
    )
    for person, field, value in rows.values_list("person_id", "field_id", "value"):
        if field in facts:
            parts[person][facts[field]].append(value)
    return {person: {fact: ",".join(said) for fact, said in one.items()} for person, one in parts.items()}


# Nobody is looked for while no midnight passes; then whoever has a day that is as far from it as a condition asks.
_PASSED = f"""
    SELECT t.person_id FROM segments_trait t
    WHERE ceil(%(first)s / {A_DAY}.0) < ceil(%(last)s / {A_DAY}.0) AND EXISTS (
        SELECT FROM jsonb_each_text(t.fields) AS own (key, value)
        WHERE own.value COLLATE "C" >= (date '1970-01-01' + ceil(%(first)s / {A_DAY}.0)::integer)::text
            AND own.value COLLATE "C" < (date '1970-01-01' + ceil(%(last)s / {A_DAY}.0)::integer)::text)
"""


def register() -> None:
    """Bring them into the registry."""
    conditions.register_provider(own_fields, read_values)
    edges.register_passing(_DAYS, edges.Passing("person_id", _PASSED))
