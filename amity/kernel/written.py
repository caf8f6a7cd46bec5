"""Days, numbers and sums as the one who reads writes them.

English without a country is read as European English (12 Mar, 14:38, 1,213.00 €), the locale en-150 of CLDR. Babel and
its words take 3 MB of a process: they are loaded with the first day or number that somebody reads.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import get_language, to_locale

if TYPE_CHECKING:
    from babel import Locale


EUROPEAN_ENGLISH = "en_150"


@lru_cache(maxsize=32)
def _locale(language: str) -> Locale:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(EUROPEAN_ENGLISH if language == "en" else to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(EUROPEAN_ENGLISH)


def reader(language: str = "") -> Locale:
    """The CLDR locale of a language code ("de", "en-us"), by default of the language in force."""
    return _locale(language or get_language() or "en")


def day_as(skeleton: str, day: date) -> str:
    """A day, or an instant in the reader's time zone, with the parts of a CLDR skeleton: `yMMMd` is 4 May 2022."""
    from babel.dates import format_skeleton

    return str(format_skeleton(skeleton, day, locale=reader()))


def whole(number: int) -> str:
    """A number with its groups: 12,345."""
    from babel.numbers import format_decimal

    return str(format_decimal(number, locale=reader()))


def compact(number: int, *, digits: int = 0) -> str:
    """A large number as a word: 12K."""
    from babel.numbers import format_compact_decimal

    return str(format_compact_decimal(number, locale=reader(), fraction_digits=digits))


def sum_of(amount: Decimal, currency: str) -> str:
    """An amount inside a sentence: €12.50. `currency` is a code of ISO 4217."""
    from babel.numbers import format_currency

    return str(format_currency(amount, currency, locale=reader()))
