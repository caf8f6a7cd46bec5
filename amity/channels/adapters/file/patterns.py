"""What the values of a column look like: the evidence for guessing its meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from amity.channels.adapters.file.values import (
    date_parser,
    is_email,
    normalise_address,
    parse_amount,
    split_name,
    words,
)

_URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)*")
_ID = re.compile(r"[#A-Za-z]{0,8}[-_/.]?\d[\w./-]{0,40}|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
_PHONE = re.compile(r"(?:\+|00?)[\d\s().\-/]{6,20}|\(\d{2,5}\)[\d\s\-]{5,12}|\d{3}-\d{3}-\d{4}")
_MONEY = re.compile(
    r"[-(]?\s*(?:[A-Z]{3}|[^\w\s]{1,3})?\s*-?\d[\d., '’]*\s*(?:[A-Z]{3}|[^\w\s]{1,3})?\s*\)?-?"
)
_DATE_LIKE = re.compile(r".*\d.*")
_NUMBERED_DATE = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d{2})\b")
_ISO_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?!\d)")
_HANDLE = re.compile(r"@[A-Za-z0-9_.]{1,50}(?:@[\w.-]+)?")
_CURRENCIES = frozenset(
    words(
        "EUR USD GBP CHF SEK NOK DKK PLN CZK HUF RON BGN ISK TRY UAH RUB JPY CNY HKD TWD KRW INR IDR MYR PHP SGD THB "
        "VND AUD NZD CAD MXN BRL ARS CLP COP PEN ZAR NGN KES EGP MAD ILS AED SAR QAR KWD"
    )
)
_LANGUAGES = frozenset(
    words(
        "en de es fr it pt nl sv no nb da fi pl cs sk hu ro bg el tr uk ru ja zh ko hi id ms th vi ar he ca eu gl hr "
        "sl sr et lv lt is ga und"
    )
)
_BOOLEANS = frozenset(words("true false yes no y n 0 1 t f ja nein oui non sí si wahr falsch vrai faux"))


def looks_like_data(cell: str) -> bool:
    """True for a cell that no one would use as the name of a column."""
    cell = cell.strip()
    return bool(
        is_email(cell)
        or _URL.fullmatch(cell)
        or _NUMBER.fullmatch(cell)
        or _ISO_DATE.match(cell)
        or _NUMBERED_DATE.match(cell)
        or _HANDLE.fullmatch(cell)
        or len(cell) > 200
    )


_KINDS: dict[str, Callable[[str], object]] = {
    "email": lambda cell: is_email(split_name(cell)[1]),
    "phone": lambda cell: _PHONE.fullmatch(cell) and normalise_address("phone", cell),
    "url": _URL.fullmatch,
    "handle": _HANDLE.fullmatch,
    "currency": lambda cell: cell in _CURRENCIES,
    "language": lambda cell: cell.lower().replace("_", "-").split("-")[0] in _LANGUAGES and len(cell) <= 8,
    "boolean": lambda cell: cell.lower() in _BOOLEANS,
    "number": _NUMBER.fullmatch,
    "money": lambda cell: _MONEY.fullmatch(cell) and any(character.isdigit() for character in cell),
    "id": _ID.fullmatch,
}


@dataclass(frozen=True, slots=True)
class DateEvidence:
    """Which date format the values are in. `is_sure` is False where the values allow two readings."""

    date_format: str
    share: float
    is_sure: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What was seen in one column. Shares are of the rows that are not empty."""

    name: str
    rows: int
    filled: int
    shares: dict[str, float] = field(default_factory=dict)
    date: DateEvidence | None = None
    distinct_share: float = 0.0
    mean_length: float = 0.0
    words_share: float = 0.0  # of cells with at least four words
    examples: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()

    def share(self, kind: str) -> float:
        return self.shares.get(kind, 0.0)

    def counted(self, kind: str) -> str:
        """`98 of 100 rows`, for reasons in words."""
        return f"{round(self.share(kind) * self.filled)} of {self.filled} rows"


def profile_column(name: str, cells: Sequence[str]) -> Profile:
    """Look at all cells of one column."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    count = len(filled)
    if not count:
        return Profile(name, len(cells), 0)
    shares = {kind: sum(1 for cell in filled if test(cell)) / count for kind, test in _KINDS.items()}
    return Profile(
        name,
        len(cells),
        count,
        shares={kind: share for kind, share in shares.items() if share},
        date=detect_date(filled),
        distinct_share=len(set(filled)) / count,
        mean_length=sum(map(len, filled)) / count,
        words_share=sum(1 for cell in filled if len(cell.split()) >= 4) / count,
        examples=tuple(dict.fromkeys(filled))[:3],
        values=frozenset(filled),
    )


def detect_date(cells: Sequence[str]) -> DateEvidence | None:
    """The date format that reads most of `cells`, None where none reads four fifths of them."""
    numbered = [match for cell in cells if (match := _NUMBERED_DATE.match(cell))]
    if len(numbered) >= 0.8 * len(cells):
        return _day_or_month_first([(int(m.group(1)), int(m.group(2))) for m in numbered], cells)
    if epoch := _epoch_format(cells):
        return DateEvidence(epoch, 1.0, reason="seconds or milliseconds since 1970")
    for date_format in ("iso", "words"):
        share = _parsed_share(cells, date_format)
        if share >= 0.8:
            return DateEvidence(date_format, share)
    return None


def _day_or_month_first(pairs: list[tuple[int, int]], cells: Sequence[str]) -> DateEvidence | None:
    day_first = sum(first > 12 for first, _ in pairs)
    month_first = sum(second > 12 for _, second in pairs)
    if day_first >= month_first:
        date_format, proof, other = "day_first", day_first, month_first
    else:
        date_format, proof, other = "month_first", month_first, day_first
    if not proof and not other and _has_half_days(cells):
        date_format = "month_first"
    share = _parsed_share(cells, date_format)
    if share < 0.8:
        return None
    if proof and not other:
        which = "second" if date_format == "month_first" else "first"
        return DateEvidence(date_format, share, reason=f"the {which} number goes above 12 in {proof} rows")
    return DateEvidence(date_format, share, is_sure=False, reason="day and month cannot be told apart")


def _has_half_days(cells: Sequence[str]) -> bool:
    return any(cell.upper().endswith(("AM", "PM")) for cell in cells)


def _epoch_format(cells: Sequence[str]) -> str:
    numbers = [float(cell) for cell in cells if re.fullmatch(r"\d{9,13}(?:\.\d{1,9})?", cell)]
    if len(numbers) < 0.95 * len(cells):
        return ""
    if all(5e8 < number < 4e9 for number in numbers):
        return "epoch"
    return "epoch_ms" if all(5e11 < number < 4e12 for number in numbers) else ""


def _parsed_share(cells: Sequence[str], date_format: str) -> float:
    parse = date_parser(date_format)
    return sum(1 for cell in cells if len(cell) >= 6 and _DATE_LIKE.match(cell) and _can(parse, cell)) / len(
        cells
    )


def _can(parse: Callable[[str], object], cell: str) -> bool:
    try:
        parse(cell)
    except (ValueError, OverflowError):
        return False
    return True


def uses_decimal_comma(cells: Iterable[str]) -> bool | None:
    """True for `1.234,56`, False for `1,234.56`, None where the values do not say."""
    votes: Counter[bool] = Counter()
    for cell in cells:
        digits = re.sub(r"[^\d.,]", "", cell)
        last = max(digits.rfind(","), digits.rfind("."))
        if last < 0:
            continue
        sign, after, before = digits[last], len(digits) - last - 1, digits[:last]
        other = "." if sign == "," else ","
        if after != 3 or other in before or (before.lstrip("0") == "" and sign not in before):
            if sign not in before:
                votes[sign == ","] += 1
        elif sign in before:
            votes[sign != ","] += 1
    if not votes:
        return None
    winner, _ = votes.most_common(1)[0]
    return (
        winner
        if all(_parses(cell, winner) for cell in cells) or votes[winner] > 2 * votes[not winner]
        else None
    )


def _parses(cell: str, decimal_comma: bool) -> bool:
    try:
        parse_amount(cell, decimal_comma=decimal_comma)
    except ValueError:
        return False
    return True
