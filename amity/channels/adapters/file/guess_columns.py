"""Which column means what: names and values weighed against each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from amity.channels.adapters.file.patterns import Profile
from amity.channels.adapters.file.synonyms import header_match

SEVERAL = frozenset({"email", "phone"})
"""Fields that more than one column may fill."""


class ColumnGuess(NamedTuple):
    """What a column seems to hold. `field` is empty where it is left out; `reason` says why in words."""

    column: str
    field: str
    confidence: float
    reason: str


class _Evidence(NamedTuple):
    """What the values say about a field: 0 nothing, 1 proof, negative: it cannot be."""

    weight: float
    reason: str = ""


_IMPOSSIBLE = _Evidence(-1.0)
_SILENT = _Evidence(0.0)


def assign(profiles: Iterable[Profile], fields: Iterable[str]) -> list[ColumnGuess]:
    """The best use of the columns for `fields`: each column once, each field once (or as often as it may)."""
    wanted = list(fields)
    candidates = [
        (score, position, profile, field, reason)
        for position, profile in enumerate(profiles)
        for field in wanted
        for score, reason in [_score(profile, field)]
        if score >= 0.3
    ]
    candidates.sort(key=lambda entry: (-entry[0], entry[1], wanted.index(entry[3])))
    taken_columns: set[str] = set()
    taken_fields: set[str] = set()
    chosen = []
    for score, _, profile, field, reason in candidates:
        if profile.name in taken_columns or (field in taken_fields and field not in SEVERAL):
            continue
        taken_columns.add(profile.name)
        taken_fields.add(field)
        chosen.append(ColumnGuess(profile.name, field, round(min(score, 1.0), 2), reason))
    return chosen


def _score(profile: Profile, field: str) -> tuple[float, str]:
    named = header_match(profile.name, field)
    seen = _EVIDENCE[field](profile) if field in _EVIDENCE and profile.filled else _SILENT
    if seen.weight < 0:
        return 0.0, ""
    words = [f"the name says {_LABELS.get(field, field.replace('_', ' '))}"] if named else []
    words += [seen.reason] if seen.reason else []
    return 0.6 * named + (0.4 if named else 0.5) * seen.weight, ", and ".join(words)


def _shares(kind: str, label: str, least: float = 0.5) -> Callable[[Profile], _Evidence]:
    def look(profile: Profile) -> _Evidence:
        if profile.share(kind) < least:
            return _IMPOSSIBLE
        return _Evidence(profile.share(kind), f"it looks like {label} in {profile.counted(kind)}")

    return look


def _language(profile: Profile) -> _Evidence:
    """A cell with “no” is Norwegian, and far more often no."""
    if profile.share("boolean") >= 0.8:
        return _SILENT
    return _shares("language", "language codes", 0.8)(profile)


def _phone(profile: Profile) -> _Evidence:
    if profile.share("phone") >= 0.5:
        return _Evidence(profile.share("phone"), f"it looks like phone numbers in {profile.counted('phone')}")
    digits = sum(6 <= sum(c.isdigit() for c in example) <= 15 for example in profile.examples)
    return _Evidence(0.2) if digits and profile.date is None else _IMPOSSIBLE


def _date(profile: Profile) -> _Evidence:
    if profile.date is None:
        return _IMPOSSIBLE
    spelled = {"iso": "dates", "words": "dates", "day_first": "dates with the day first"}
    spelled |= {"month_first": "dates with the month first"}
    kind = spelled.get(profile.date.date_format, "times in seconds since 1970")
    count = f"{round(profile.date.share * profile.filled)} of {profile.filled} rows"
    because = f" ({profile.date.reason})" if profile.date.reason else ""
    return _Evidence(profile.date.share, f"it looks like {kind} in {count}{because}")


_LIKE_A_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


def _birthday(profile: Profile) -> _Evidence:
    """Days of birth were typed by many hands: a column of that name holds them also where they are written in several
    ways."""
    like = sum(_LIKE_A_DAY.fullmatch(value) is not None for value in profile.values)
    if profile.date is None and like >= len(profile.values) / 2:
        return _SILENT
    return _date(profile)


def _amount(profile: Profile) -> _Evidence:
    if profile.share("money") < 0.9 or (profile.date is not None and profile.date.date_format != "epoch"):
        return _IMPOSSIBLE
    cents = any(example[-3:-2] in {".", ","} for example in profile.examples)
    return _Evidence(0.7 if cents else 0.3, f"it looks like amounts in {profile.counted('money')}")


def _number(profile: Profile) -> _Evidence:
    return _Evidence(0.3) if profile.share("number") >= 0.9 else _IMPOSSIBLE


def _text(profile: Profile) -> _Evidence:
    if profile.share("email") > 0.5 or profile.share("number") > 0.5 or profile.date is not None:
        return _IMPOSSIBLE
    count = round(profile.words_share * profile.filled)
    if not count:
        return _SILENT
    length = 0.2 if profile.mean_length > 60 else 0.0
    return _Evidence(
        0.8 * profile.words_share + length, f"it holds sentences in {count} of {profile.filled} rows"
    )


def _id(profile: Profile) -> _Evidence:
    if profile.mean_length > 80 or profile.words_share > 0.2:
        return _IMPOSSIBLE
    if profile.distinct_share >= 0.99 and profile.share("id") >= 0.8 and profile.filled > 1:
        return _Evidence(0.4, "every row has a value of its own")
    return _SILENT


def _share_of_names(profile: Profile) -> float:
    """How many of the values are words with blanks between them and no digits, as names of people are."""
    named = sum(
        " " in value and not any(character.isdigit() or character in "@/" for character in value)
        for value in profile.values
    )
    return named / max(1, len(profile.values))


def _number_of_customer(profile: Profile) -> _Evidence:
    if _share_of_names(profile) >= 0.5:
        return _IMPOSSIBLE
    if profile.words_share > 0.2 or profile.date is not None or profile.share("email") > 0.5:
        return _IMPOSSIBLE
    return _Evidence(0.3 if profile.share("id") >= 0.8 else 0.0)


def _short(profile: Profile) -> _Evidence:
    is_short = profile.mean_length <= 60 and profile.share("email") < 0.5 and profile.share("number") < 0.5
    return _SILENT if is_short and profile.date is None else _IMPOSSIBLE


def _name(profile: Profile) -> _Evidence:
    share = _share_of_names(profile)
    if share < 0.5 or _short(profile).weight < 0:
        return _short(profile)
    return _Evidence(
        0.4 * share, f"it looks like names in {round(share * profile.filled)} of {profile.filled} rows"
    )


def _postcode(profile: Profile) -> _Evidence:
    is_code = profile.mean_length <= 10 and profile.words_share == 0 and profile.share("email") == 0
    return _SILENT if is_code else _IMPOSSIBLE


def _few(profile: Profile) -> _Evidence:
    return _SILENT if len(profile.values) <= 12 and profile.mean_length <= 30 else _IMPOSSIBLE


_EVIDENCE: dict[str, Callable[[Profile], _Evidence]] = {
    "email": _shares("email", "e-mail addresses"),
    "phone": _phone,
    "url": _shares("url", "web addresses"),
    "website": _shares("url", "web addresses", 0.3),
    "currency": _shares("currency", "currency codes", 0.8),
    "language": _language,
    "at": _date,
    "birthday": _birthday,
    "amount": _amount,
    "line_price": _amount,
    "line_amount": _amount,
    "line_quantity": _number,
    "items": _number,
    "rating": _number,
    "text": _text,
    "html": _text,
    "id": _id,
    "customer": _number_of_customer,
    "handle": _number_of_customer,
    "name": _name,
    "given_name": _short,
    "family_name": _short,
    "street": _short,
    "postcode": _postcode,
    "region": _short,
    "city": _short,
    "country": _short,
    "organisation": _short,
    "job_title": _short,
    "direction": _few,
    "status": _few,
    "public": _few,
}

_LABELS = {
    "at": "when",
    "email": "e-mail address",
    "handle": "account",
    "customer": "customer number",
    "in_reply_to": "what it answers",
    "id": "number",
    "name": "who it is",
    "line_sku": "article number",
    "line_name": "article",
    "line_quantity": "quantity",
    "line_price": "price",
    "line_amount": "amount of the line",
    "to": "recipient",
    "staff": "colleague",
}
