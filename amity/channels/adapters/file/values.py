"""From cell text to values: instants, amounts, handles, yes and no."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo


def words(text: str) -> tuple[str, ...]:
    """The words of a text, for tables of them."""
    return tuple(text.split())


DateParser = Callable[[str], datetime]

DATE_FORMATS = ("iso", "day_first", "month_first", "words", "epoch", "epoch_ms")
"""Named date formats; anything else with a percent sign is a `strptime` pattern."""

_NUMBERED = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})"
    r"(?:[ T,]+(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
)
_WORDED = re.compile(
    r"(\d{4})|(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?|([+-]\d{2}):?(\d{2})\b|(\d{1,2})|([^\W\d_]{3,})"
)
_LOOSE_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s*(.*)"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene",
            "feb fev fév",
            "mar mär mrz",
            "apr avr abr",
            "may mai",
            "jun juin",
            "jul juil",
            "aug aou aoû ago",
            "sep set",
            "oct okt",
            "nov",
            "dec dez dic déc",
        ),
        start=1,
    )
    for name in names.split()
}


def date_parser(date_format: str, timezone: str = "UTC") -> DateParser:
    """A function from text to aware UTC instants; naive times are read in `timezone`.

    `date_format` is one of `DATE_FORMATS` or a `strptime` pattern. The function raises ValueError.
    """
    zone = UTC if timezone in {"UTC", ""} else ZoneInfo(timezone)
    parse = _NAMED.get(date_format) or _pattern_parser(date_format)

    def parse_instant(text: str) -> datetime:
        at = parse(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return at if at.tzinfo is UTC else at.astimezone(UTC)

    return parse_instant


def _pattern_parser(pattern: str) -> DateParser:
    return lambda text: datetime.strptime(text, pattern)  # noqa: DTZ007 (the caller gives it its zone)


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _loose_iso(text)


def _loose_iso(text: str) -> datetime:
    """ISO with one-digit fields, slashes, or a blank before the offset; dates with the month in letters."""
    match = _LOOSE_ISO.fullmatch(text.strip())
    if match is None:
        return _words(text)
    year, month, day, clock, zone = match.groups()
    if clock and clock[1] == ":":
        clock = "0" + clock
    zone = {"UTC": "+00:00", "GMT": "+00:00", "Z": "+00:00"}.get(zone, zone.replace(" ", ""))
    return datetime.fromisoformat(
        f"{year}-{month:0>2}-{day:0>2}T{(clock or '00:00').replace(',', '.')}{zone}"
    )


def _numbered(text: str, *, day_first: bool) -> datetime:
    match = _NUMBERED.fullmatch(text.strip())
    if match is None:
        return _iso(text)
    first, second, year, hour, minute, second_of_minute, half, zone = match.groups()
    day, month = (first, second) if day_first else (second, first)
    return datetime(
        _full_year(year),
        int(month),
        int(day),
        _full_hour(int(hour or 0), half),
        int(minute or 0),
        int(second_of_minute or 0),
        tzinfo=_zone(zone),
    )


def _full_year(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 70 else 1900 + int(year)


def _full_hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _zone(text: str | None) -> ZoneInfo | None:
    if not text:
        return None
    probe = "+00:00" if text in {"Z", "UTC", "GMT"} else text
    return datetime.fromisoformat(f"2000-01-01T00:00:00{probe}").tzinfo  # type: ignore[return-value]


def _words(text: str) -> datetime:
    """Dates with the month in letters (English, German, Spanish, French), in whatever order."""
    (year, month, day), clock, zone = _worded_parts(text)
    if not (year and month and day):
        raise ValueError(text)
    return datetime(year, month, day, *clock, tzinfo=_zone(zone))


def _worded_parts(text: str) -> tuple[tuple[int, int, int], tuple[int, int, int], str | None]:
    """Year, month and day (0 where none is named), the time of day, and the offset."""
    year = day = hour = minute = second = month = 0
    zone = "+00:00" if re.search(r"\b(?:UTC|GMT)\b|Z$", text) else None
    for match in _WORDED.finditer(text):
        full_year, hours, minutes, seconds, half, offset_h, offset_m, number, word = match.groups()
        if full_year:
            year = int(full_year)
        elif hours:
            hour, minute, second = _full_hour(int(hours), half), int(minutes), int(seconds or 0)
        elif offset_h:
            zone = f"{offset_h}:{offset_m}"
        elif number and not day:
            day = int(number)
        elif word:
            # The last one counts: “mar” is also Tuesday in Spanish and French.
            month = _MONTHS.get(word[:4].lower()) or _MONTHS.get(word[:3].lower()) or month
    return (year, month, day), (hour, minute, second), zone


def _epoch(text: str) -> datetime:
    return datetime.fromtimestamp(float(text), UTC)


def _epoch_ms(text: str) -> datetime:
    return datetime.fromtimestamp(int(text) / 1000, UTC)


_WHOLE_DAY = re.compile(r"(\d{1,4})\s?[./-]\s?(\d{1,2})\s?[./-]\s?(\d{1,4})\.?(?:[T ,].*)?")
_DAY_OF_YEAR = re.compile(r"(?:--)?(\d{1,2})\s?[./-]\s?(\d{1,2})\.?")
_LEAP_YEAR = 2000
_JUDGED_YEARS = range(1600, 2200)
"""Of our calendar. Others count other years (1370, 2543) and have days that it has not: 31/02/1370 is one in Iran."""
_ORDERS = ((0, 1, 2), (2, 1, 0), (2, 0, 1))
"""Where year, month and day may stand."""


def is_impossible_day(text: str) -> bool:
    """True for what is written like a day, with or without its year, that is none in any usual order of its numbers:
    31/02/1990. What is no day at all, a year or a month alone, or of another calendar is not judged."""
    text = text.strip()
    if match := _WHOLE_DAY.fullmatch(text):
        parts = match.groups()
        long = [place for place in (0, 2) if len(parts[place]) > 2]
        orders = [order for order in _ORDERS if not long or order[0] in long]
        return not any(_may_be_day(*(parts[place] for place in order)) for order in orders)
    if match := _DAY_OF_YEAR.fullmatch(text):
        first, second = map(int, match.groups())
        if max(first, second) > 31 and 1 <= min(first, second) <= 12:
            return False  # a month: 05/85
        return not (_is_day(_LEAP_YEAR, first, second) or _is_day(_LEAP_YEAR, second, first))
    (year, month, day), _clock, _offset = _worded_parts(text)
    if not (month and day) or (not year and day > 31):  # May 85 is a month
        return False
    return not (year and year not in _JUDGED_YEARS) and not _is_day(year or _LEAP_YEAR, month, day)


def _may_be_day(year: str, month: str, day: str) -> bool:
    full = (
        _full_year(year) if len(year) <= 2 else int(year) or _LEAP_YEAR
    )  # address books write 0000 for no year
    if len(day) > 2:
        return False
    return full not in _JUDGED_YEARS or _is_day(full, int(month), int(day))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_NAMED: dict[str, DateParser] = {
    "iso": _iso,
    "day_first": lambda text: _numbered(text, day_first=True),
    "month_first": lambda text: _numbered(text, day_first=False),
    "words": _words,
    "epoch": _epoch,
    "epoch_ms": _epoch_ms,
}

_PLAIN_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,12})?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SIGNS = "$€£¥₹₽₺₩₫₴₪฿¢"
_PREFIX = re.compile(rf"^([-(+]?)\s*(?:[^\W\d_]{{0,4}}\.?[{_SIGNS}]|[^\W\d_]{{1,4}}\.?)\s*(?=[-\d.,])")
_SUFFIX = re.compile(rf"(?<=[\d.,-])\s*(?:[{_SIGNS}]|[^\W\d_]{{1,4}}\.?)\s*([-)]?)$")
_GAPS = re.compile(r"(?<=\d)[\s\u00a0\u202f'’_](?=\d)")
MAX_AMOUNT = Decimal(10) ** 15


def parse_amount(text: str, *, decimal_comma: bool = False) -> Decimal:
    """An amount or a number as printed: currency signs, thousands, `(12.30)` and `12,30-` for minus.

    Raises ValueError for anything else, also for amounts of 10^15 and more.
    """
    if not decimal_comma and _PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    bare = _PREFIX.sub(r"\1", text.strip().replace("−", "-"), count=1)
    bare = _GAPS.sub("", _SUFFIX.sub(r"\1", bare))
    negative = bare.startswith(("-", "(")) or bare.endswith("-")
    bare = bare.strip("-+() ")
    thousands, point = (".", ",") if decimal_comma else (",", ".")
    whole, _, cents = bare.partition(point)
    if thousands in cents or (thousands in whole and not _is_grouped(whole, thousands)):
        raise ValueError(text)
    bare = whole.replace(thousands, "") + ("." + cents if cents else "")
    if not _NUMBER.fullmatch(bare):
        raise ValueError(text)
    try:
        amount = Decimal(bare)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if amount >= MAX_AMOUNT:
        raise ValueError(text)
    return -amount if negative else amount


def _is_grouped(whole: str, thousands: str) -> bool:
    groups = whole.split(thousands)
    # Indian grouping (1,23,456) has pairs; the last group is always three digits.
    return (
        len(groups[-1]) == 3 and 0 < len(groups[0]) <= 3 and all(2 <= len(group) <= 3 for group in groups[1:])
    )


# Within a name an apostrophe is one: o'brien@. In front of it, or behind it all, it quotes.
_EMAIL = re.compile(r"[^\s@<>\"'(),;:][^\s@<>\"(),;:]{0,63}@[^\s@<>\"'(),;:]+\.[^\s@<>\"'(),;:.]{2,}")
_ANGLED = re.compile(r"\s*\"?([^\"<]*?)\"?\s*<([^<>]+)>\s*")
_PHONE_NOISE = re.compile(r"[\s\u00a0().\-/–]|\(0\)")
_EXTENSION = re.compile(
    r"[\s,;]*(?:ext(?:ension|n)?[.:=]?|x|#|durchwahl|dw\.?|klappe|kl\.|nst\.?|app\.|poste)\s*\d+$",
    re.IGNORECASE,
)
_TEL = re.compile(r"^tel:", re.IGNORECASE)
_HANDLE = re.compile(
    r"(?:https?://)?(?:www\.|mobile\.)?(?:[\w-]+\.)*\w+\.[a-z]{2,}/@?([^/?#\s]+).*", re.IGNORECASE
)


def is_email(text: str) -> bool:
    """True for something that looks like one e-mail address."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def split_name(text: str) -> tuple[str, str]:
    """Name and address of `Name <address>`; the name is empty where there is only an address."""
    match = _ANGLED.fullmatch(text)
    return (match.group(1).strip(), match.group(2).strip()) if match else ("", text.strip())


def normalise_address(network: str, text: str, region: str = "") -> str:
    """The one spelling of an address at a network; empty where there is none in `text`.

    `region` is the country (ISO 3166, two letters) of phone numbers that do not say theirs.
    """
    text = text.strip()
    if network == "email":
        text = text.lower().removeprefix("mailto:")
        return text if is_email(text) else ""
    if network == "phone":
        return _in_region(_phone(text), region)
    if network.startswith("customer:"):
        return text
    return _handle(text)


def _phone(text: str) -> str:
    if not text.isascii():
        text = "".join(map(_plain, text))
    text = _EXTENSION.sub("", _TEL.sub("", text).strip())
    text = _PHONE_NOISE.sub("", text.replace("(0)", ""))
    if text.startswith("00"):
        text = "+" + text[2:]
    digits = text.removeprefix("+")
    return text if digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 15 else ""


def _plain(sign: str) -> str:
    """A digit of any script as ASCII, a dash of any kind as "-"; nothing for marks of direction that address books of
    telephones put around a number."""
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if kind == "Cf":
        return ""
    return {"＋": "+", "（": "(", "）": ")", "−": "-"}.get(sign, "-" if kind == "Pd" else sign)


def _in_region(number: str, region: str) -> str:
    """E.164 for a national number; what no country has stays as it is."""
    if not region or not number or number.startswith("+"):
        return number
    import phonenumbers  # slow to load

    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _handle(text: str) -> str:
    if "/" in text and (match := _HANDLE.fullmatch(text)):
        text = match.group(1)
    return text.lstrip("@").lower()


_YES = frozenset(words("true t yes y 1 x ja j oui o sí si s wahr vrai verdadero public on"))


def is_yes(text: str) -> bool:
    """True for the usual words for yes."""
    return text.strip().lower() in _YES


_UNWANTED = re.compile("[\x00\ud800-\udfff]")


def clean_text(text: str) -> str:
    """Without NUL and lone surrogates, which no database or UTF-8 stream can hold."""
    return _UNWANTED.sub("", text)
