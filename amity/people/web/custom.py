"""The company's own fields on screens: values in the reader's words, inputs, filters and columns of the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import format_currency, format_decimal, get_decimal_symbol
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from amity.channels.adapters.file.values import date_parser
from amity.kernel.actor import Actor
from amity.kernel.written import day_as, reader
from amity.people.domain.fields.conditions import Condition, Operator, Unknown, read_condition
from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.fields.values import YES, Notation, Refused, shown
from amity.people.queries import names_of
from amity.people.queries.custom import is_sortable

WAYS = ("", ".has", ".from", ".to", ".set")
ASKED = "f."
"""How the filters of a list are called in its address: `f.tier=gold`, `f.score.from=10`."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value in the reader's words. `url` is where it leads: a web address, or the page of a person."""

    words: str
    url: str = ""
    is_number: bool = False


def value_in_words(
    definition: Definition, canonical: str, people: Mapping[UUID, tuple[str, str]] | None = None
) -> Value:
    """What a canonical text says. `people` are name and address of page by identity, for a field of persons."""
    value, kind = shown(definition, canonical), definition.kind
    if not value:
        return Value("")
    if kind.has_options:
        options = (definition.option(key) for key in value.split(","))
        return Value(", ".join(option.label for option in options if option))
    if kind is Kind.YES_NO:
        return Value(_("yes") if value == YES else _("no"))
    if kind is Kind.NUMBER:
        return Value(
            format_decimal(Decimal(value), locale=reader(), decimal_quantization=False), is_number=True
        )
    if kind is Kind.MONEY:
        amount = Decimal(value)
        has_cents = amount == round(amount, 2)
        whole = format_currency(amount, definition.currency, locale=reader(), decimal_quantization=has_cents)
        return Value(whole, is_number=True)
    if kind is Kind.DATE:
        return Value(day_as("yMMMd", date.fromisoformat(value)), is_number=True)
    if kind is Kind.PERSON:
        name, url = (people or {}).get(UUID(value), ("", ""))
        return Value(name or _("nobody you know"), url)
    return Value(value.removeprefix("https://"), value) if kind is Kind.URL else Value(value)


def people_meant(
    actor: Actor, definitions: Sequence[Definition], rows: Iterable[Mapping[str, str]]
) -> dict[UUID, tuple[str, str]]:
    """Name and page of whom values of persons mean, by identity, as this actor knows them. One look for all rows."""
    keys = [one.key for one in definitions if one.kind is Kind.PERSON]
    ids = {UUID(row[key]) for row in rows for key in keys if row.get(key)}
    found = names_of(actor, ids) if ids else {}
    return {
        id: (named.name or _("Unknown"), reverse("person", args=[named.id])) for id, named in found.items()
    }


def notation() -> Notation:
    """How the reader writes numbers and dates."""
    locale = reader()
    comma = get_decimal_symbol(locale) == ","
    first = (locale.date_formats["short"].pattern or "d")[:1]
    named = {"d": "day_first", "M": "month_first", "y": "iso"}.get(first, "day_first")
    return Notation(decimal_comma=comma, date=date_parser(named))


def as_typed(definition: Definition, canonical: str) -> str:
    """A value as it stands in the input where it is changed."""
    value = shown(definition, canonical)
    if value and definition.kind in (Kind.NUMBER, Kind.MONEY):
        return format_decimal(
            Decimal(value), locale=reader(), decimal_quantization=False, group_separator=False
        )
    return value


# ------------------------------------------------------------------------------------------------------ list of people


def conditions_of(query: QueryDict, definitions: Sequence[Definition]) -> tuple[Condition, ...]:
    """What the address of a list asks of these fields; what cannot be read is left out."""
    found = []
    for key in query:
        if not key.startswith(ASKED):
            continue
        values = [value.replace("\x00", "")[:400] for value in query.getlist(key)]
        try:
            condition = read_condition(key.removeprefix(ASKED), values, definitions)
        except (Unknown, Refused):
            continue
        if condition is not None:
            found.append(condition)
    return tuple(found)


def condition_words(condition: Condition, definition: Definition) -> tuple[str, str]:
    """How it is asked, and for what: "is", "Gold or Silver"."""
    values = [value_in_words(definition, one).words for one in condition.values]
    either = _(" or ").join(values)
    if condition.operator is Operator.SET:
        return "", _("is known") if condition.values[0] == YES else _("is not known")
    if condition.operator is Operator.HAS:
        return _("has words that begin with"), condition.values[0]
    return {
        Operator.FROM: _("from"),
        Operator.TO: _("up to"),
        Operator.IS: _("is"),
    }[condition.operator], either


def param_of(condition: Condition, definition: Definition) -> str:
    """The name in the address that asks for it."""
    way = "" if condition.operator is Operator.IS else f".{condition.operator.value}"
    return f"{ASKED}{definition.key}{way}"


def filter_inputs(definitions: Sequence[Definition], query: QueryDict) -> list[dict[str, Any]]:
    """The inputs with which a list is asked by each field, as they are set now."""
    inputs = []
    for one in definitions:
        name = f"{ASKED}{one.key}"
        inputs.append(
            {
                "field": one,
                "name": name,
                "shape": _shape(one.kind),
                "type": "date" if one.kind is Kind.DATE else "number",
                "unit": one.currency,
                "has": query.get(f"{name}.has", ""),
                "low": query.get(f"{name}.from", ""),
                "high": query.get(f"{name}.to", ""),
                "is_set": query.get(f"{name}.set", ""),
                "options": _asked_options(one, set(query.getlist(name))),
            }
        )
    return inputs


def _shape(kind: Kind) -> str:
    if kind.is_measured:
        return "between"
    if kind.has_options or kind is Kind.YES_NO:
        return "options"
    return "" if kind is Kind.PERSON else "has"


def _asked_options(definition: Definition, chosen: set[str]) -> list[tuple[str, str, bool]]:
    if definition.kind is Kind.YES_NO:
        return [("yes", _("yes"), "yes" in chosen), ("no", _("no"), "no" in chosen)]
    kept = (one for one in definition.options if not one.gone or one.gone == "keep")
    return [(one.key, one.label, one.key in chosen) for one in kept]


def columns_of(query: QueryDict, definitions: Sequence[Definition]) -> list[Definition]:
    """The fields that are columns: those that the address names, else those that are listed for everybody."""
    if "cols" in query:
        named = {part for value in query.getlist("cols") for part in value.split(",")}
        return [one for one in definitions if one.key in named]
    return [one for one in definitions if one.is_listed]


def orders_of(definitions: Iterable[Definition]) -> dict[str, str]:
    """Orders by these fields, with their words."""
    found: dict[str, str] = {}
    for one in definitions:
        if is_sortable(one):
            found[one.fact] = one.label
            found[f"-{one.fact}"] = _("%(label)s, backwards") % {"label": one.label}
    return found
