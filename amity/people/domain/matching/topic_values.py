"""Comparing what has a form of its own: days, addresses of mail, phone numbers, numbers that others gave out."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import phonenumbers
from rapidfuzz.distance import OSA, JaroWinkler

from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Comparison, Levels
from amity.people.domain.matching.words import ALIKE, SAME, TYPO, likeness

BIRTH = Comparison(
    "born_on",
    (
        "missing", "same", "digit_wrong", "day_and_month_swapped", "two_parts_same", "month_apart", "one_part_same",
        "different",
    ),
    (0.80, 0.08, 0.01, 0.04, 0.01, 0.03, 0.03),
    frozenset({1, 2}),
)  # fmt: skip
EMAIL = Comparison(
    "email",
    ("missing", "same", "typing_error", "same_local_part", "alike", "local_part_alike", "different"),
    (0.70, 0.10, 0.05, 0.05, 0.02, 0.08),
    frozenset({1}),
)
PHONE = Comparison(
    "phone",
    ("missing", "same", "same_end", "digit_wrong", "different"),
    (0.75, 0.05, 0.05, 0.15),
    frozenset({1}),
)
IDENTIFIER = Comparison(
    "identifier",
    ("missing", "same", "digit_wrong", "two_digits_wrong", "different"),
    (0.85, 0.08, 0.03, 0.04),
    frozenset({1}),
)
LEAST_DIGITS = (5, 7, 1_000)
"""How many digits a number has of which one is wrong, or two: of shorter ones so many are near that it says nothing."""
TAX, LEAST_OF_TAX = "tax:", 9
ROLES = frozenset(
    "abuse accounting admin bestellung bestellungen billing booking bookings buchhaltung compras contact contacto "
    "einkauf facturacion finance hallo hello hola hostmaster info kontakt mail marketing noc office order orders "
    "pedidos post postmaster purchasing reception rechnung reservas reservations sales security service shop support "
    "team ventas verkauf webmaster".split()
)
"""Local parts that name a desk and not somebody (the first of them by RFC 2142): many hosts have the same one."""
GENDER = Comparison("gender", ("missing", "same", "different"), (0.97, 0.03), frozenset({1}))
_DIGITS = re.compile(r"\D+")
_GENDERS = {"m": "male", "f": "female", "w": "female", "man": "male", "woman": "female", "h": "male"}


class Birth:
    """The day of birth as eight digits, whether or not there is such a day."""

    name = "birth"
    comparisons = (BIRTH,)

    def prepare(self, said: Said) -> str | None:
        """Year, month and day."""
        digits = _DIGITS.sub("", said.born_on)
        return digits if len(digits) == 8 else None

    def compare(self, one: str, other: str) -> Levels:
        """The closest level that holds."""
        if one == other:
            return (1,)
        if OSA.distance(one, other, score_cutoff=1) <= 1:
            return (2,)
        if one[:4] == other[:4] and one[4:6] == other[6:] and one[6:] == other[4:6]:
            return (3,)
        parts = (one[:4] == other[:4]) + (one[4:6] == other[4:6]) + (one[6:] == other[6:])
        if parts == 2:
            return (4,)
        if self._days_apart(one, other) <= 31:
            return (5,)
        return (6,) if one[:4] == other[:4] or one[4:] == other[4:] else (7,)

    def _days_apart(self, one: str, other: str) -> int:
        first, second = _day(one), _day(other)
        return abs(first - second) if first and second else 100_000

    def terms(self, value: str) -> tuple[str, ...]:
        """The day: some stand for one that is not known."""
        return (value,)

    def shown(self, value: str) -> tuple[str, ...]:
        """With dashes."""
        return (f"{value[:4]}-{value[4:6]}-{value[6:]}",)


@lru_cache(maxsize=100_000)
def _day(digits: str) -> int:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).toordinal()
    except ValueError:
        return 0


class Email:
    """Addresses of mail: folded, tags cut off, dots of the local part dropped while comparing loosely."""

    name = "email"
    comparisons = (EMAIL,)

    def prepare(self, said: Said) -> tuple[str, ...] | None:
        """The addresses, distinct and in order."""
        found = sorted({plain_email(email) for email in said.emails if email.strip()})
        return tuple(found) or None

    def compare(self, one: tuple[str, ...], other: tuple[str, ...]) -> Levels:
        """The best pair."""
        if len(one) == 1 and len(other) == 1:
            return (_email_level(one[0], other[0]),)
        return (min(_email_level(first, second) for first in one for second in other),)

    def terms(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """The first address."""
        return (value[0],)

    def shown(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """All addresses."""
        return (", ".join(value),)


@lru_cache(maxsize=100_000)
def plain_email(email: str) -> str:
    """An address in lower case without its tag: 'Ana+shop@Mail.example' is 'ana@mail.example'."""
    local, at, host = email.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}{at}{host}" if at else host


def _email_level(one: str, other: str) -> int:
    if one == other:
        return 1
    slips = OSA.distance(one, other, score_cutoff=3)
    first, second = one.rpartition("@")[0], other.rpartition("@")[0]
    local = likeness(first, second) if first and second else 0
    if slips <= 1 or (slips == 2 and local in {SAME, TYPO}):
        return 2
    if first and first == second:
        return 6 if first in ROLES else 3
    bare, other_bare = one.replace("@", "").replace(".", ""), other.replace("@", "").replace(".", "")
    if OSA.distance(bare[:4], other_bare[:4], score_cutoff=1) <= 1 and (
        slips <= 3 or JaroWinkler.similarity(bare, other_bare) >= 0.92
    ):
        return 4
    return 5 if local in {TYPO, ALIKE} else 6


class Phone:
    """Phone numbers in E.164 where they can be read, else their digits."""

    name = "phone"
    comparisons = (PHONE,)

    def __init__(self, region: str = "") -> None:
        self.region = region

    def prepare(self, said: Said) -> tuple[str, ...] | None:
        """The numbers, distinct and in order."""
        found = sorted({number for phone in said.phones if (number := plain_phone(phone, self.region))})
        return tuple(found) or None

    def compare(self, one: tuple[str, ...], other: tuple[str, ...]) -> Levels:
        """The best pair."""
        return (min(_phone_level(first, second) for first in one for second in other),)

    def terms(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """The first number."""
        return (value[0],)

    def shown(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """All numbers."""
        return (", ".join(value),)


@lru_cache(maxsize=100_000)
def plain_phone(phone: str, region: str = "") -> str:
    """A number in E.164 (ITU-T), by `phonenumbers`; its bare digits where no country is known; empty if too short."""
    digits = _DIGITS.sub("", phone)
    if len(digits) < 6:
        return ""
    if phone.strip().startswith("+") and 10 <= len(digits) <= 15 and _is_e164(phone):
        return f"+{digits}"
    try:
        parsed = phonenumbers.parse(phone, region or None)
    except phonenumbers.NumberParseException:
        return digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _is_e164(phone: str) -> bool:
    """Written as E.164 says already: most numbers are, and parsing takes a hundred times longer."""
    return phone[1:].isascii() and phone[1:].isdigit() and not phone.startswith("+0")


def _phone_level(one: str, other: str) -> int:
    if one == other:
        return 1
    first, second = one.lstrip("+0"), other.lstrip("+0")
    if first[-8:] == second[-8:]:
        return 2
    return 3 if OSA.distance(first, second, score_cutoff=1) <= 1 else 4


class Identifier:
    """Numbers that somebody gave out for one person; and tax numbers, which only speak against.

    Colleagues share the tax number of their company: that it is the same says nothing of one person. Two that differ
    are of two.
    """

    name = "identifier"
    comparisons = (IDENTIFIER,)

    def prepare(self, said: Said) -> tuple[str, ...] | None:
        """Letters and digits of the numbers, distinct and in order; tax numbers behind `TAX`."""
        found = {_plain_number(one) for one in said.identifiers} - {""}
        taxes = {f"{TAX}{number}" for one in said.tax_numbers if (number := _plain_number(one))}
        return tuple(sorted(found | taxes)) or None

    def compare(self, one: tuple[str, ...], other: tuple[str, ...]) -> Levels:
        """The best pair of numbers for one person; where none is the same, tax numbers that differ."""
        best = 0
        for first in one:
            for second in other:
                if not (first.startswith(TAX) or second.startswith(TAX)):
                    level = _number_level(first, second)
                    best = min(best or level, level)
        return (4 if best != 1 and _of_two_payers(one, other) else best,)

    def terms(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """The first number for one person: that tax numbers are the same never counts."""
        return (next((one for one in value if not one.startswith(TAX)), ""),)

    def shown(self, value: tuple[str, ...]) -> tuple[str, ...]:
        """All numbers for one person."""
        return (", ".join(one for one in value if not one.startswith(TAX)),)


def _plain_number(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _number_level(one: str, other: str) -> int:
    """A slip is one in a long number alone: 6031 and 6015 are two numbers of one series."""
    slips = OSA.distance(one, other, score_cutoff=2)
    if not slips:
        return 1
    digits = min(sum(map(str.isdigit, one)), sum(map(str.isdigit, other)))
    return slips + 1 if digits >= LEAST_DIGITS[slips - 1] else 4


def _of_two_payers(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both have tax numbers and no two are the same, but for a slip in a long one."""
    mine = [number for number in one if number.startswith(TAX)]
    theirs = [number for number in other if number.startswith(TAX)]
    return bool(mine and theirs) and not any(_is_slip(first, second) for first in mine for second in theirs)


def _is_slip(one: str, other: str) -> bool:
    return one == other or (
        min(len(one), len(other)) >= len(TAX) + LEAST_OF_TAX and OSA.distance(one, other, score_cutoff=1) == 1
    )


class Gender:
    """What a record says of the gender, in one word."""

    name = "gender"
    comparisons = (GENDER,)

    def prepare(self, said: Said) -> str | None:
        """The word, short forms spelt out."""
        word = said.gender.strip().casefold()
        return _GENDERS.get(word, word) or None

    def compare(self, one: str, other: str) -> Levels:
        """Same or different."""
        return (1 if one == other else 2,)

    def terms(self, value: str) -> tuple[str, ...]:
        """The word."""
        return (value,)

    def shown(self, value: str) -> tuple[str, ...]:
        """The word."""
        return (value,)
