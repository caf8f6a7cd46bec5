"""Conditions on a company's own fields, as an address, a saved view or a program writes them.

tier=gold            is one of (named again: any of these); also of numbers, dates, yes_no=yes
note.has=wholesale   each of these words begins a word of the text
score.from=10        at least; score.to=20 at most; days likewise
tier.set=yes         there is a value; no: there is none
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.fields.values import LONGEST_WORD, NO, YES, Refused, read, shown, stored
from amity.people.domain.folding import fold
from amity.people.domain.patterns import beginning, fits

MOST_VALUES = 50


class Operator(StrEnum):
    IS = "is"  # any of the values
    HAS = "has"
    FROM = "from"
    TO = "to"
    SET = "set"


OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (Operator.IS, Operator.HAS, Operator.SET),
    Kind.NUMBER: (Operator.IS, Operator.FROM, Operator.TO, Operator.SET),
    Kind.MONEY: (Operator.IS, Operator.FROM, Operator.TO, Operator.SET),
    Kind.DATE: (Operator.IS, Operator.FROM, Operator.TO, Operator.SET),
    Kind.CHOICE: (Operator.IS, Operator.SET),
    Kind.CHOICES: (Operator.IS, Operator.SET),
    Kind.PERSON: (Operator.IS, Operator.SET),
    Kind.URL: (Operator.IS, Operator.HAS, Operator.SET),
    Kind.YES_NO: (Operator.IS, Operator.SET),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of the values of a field. `values` are canonical; of a person, ids of their identities."""

    fact: str
    operator: Operator
    values: tuple[str, ...]


class Unknown(Exception):
    """No such field, or it cannot be asked so. `part` is what was written."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def read_condition(key: str, values: Sequence[str], definitions: Iterable[Definition]) -> Condition | None:
    """The condition that `key=value` writes, all values of one key together; None where nothing is said.

    Raises `Unknown` for a field or a way of asking that there is not, `Refused` for a value that is none.
    """
    name, _, way = key.partition(".")
    definition = next((one for one in definitions if one.key == name), None)
    operator = next((one for one in Operator if one.value == (way or "is")), None)
    if definition is None or operator is None or operator not in OPERATORS[definition.kind]:
        raise Unknown(key)
    typed = [value for value in values[:MOST_VALUES] if value.strip()]
    if not typed:
        return None
    if operator is Operator.SET:
        if typed[0] not in (YES, NO):
            raise Unknown(key)
        return Condition(definition.fact, operator, (typed[0],))
    if operator is Operator.HAS:
        return Condition(definition.fact, operator, (" ".join(typed),))
    if definition.kind.has_options:
        return Condition(definition.fact, operator, tuple(_option(definition, one) for one in typed))
    return Condition(definition.fact, operator, tuple(read(definition, one) for one in typed))


def _option(definition: Definition, typed: str) -> str:
    """An option that somebody can have: also one that is not offered any more, but kept."""
    option = definition.option(typed)
    if option is not None and definition.settled(typed) == typed:
        return typed
    return read(definition, typed)


def holds(condition: Condition, definition: Definition, canonical: str) -> bool:
    """Whether the condition holds of a value, "" for none: what the database is asked, decided in Python."""
    value = shown(definition, canonical)
    if condition.operator is Operator.SET:
        return bool(value) == (condition.values[0] == YES)
    if not value:
        return False
    if condition.operator is Operator.HAS:
        return fits(beginning(condition.values[0]), fold(value).split())
    if definition.kind is Kind.CHOICES:
        return bool({*value.split(",")} & {*condition.values})
    if definition.kind.is_measured:
        return _measured(condition, definition, value)
    return word_of(definition, value) in {word_of(definition, one) for one in condition.values}


def word_of(definition: Definition, value: str) -> str:
    """The word by which a value is compared."""
    if definition.kind in (Kind.TEXT, Kind.URL):
        return fold(value)[:LONGEST_WORD] or value[:LONGEST_WORD]
    return value


def _measured(condition: Condition, definition: Definition, value: str) -> bool:
    mine = measure(definition, value)
    others = [measure(definition, one) for one in condition.values]
    if condition.operator is Operator.FROM:
        return mine >= others[0]  # type: ignore[operator]  # of one kind
    if condition.operator is Operator.TO:
        return mine <= others[0]  # type: ignore[operator]
    return mine in others


def measure(definition: Definition, value: str) -> Decimal | date:
    """A number or a day, of a canonical text of such a kind. Raises `Refused`."""
    for row in stored(definition, value):
        if row.number is not None:
            return row.number
        if row.day is not None:
            return row.day
    raise Refused("number", value)
