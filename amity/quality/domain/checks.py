"""What is wrong with a value, and what it probably should be: plain functions of text.

A check gives a reason, a stable word, or "" where nothing is wrong. A suggestion gives the value that was meant where
that is as good as certain; it never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from amity.channels.adapters.file.values import is_email
from amity.people.domain.folding import fold
from amity.quality.domain import words

Check = Callable[[str], str]
LONGEST_LIFE = timedelta(days=366 * 120)
_BLANKS = re.compile(r"\s{2,}|^\s|\s$")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_SITE = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:/\S*)?", re.IGNORECASE)
REASONS = (
    "placeholder", "blanks", "no_letters", "syntax", "mistyped", "unreachable", "not_international", "impossible",
    "unknown", "implausible",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`is_safe`: it may be applied to many at once, for whoever looks at one value would say the same."""

    value: str
    is_safe: bool = True


def is_placeholder(value: str) -> bool:
    """Whether somebody typed it only because a form wanted something: test, n/a, asdf, xxx, ---."""
    plain = fold(value)
    if not plain:
        return True
    return plain in words.PLACEHOLDERS or (len(plain) > 2 and len(set(plain)) == 1 and not plain.isdigit())


def check_words(value: str) -> str:
    """Of words that may be anything but a placeholder."""
    if is_placeholder(value):
        return "placeholder"
    return "blanks" if _BLANKS.search(value) else ""


def check_name(value: str) -> str:
    """Of what people, places and houses are called: that has a letter."""
    if found := check_words(value):
        return found
    return "" if any(letter.isalpha() for letter in value) else "no_letters"


def check_email(value: str) -> str:
    """Of an address: syntax, and a provider that exists."""
    if not is_email(value.strip()):
        return "syntax"
    local, _, domain = value.strip().lower().rpartition("@")
    if domain in words.MISTYPED:
        return "mistyped"
    return "placeholder" if local in words.PLACEHOLDERS and domain.startswith("example.") else ""


def check_phone(value: str) -> str:
    """Of a number: written for callers from anywhere (E.164), and as long as numbers there are."""
    if not value.startswith("+"):
        return "not_international"
    import phonenumbers

    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException:
        return "syntax"
    return "" if phonenumbers.is_possible_number(number) else "impossible"


def check_country(value: str) -> str:
    """Of a country: its code of two letters."""
    return "" if value in words.country_codes() else "unknown"


def check_language(value: str) -> str:
    """Of a language: a code (ISO 639), with or without a region."""
    primary, _, region = value.partition("-")
    if primary not in words.language_codes():
        return "unknown"
    return "" if not region or re.fullmatch(r"[A-Za-z0-9]{2,8}(?:-[A-Za-z0-9]{2,8})*", region) else "syntax"


def birthday_check(today: date) -> Check:
    """A check of birthdays as of `today`: a date that somebody alive can have."""

    def check(value: str) -> str:
        if not _ISO.fullmatch(value):
            return "syntax"
        try:
            born = date.fromisoformat(value)
        except ValueError:
            return "syntax"
        return "" if today - LONGEST_LIFE <= born <= today else "implausible"

    return check


def check_site(value: str) -> str:
    """Of an address on the web."""
    return "" if _SITE.fullmatch(value.strip()) else "syntax"


# --------------------------------------------------------------------------------------------------------- suggestions


def tidy(value: str) -> str:
    """The same words with single blanks between them."""
    return " ".join(value.split())


def suggest_words(value: str) -> Suggestion | None:
    plain = tidy(value)
    return Suggestion(plain) if plain != value and not is_placeholder(plain) else None


def suggest_email(value: str) -> Suggestion | None:
    """Without blanks, in small letters, at the provider that was meant."""
    bare = "".join(value.split()).lower().removeprefix("mailto:").rstrip(".,;")
    local, _, domain = bare.rpartition("@")
    bare = f"{local}@{words.MISTYPED.get(domain, domain)}"
    return Suggestion(bare) if bare != value and not check_email(bare) else None


def suggest_phone(value: str, country: str) -> Suggestion | None:
    """For callers from anywhere, where the country is known or the number says it."""
    import phonenumbers

    if value.startswith("00"):
        value = "+" + value[2:]
    if not value.startswith("+") and country not in words.country_codes():
        return None
    try:
        number = phonenumbers.parse(value, None if value.startswith("+") else country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return Suggestion(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def suggest_country(value: str) -> Suggestion | None:
    """The code of a country that is written out, or in small letters."""
    code = value.strip().upper()
    if code in words.country_codes():
        return Suggestion(code)
    found = words.countries_by_name().get(fold(value))
    return Suggestion(found) if found else None


def suggest_language(value: str) -> Suggestion | None:
    """The code of a language that is written out, in capitals, or with an underscore."""
    code = value.strip().replace("_", "-")
    primary, _, region = code.partition("-")
    code = primary.lower() + (f"-{region}" if region else "")
    if not check_language(code):
        return Suggestion(code) if code != value else None
    found = words.languages_by_name().get(fold(value))
    return Suggestion(found) if found else None


def suggest_date(value: str) -> Suggestion | None:
    """A date as ISO 8601: with dots the day is first; with slashes only where it cannot be the month."""
    match = _DOTTED.fullmatch(value.strip())
    if match is None:
        match = _SLASHED.fullmatch(value.strip())
        if match is None or int(match.group(1)) <= 12:
            return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return Suggestion(date(year, month, day).isoformat())
    except ValueError:
        return None
