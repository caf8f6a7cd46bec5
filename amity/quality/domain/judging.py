"""What is wrong with the record of one person, as far as some of its sources tell.

A person is judged in scopes: by all that is said of them, and by what each source and each team's sources say alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from amity.people.domain.folding import fold
from amity.people.domain.survivorship import looks_like_a_name
from amity.quality.domain.fields import RECORD, Field, Problem

Found = tuple[str, Problem]  # key of a field, what is wrong with it


@dataclass(frozen=True, slots=True)
class Said:
    """A value that a source gave, when last."""

    field: str
    value: str
    source: str
    at: datetime


Newest = Mapping[str, Mapping[str, Said]]  # field → source → the newest that it says


@dataclass(slots=True)
class Address:
    """An address of theirs: by which sources it is named, when last. `is_dead`: mails to it come back."""

    network: str
    address: str
    named: dict[str, datetime] = field(default_factory=dict)
    is_dead: bool = False


@dataclass(slots=True)
class Told:
    """All that is known of one person. `wins`: by field what the rules of the company show of several values, where
    they are not the usual ones and nothing is `chosen`. `shared` are fields whose value somebody else has too, by the
    sources that say so; `is_doubled`: it waits among the duplicates."""

    said: list[Said] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    chosen: Mapping[str, str] = field(default_factory=dict)
    wins: Mapping[str, str] = field(default_factory=dict)
    last_spoke: datetime | None = None
    shared: Mapping[str, Collection[str]] = field(default_factory=dict)
    is_doubled: bool = False

    @property
    def sources(self) -> set[str]:
        """Which sources tell of them."""
        return {one.source for one in self.said} | {source for one in self.addresses for source in one.named}


def judge(
    told: Told,
    fields: Sequence[Field],
    fresh_since: datetime | None,
    sources: Collection[str] | None = None,
    newest: Newest | None = None,
) -> list[Found]:
    """What is wrong, by what these sources say (None: by all). `fresh_since`: what nobody confirmed since is stale.

    `newest` is `newest_of(told.said)`, where that is known already. Sources are ids as text, which is compared faster.
    """
    newest = newest_of(told.said) if newest is None else newest
    found: list[Found] = []
    for one in fields:
        if one.key == RECORD:
            if told.is_doubled and sources is None:
                found.append((RECORD, Problem.SHARED))
        elif one.network:
            found += [(one.key, problem) for problem in _of_addresses(one, told, fresh_since, sources)]
            if one.network == "phone":
                found += _of_prefix(one, told, newest, sources)
        else:
            found += [(one.key, problem) for problem in _of_values(one, told, newest, fresh_since, sources)]
    return found


def newest_of(said: Iterable[Said]) -> Newest:
    """The newest value of each field that each source gives."""
    newest: dict[str, dict[str, Said]] = {}
    for one in said:
        if one.field == "name" and not looks_like_a_name(one.value):
            continue  # an address in the place of a name is none
        of_field = newest.setdefault(one.field, {})
        known = of_field.get(one.source)
        if known is None or (known.at, known.value) < (one.at, one.value):
            of_field[one.source] = one
    return newest


def values_of(one: Field, newest: Newest) -> Mapping[str, Said]:
    """What each source says of a field; a name also in its parts."""
    said = newest.get(one.key, {})
    if one.key != "name":
        return said
    given, family = newest.get("given_name", {}), newest.get("family_name", {})
    whole = {
        source: Said("name", f"{given[source].value} {family[source].value}", source, given[source].at)
        for source in given
        if source in family
    }
    return {**said, **whole} if whole else said


def shown_of(one: Field, told: Told, sources: Collection[str] | None = None) -> str:
    """The value that is judged: what a colleague chose, else what the rules show; "" where there is none."""
    if one.network:
        addresses = _addresses(one, told, sources)
        return _shown_address(one, told, addresses, sources)
    said = [
        value
        for source, value in values_of(one, newest_of(told.said)).items()
        if sources is None or source in sources
    ]
    return _shown(one, told, said, sources)


def _shown(one: Field, told: Told, said: Sequence[Said], sources: Collection[str] | None) -> str:
    chosen = told.chosen.get(one.key, "")
    if sources is None and said and (chosen or told.wins.get(one.key)):
        return chosen or told.wins[one.key]
    return max(said, key=lambda value: (value.at, value.value)).value if said else ""


def _of_values(
    one: Field, told: Told, newest: Newest, fresh_since: datetime | None, sources: Collection[str] | None
) -> Iterator[Problem]:
    every = values_of(one, newest)
    said = [value for source, value in every.items() if sources is None or source in sources]
    shown = _shown(one, told, said, sources)
    if not one.counts(shown).strip():
        yield Problem.MISSING
        return
    if _checked(one, shown):
        yield Problem.INVALID
    if one.ages and fresh_since is not None:
        confirmed = [value.at for value in said if value.value == shown] or [value.at for value in said]
        if max(confirmed) < fresh_since:
            yield Problem.STALE
    if _is_contradictory(one, shown, told, newest, sources):
        yield Problem.CONFLICT
    if one.identifies and _is_shared(one, told, sources):
        yield Problem.SHARED


def _is_contradictory(
    one: Field, shown: str, told: Told, newest: Newest, sources: Collection[str] | None
) -> bool:
    """Whether sources disagree and nobody chose; what breaks the rule of the field has no say."""
    if one.key == "language" and _is_of_another_script(shown, told, newest):
        return True
    if not one.is_single or told.chosen.get(one.key):
        return False
    valid = {
        source: said
        for source, said in values_of(one, newest).items()
        if one.counts(said.value) and not _checked(one, said.value)
    }
    return len(valid) > 1 and _disagree(one, valid, sources)


def _is_shared(one: Field, told: Told, sources: Collection[str] | None) -> bool:
    by = told.shared.get(one.key, ())
    return bool(by) and (sources is None or any(source in sources for source in by))


def _disagree(one: Field, every: Mapping[str, Said], sources: Collection[str] | None) -> bool:
    if one.key == "name":
        names = {source: frozenset(fold(value.value).split()) for source, value in every.items()}
        return any(
            not _may_be_one_name(names[mine], names[other])
            for mine in names
            if sources is None or mine in sources
            for other in names
            if other != mine
        )
    same = {source: one.same(value.value) for source, value in every.items()}
    if len(set(same.values())) < 2:
        return False
    return sources is None or any(
        same[mine] != same[other] for mine in same if mine in sources for other in same
    )


def _may_be_one_name(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two names can be of one person: each word of the shorter stands in the longer, or as an initial there."""
    short, long = sorted((one, other), key=len)
    return all(
        any(word[0] == whole[0] and 1 in (len(word), len(whole)) for whole in long) for word in short - long
    )


# ----------------------------------------------------------------------------------------------------------- addresses


def _addresses(one: Field, told: Told, sources: Collection[str] | None) -> list[Address]:
    def fits(network: str) -> bool:
        return network == one.network or network.startswith(f"{one.network}:")

    return [
        address
        for address in told.addresses
        if fits(address.network) and (sources is None or any(source in sources for source in address.named))
    ]


def _shown_address(
    one: Field, told: Told, addresses: Sequence[Address], sources: Collection[str] | None
) -> str:
    values = sorted(address.address for address in addresses)
    if one.network == "phone":  # one that is right will do
        return next((value for value in values if not _checked(one, value)), values[0] if values else "")
    preferred = (told.chosen.get(one.key, ""), told.wins.get(one.key, "")) if sources is None else ()
    return next((value for value in preferred if value in values), values[0] if values else "")


def _of_addresses(
    one: Field, told: Told, fresh_since: datetime | None, sources: Collection[str] | None
) -> Iterator[Problem]:
    addresses = _addresses(one, told, sources)
    shown = _shown_address(one, told, addresses, sources)
    if not shown:
        yield Problem.MISSING
        return
    if _checked(one, shown) or any(each.is_dead for each in addresses if each.address == shown):
        yield Problem.INVALID
    if one.ages and fresh_since is not None:
        confirmed = [
            at
            for each in addresses
            for source, at in each.named.items()
            if sources is None or source in sources
        ]
        if sources is None and told.last_spoke is not None:
            confirmed.append(told.last_spoke)
        if confirmed and max(confirmed) < fresh_since:
            yield Problem.STALE
    if one.identifies and _is_shared(one, told, sources):
        yield Problem.SHARED


def _of_prefix(one: Field, told: Told, newest: Newest, sources: Collection[str] | None) -> Iterator[Found]:
    """A number of another country than the one in which they are said to be; one that fits is enough."""
    numbers = [each.address for each in _addresses(one, told, sources) if each.address.startswith("+")]
    country = told.chosen.get("country") or told.wins.get("country", "") if sources is None else ""
    said = [v for source, v in newest.get("country", {}).items() if sources is None or source in sources]
    if not country and said:
        country = max(said, key=lambda value: (value.at, value.value)).value
    regions = frozenset(region for number in numbers for region in regions_of(number))
    if regions and len(country) == 2 and country not in regions:
        yield one.key, Problem.CONFLICT


@lru_cache(maxsize=20_000)
def _regions_of_prefix(prefix: str) -> frozenset[str]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    for length in (1, 2, 3):
        if (code := prefix[:length]) and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            return frozenset(COUNTRY_CODE_TO_REGION_CODE[int(code)]) - {"001"}
    return frozenset()


def regions_of(number: str) -> frozenset[str]:
    """The countries that share the prefix of an international number; none for numbers of no country."""
    digits = number[1:4]
    return _regions_of_prefix(digits) if digits.isascii() and digits.isdigit() else frozenset()


# -------------------------------------------------------------------------------------------------------------- caches


def _checked(one: Field, value: str) -> str:
    """The reason why a value is not valid. Values of few kinds come again and again, addresses never."""
    if one.network or not one.is_settled:
        return one.check(value)
    key = (one.key, value)
    if key not in _reasons:
        if len(_reasons) > _MOST_REASONS:
            _reasons.clear()
        _reasons[key] = one.check(value)
    return _reasons[key]


_MOST_REASONS = 50_000
_reasons: dict[tuple[str, str], str] = {}

_LATIN = frozenset("en de fr es it nl pt sv da nb no fi pl cs sk hu ro hr sl et lv lt tr is ga ca eu".split())


def _is_of_another_script(language: str, told: Told, newest: Newest) -> bool:
    """A name in letters in which the language is never written, such as Greek ones of somebody who speaks Danish."""
    if language.partition("-")[0] not in _LATIN:
        return False
    said = list(newest.get("name", {}).values())
    name = (
        told.chosen.get("name")
        or told.wins.get("name")
        or (max(said, key=lambda one: (one.at, one.value)).value if said else "")
    )
    letters = [letter for letter in name if letter.isalpha()]
    return bool(letters) and all(
        ord(letter) >= 0x370 and not 0x1E00 <= ord(letter) <= 0x1EFF for letter in letters
    )
