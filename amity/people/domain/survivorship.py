"""Which of several facts is shown: the newest from the most trusted kind of statement wins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

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


_SHOWN = ("city", "country", "language", "job_title", "organisation")
_LENGTHS = {"city": 200, "country": 80, "language": 12, "job_title": 200, "organisation": 200}


def golden_record(statements: Iterable[Statement], addresses: Iterable[tuple[str, str]]) -> Golden:
    """Derive the shown record from all statements and (network, address) pairs of a person."""
    newest: dict[str, Statement] = {}
    names: list[Statement] = []
    for statement in statements:
        if statement.field == "name":
            names.append(statement)
        known = newest.get(statement.field)
        if known is None or (statement.observed_at, statement.value) > (known.observed_at, known.value):
            newest[statement.field] = statement
    pairs = sorted(set(addresses))
    name = _best_name(names, newest) or _name_of_address(pairs)
    emails = [address for network, address in pairs if network == "email"]
    shown = {field: newest[field].value[: _LENGTHS[field]] if field in newest else "" for field in _SHOWN}
    return Golden(
        name=name[:400],
        sort_name=fold(name)[:400],
        email=emails[0] if emails else "",
        search_text=search_text(
            name,
            *(statement.value for statement in names),
            *(address for _, address in pairs),
            shown["organisation"],
        ),
        **shown,
    )


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
