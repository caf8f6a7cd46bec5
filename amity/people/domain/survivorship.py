"""Which of several facts is shown: the one that a colleague chose, else by the rule of its field, mostly the newest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as member

from amity.people.domain.fields.definition import PREFIX
from amity.people.domain.folding import fold, search_text
from amity.people.domain.precedence import (
    SEEN,
    USUAL,
    Reason,
    Rules,
    Statement,
    Way,
    Won,
    best_of,
    by_field,
    won_by,
)

__all__ = [
    "CHOOSABLE",
    "LENGTHS",
    "SAID_ONCE",
    "Golden",
    "Statement",
    "employer_by_address",
    "golden_record",
    "is_choosable",
    "looks_like_a_name",
    "values_of",
    "winner",
    "winners",
]


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


_NAMES = ("name", "given_name", "family_name")
_SHOWN = ("city", "country", "language", "job_title", "organisation")
LENGTHS = {"name": 400, "city": 200, "country": 80, "language": 12, "job_title": 200, "organisation": 200}
"""Of what is shown in a column so many letters are kept."""


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
    rules: Rules = USUAL,
) -> Golden:
    """Derive the shown record from all statements and (network, address) pairs of a person.

    `chosen` holds the value of each field that a colleague chose. It counts while it is one of `values_of`, so that it
    neither outlives what sources say nor tells what some of them said. `employers`: domain → organisation of everybody
    who writes from there, where no statement names one. `rules`: what wins where nobody chose.
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
    won = {} if rules is USUAL else {field: one.value for field, one in winners(said, rules).items()}
    for field in won.keys() & newest.keys():
        newest[field] = replace(newest[field], value=won[field])
    name = kept.get("name") or won.get("name") or _best_name(names, newest) or _name_of_address(pairs)
    emails = [address for network, address in pairs if network == "email"]
    first = won["email"] if won.get("email") in emails else (emails[0] if emails else "")
    shown = {
        field: kept.get(field, newest[field].value if field in newest else "")[: LENGTHS[field]]
        for field in _SHOWN
    }
    if employers and not shown["organisation"]:
        shown["organisation"] = employer_by_address(pairs, employers)[:200]
    return Golden(
        name=name[: LENGTHS["name"]],
        sort_name=fold(name)[: LENGTHS["name"]],
        email=kept.get("email") or first,
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


def winners(statements: Iterable[Statement], rules: Rules) -> dict[str, Won]:
    """What wins of each field that has not its usual way, before what colleagues chose."""
    said = by_field(statements)
    found = {name: winner(name, said, rules) for name in rules.ways}
    return {name: won for name, won in found.items() if won}


def winner(name: str, said: Mapping[str, Sequence[Statement]], rules: Rules) -> Won | None:
    """What wins of one field, and why; `said` are the statements of each field. None where none says something."""
    if name == "name":
        return _won_name(said, rules)
    if name == "email":
        return won_by(name, said.get(SEEN, ()), rules)
    return won_by(name, said.get(name, ()), rules)


def _won_name(said: Mapping[str, Sequence[Statement]], rules: Rules) -> Won | None:
    way = rules.way("name")
    if way is Way.TRUSTED:
        told = [one for part in _NAMES for one in said.get(part, ())]
        for rank in sorted({rules.rank(one) for one in told}):
            theirs = [one for one in told if rules.rank(one) == rank]
            of_rank = by_field(theirs)
            won = _usual_name(of_rank)
            is_whole = "name" in of_rank or len(of_rank) == 2  # a given name alone is no name of theirs
            if won and is_whole and looks_like_a_name(won.value):
                is_trusted = rules.is_trusted(theirs[0])
                return Won(won.value, Reason.TRUSTED, theirs[0].source) if is_trusted else won
    if way is Way.COMPLETE:
        return _fullest_name(said, rules) or _usual_name(said)
    return _usual_name(said)


def _usual_name(said: Mapping[str, Sequence[Statement]]) -> Won | None:
    """The two parts of a name before a whole one, the newest of each."""
    newest = {
        part: max(said[part], key=lambda one: (one.observed_at, one.value))
        for part in ("given_name", "family_name")
        if said.get(part)
    }
    names = list(said.get("name", ()))
    value = _best_name(names, newest)
    is_whole = len(newest) < 2 and any(one.value == value for one in names)
    return Won(value, Reason.NEWEST if is_whole else Reason.PARTS) if value else None


def _fullest_name(said: Mapping[str, Sequence[Statement]], rules: Rules) -> Won | None:
    real = [one for one in said.get("name", ()) if looks_like_a_name(one.value)]
    parts = [
        best_of("name", said[part], rules)[0] for part in ("given_name", "family_name") if said.get(part)
    ]
    if len(parts) == 2:
        joined = " ".join(one.value for one in parts)
        real.append(Statement("name", joined, max(one.observed_at for one in parts)))
    return won_by("name", real, rules)


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
