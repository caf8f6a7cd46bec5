"""Which of several facts is shown: the one that a colleague chose, else the newest from the best kind of statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from datetime import datetime

from amity.people.domain.fields.definition import PREFIX
from amity.people.domain.folding import fold, search_text


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact as the rules see it."""

    field: str
    value: str
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Golden:
    """What is shown of a person; every value comes from one statement or from an address."""

    name: str = ""
    sort_name: str = ""
    email: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    job_title: str = ""
    organisation: str = ""
    search_text: str = ""
    # Of the company's own fields, by the name of the fact.
    custom: Mapping[str, str] = member(default_factory=dict)


_SHOWN = ("city", "country", "language", "job_title", "organisation")
_LENGTHS = {"city": 200, "country": 80, "language": 12, "job_title": 200, "organisation": 200}


CHOOSABLE = ("name", "email", *_SHOWN)
"""The fields of the record of which a colleague may choose the value that is shown."""
SAID_ONCE = ("birthday", "street", "postcode", "website", "tax_number")
"""Other facts of which one value is shown: these too can be typed, and chosen."""


def is_choosable(name: str) -> bool:
    """Whether a colleague may choose which value is shown of this field."""
    return name in CHOOSABLE or name in SAID_ONCE or name.startswith(PREFIX)


def golden_record(
    statements: Iterable[Statement],
    addresses: Iterable[tuple[str, str]],
    chosen: Mapping[str, str] | None = None,
    employers: Mapping[str, str] | None = None,
) -> Golden:
    """Derive the shown record from all statements and (network, address) pairs of a person.

    `chosen` holds the value of each field that a colleague chose. It counts while it is one of `values_of`, so that it
    neither outlives what sources say nor tells what some of them said. `employers`: domain → organisation of everybody
    who writes from there, where no statement names one.
    """
    said, pairs = list(statements), sorted(set(addresses))
    kept = {field: value for field, value in (chosen or {}).items() if value in values_of(field, said, pairs)}
    newest: dict[str, Statement] = {}
    names: list[Statement] = []
    own: list[str] = []
    for statement in sorted(
        said, key=lambda one: (one.observed_at, one.value)
    ):  # the same words in the same order
        if statement.field == "name":
            names.append(statement)
        elif statement.field.startswith(PREFIX):
            own.append(statement.field)
        newest[statement.field] = statement
    name = kept.get("name") or _best_name(names, newest) or _name_of_address(pairs)
    emails = [address for network, address in pairs if network == "email"]
    shown = {
        field: kept.get(field, newest[field].value if field in newest else "")[: _LENGTHS[field]]
        for field in _SHOWN
    }
    if employers and not shown["organisation"]:
        shown["organisation"] = employer_by_address(pairs, employers)[:200]
    return Golden(
        name=name[:400],
        sort_name=fold(name)[:400],
        email=kept.get("email") or (emails[0] if emails else ""),
        search_text=search_text(
            name,
            *(statement.value for statement in names),
            *(address for _, address in pairs),
            shown["organisation"],
        ),
        custom={one: kept.get(one, newest[one].value) for one in own},
        **shown,
    )


def employer_by_address(addresses: Iterable[tuple[str, str]], employers: Mapping[str, str]) -> str:
    """The organisation whose domain one of the e-mail addresses has; "" for none."""
    domains = (address.rpartition("@")[2].lower() for network, address in addresses if network == "email")
    return next((employers[domain] for domain in domains if domain in employers), "")


def values_of(
    field: str, statements: Iterable[Statement], addresses: Iterable[tuple[str, str]]
) -> tuple[str, ...]:
    """The values that may be shown of a field of which one can be chosen, newest first; of others none."""
    if field == "email":
        return tuple(dict.fromkeys(address for network, address in addresses if network == "email"))
    said = sorted(statements, key=lambda one: (one.observed_at, one.value), reverse=True)
    values = [one.value for one in said if one.field == field]
    if field == "name":
        given, family = (
            [one.value for one in said if one.field == f"{part}_name"] for part in ("given", "family")
        )
        values = [f"{first} {last}" for first in given for last in family] + values
    return tuple(dict.fromkeys(values)) if is_choosable(field) else ()


def _best_name(names: list[Statement], newest: dict[str, Statement]) -> str:
    parts = [newest[part].value for part in ("given_name", "family_name") if part in newest]
    if len(parts) == 2:
        return " ".join(parts)
    real = [statement for statement in names if looks_like_a_name(statement.value)]
    best = max(real or names, key=lambda said: (said.observed_at, said.value), default=None)
    return best.value if best else " ".join(parts)


def looks_like_a_name(value: str) -> bool:
    """A name has a letter and is not an address or a mere number."""
    return any(character.isalpha() for character in value) and "@" not in value


def _name_of_address(pairs: list[tuple[str, str]]) -> str:
    for network, address in pairs:
        if not network.startswith("customer:"):
            return address
    return pairs[0][1] if pairs else ""
