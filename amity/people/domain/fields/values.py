"""Values of a company's own fields: read from what somebody typed, kept in one spelling, stored so that they are found.

The one spelling (canonical text) is what a fact holds: a number as 1234.5, a date as 2026-03-04, an option by its key,
several as keys joined with commas, a person as the id of an identity of theirs, yes or no, an address with its scheme.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit
from uuid import UUID

from amity.activity.shaping import identity_id
from amity.channels.adapters.file.values import date_parser, is_email, parse_amount
from amity.channels.records import Handle
from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.folding import fold

LONGEST_TEXT = 2_000
LONGEST_WORD = 200
"""Characters by which a text is sorted and compared; a longer one is found by these and its words."""
MOST_DIGITS, MOST_DECIMALS = 15, 6
YES, NO = "yes", "no"
_YES = frozenset("true t yes y 1 x ja j oui o si sí s wahr vrai on".split())
_NO = frozenset("false f no n 0 nein non falsch faux off".split())
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_SIGNS = {"€": "EUR", "£": "GBP", "¥": "JPY CNY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW"}
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_BETWEEN = re.compile(r"[,;|\n]")


class Refused(Exception):
    """This is no value of the field. `code` says why; `amity.people.field_words` says it in words."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers and dates are written where a value comes from."""

    decimal_comma: bool
    date: Callable[[str], datetime]


CANONICAL = Notation(False, date_parser("iso"))


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the table by which people are filtered and sorted. What a kind does not use is empty."""

    place: int
    value: str
    word: str = ""
    number: Decimal | None = None
    day: date | None = None
    words: str | None = None


def read(definition: Definition, text: str, notation: Notation = CANONICAL) -> str:
    """What somebody wrote as the canonical text of a value; "" for nothing. Raises `Refused`."""
    text = text.strip()
    return _READERS[definition.kind](definition, text, notation) if text else ""


def _text(_definition: Definition, text: str, _notation: Notation) -> str:
    if len(text) > LONGEST_TEXT:
        raise Refused("too_long", text)
    return text


def _number(_definition: Definition, text: str, notation: Notation) -> str:
    try:
        found = parse_amount(text, decimal_comma=notation.decimal_comma)
    except (ValueError, InvalidOperation) as error:
        raise Refused("number", text) from error
    return _plain(found, text)


def _plain(found: Decimal, text: str) -> str:
    plain = format(found.normalize(), "f")
    whole, _, decimals = plain.lstrip("-").partition(".")
    if len(whole) > MOST_DIGITS or len(decimals) > MOST_DECIMALS:
        raise Refused("too_precise", text)
    return "0" if plain == "-0" else plain


def _money(definition: Definition, text: str, notation: Notation) -> str:
    codes = set(_CODE.findall(text)) | {
        code for sign, named in _SIGNS.items() if sign in text for code in named.split()
    }
    if codes and definition.currency not in codes:
        raise Refused("currency", text)
    return _number(definition, text, notation)


def _date(_definition: Definition, text: str, notation: Notation) -> str:
    try:
        # A day is a day everywhere: the zone in which a time of it is read does not move it.
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return notation.date(text).date().isoformat()
    except (ValueError, OverflowError) as error:
        raise Refused("date", text) from error


def _choice(definition: Definition, text: str, _notation: Notation) -> str:
    wanted = fold(text)
    for option in definition.offered:
        if text == option.key or wanted == fold(option.label):
            return option.key
    raise Refused("choice", text)


def _choices(definition: Definition, text: str, notation: Notation) -> str:
    try:
        chosen = {_choice(definition, text, notation)}  # a label may hold a comma
    except Refused:
        parts = [part.strip() for part in _BETWEEN.split(text)]
        chosen = {_choice(definition, part, notation) for part in parts if part}
    return ",".join(option.key for option in definition.options if option.key in chosen)


def _person(_definition: Definition, text: str, _notation: Notation) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        pass
    address = text.removeprefix("mailto:").lower()
    if not is_email(address):
        raise Refused("person", text)
    return str(identity_id(Handle("email", address)))


def _url(_definition: Definition, text: str, _notation: Notation) -> str:
    whole = text if _SCHEME.match(text) and "://" in text else f"https://{text}"
    try:
        parts = urlsplit(whole)
        host = parts.hostname or ""
    except ValueError as error:
        raise Refused("url", text) from error
    if (
        parts.scheme.lower() not in ("http", "https")
        or "." not in host.strip(".")
        or len(whole) > LONGEST_TEXT
        or any(character.isspace() for character in whole)
    ):
        raise Refused("url", text)
    return whole


def _yes_no(_definition: Definition, text: str, _notation: Notation) -> str:
    word = text.casefold()
    if word in _YES:
        return YES
    if word in _NO:
        return NO
    raise Refused("yes_no", text)


_READERS: dict[Kind, Callable[[Definition, str, Notation], str]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.PERSON: _person,
    Kind.URL: _url,
    Kind.YES_NO: _yes_no,
}


def shown(definition: Definition, canonical: str) -> str:
    """What counts of a canonical text now: options that were taken out are what became of them; "" for no value."""
    return (
        ",".join(dict.fromkeys(row.word for row in stored(definition, canonical) if row.word))
        if (definition.kind.has_options)
        else next((row.value for row in stored(definition, canonical)), "")
    )


def stored(definition: Definition, canonical: str) -> tuple[Stored, ...]:
    """The rows of a canonical text; none for what is no value of this kind, whoever said it."""
    kind = definition.kind
    if not canonical:
        return ()
    if kind.has_options:
        keys = canonical.split(",") if kind is Kind.CHOICES else [canonical]
        return tuple(
            Stored(place, key, definition.settled(key))
            for place, key in enumerate(keys)
            if definition.option(key)
        )
    try:
        value = _READERS[kind](definition, canonical, CANONICAL)
    except Refused:
        return ()
    if kind in (Kind.NUMBER, Kind.MONEY):
        return (Stored(0, value, number=Decimal(value)),)
    if kind is Kind.DATE:
        return (Stored(0, value, day=date.fromisoformat(value)),)
    if kind in (Kind.PERSON, Kind.YES_NO):
        return (Stored(0, value, value),)
    folded = fold(value)
    return (Stored(0, value, folded[:LONGEST_WORD] or value[:LONGEST_WORD], words=folded),)
