"""Keys of a record: two records that share one are worth comparing. Several keys each, so that no single error hides.

The same keys serve the batch (records with the same key are paired) and the live path (an index finds them).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from amity.people.domain.matching.handles import cores
from amity.people.domain.matching.names import Name, roots
from amity.people.domain.matching.topic_handles import Accounts
from amity.people.domain.matching.topic_profiles import Profiles
from amity.people.domain.matching.topic_values import TAX
from amity.people.domain.matching.words import sound

LARGEST = 100
"""Records with one key, at most: more of them are told apart by their other keys, or by none."""


def keys_of(values: dict[str, Any]) -> list[int]:
    """The keys of a record as signed 64-bit numbers, distinct. `values`: what each topic prepared, by its name."""
    return list(dict.fromkeys(_number(text) for text in _texts(values)))


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


def _texts(values: dict[str, Any]) -> Iterator[str]:
    for number in values.get("identifier") or ():
        if not number.startswith(TAX):
            yield f"id|{number}"
    for phone in values.get("phone") or ():
        yield f"phone|{phone[-8:]}"
    for email in values.get("email") or ():
        yield from _email_keys(email)
    name_values: tuple[Name, ...] = values.get("names") or ()
    names = [pair for name in name_values for pair in _sounds(name)]
    birth: str = values.get("birth") or ""
    place, postcode, _ = values.get("home") or ("", "", "")
    street = values.get("street") or ("", "", "")
    for given, family in dict.fromkeys(names):
        yield from _name_keys(given, family, birth, place, postcode)
        for line in filter(None, street[1:]):
            yield f"ns|{given or family}|{line[:8]}"
            yield f"ns|{family or given}|{line[:8]}"
    if birth:
        yield from _birth_keys(birth, place, postcode, street[1])
    yield from _street_keys(street, place, postcode)
    accounts: Accounts | None = values.get("handles")
    profiles: Profiles | None = values.get("profiles")
    if profiles is not None:
        yield from (f"p|{one}" for one in sorted(profiles.accounts | profiles.links))
    if accounts is not None:
        yield from _handle_keys(accounts, names=[name for name in name_values if name.given and name.family])


def _street_keys(street: tuple[str, str, str], place: str, postcode: str) -> Iterator[str]:
    number, line, second = street
    if line and (number or postcode):
        yield f"np|{number}|{line[:10]}|{postcode[:3] or place[:4]}"
    if second and postcode:
        yield f"sp|{second[:10]}|{postcode}"


def _email_keys(email: str) -> Iterator[str]:
    yield f"mail|{email}"
    local, _, host = email.rpartition("@")
    if len(local) >= 4:
        yield f"local|{local}"
    letters = "".join(filter(str.isalpha, local))
    if len(letters) >= 4 and letters != local:
        yield f"letters|{letters}|{host[:3]}"


def _name_keys(given: str, family: str, birth: str, place: str, postcode: str) -> Iterator[str]:
    both = "|".join(sorted((given, family))) if given and family else ""
    if both:
        yield f"n|{both}"
        if birth:
            yield f"ny|{both}|{birth[:4]}"
            yield f"nd|{both}|{birth[4:]}"
        if postcode:
            yield f"npc|{both}|{postcode[:-2]}"
        if place:
            yield f"npl|{both}|{place[:5]}"
    for word in {given, family} - {""}:
        if birth:
            yield f"wb|{word[:2]}|{birth}"
            yield f"wy|{word}|{birth[:6]}"
            yield f"wd|{word}|{birth[4:]}|{birth[:3]}"
        if postcode:
            yield f"wp|{word}|{postcode}"


def _birth_keys(birth: str, place: str, postcode: str, line: str) -> Iterator[str]:
    if place:
        yield f"bl|{birth}|{place[:4]}"
    if postcode:
        yield f"bp|{birth}|{postcode[:-2]}"
    if line:
        yield f"bs|{birth}|{line[:4]}"
    if not (place or postcode or line):
        yield f"b|{birth}"


def _handle_keys(accounts: Accounts, names: list[Name]) -> Iterator[str]:
    """What a handle may be cut down to, and what a name may be written as in one."""
    for handle in accounts.handles:
        yield from (f"h|{core}" for core in cores(handle)[-4:])
    for page in accounts.pages:
        yield f"h|{page}"
    for name in names:
        yield f"h|{name.given}{name.family}"
        yield f"h|{name.given[0]}{name.family}"


@lru_cache(maxsize=100_000)
def _sounds(name: Name) -> tuple[tuple[str, str], ...]:
    """Pairs of what given and family name sound like; a given name and its short forms have a pair in common."""
    family = sound(name.family)
    pairs = [(sound(name.given), family)]
    pairs += [(f"#{root}", family) for root in sorted(roots(name.given))[:3]]
    return tuple(pairs)
