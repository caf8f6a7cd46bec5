"""Customers that nobody is: invented records with the errors, gaps and duplicates of real ones, from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

from amity.people.domain.matching.names import short_forms
from amity.people.domain.matching.records import Said

DUPLICATES = 0.15
"""Share of records that tell of a person whom an earlier record told of."""
_STARTS = "b br c ch d dr f fr g gr h j k kl l m n p pr r s sch st t tr v w z".split()
_VOWELS = "a e i o u ei au ie ea".split()
_ENDS = "n r l s t m nd rt ck ng ll ss nn".split()
_TAILS = "er son mann sen ov ez ini ard ley ton ham field dottir wick by ett ova ski".split()
_GIVEN = (
    "abigail alexander alice andrew anna anthony benjamin caroline catherine charles christina christopher daniel "
    "david deborah dorothy edward eleanor elizabeth emily eugene frances francis frederick gabriel george gregory "
    "harold helen henry isabel jacob james jennifer jessica johannes john jonathan joseph joshua julia kenneth "
    "laura laurence leonard louis lucas lucy margaret maria martin mary matthew maximilian michael nathaniel "
    "nicholas oliver pamela patricia patrick peter philip rachel raymond rebecca richard robert samuel sarah "
    "sebastian simon sophia stephanie stephen susan teresa theodore thomas timothy valentine victor victoria "
    "vincent walter wilhelmina william zachary"
).split()
_HOSTS = ("post.example", "mail.example", "box.example", "web.example", "letters.example", "inbox.example")
_ROADS = "street road lane avenue close way hill court square gate".split()
_KEYBOARD = {
    "a": "sq",
    "e": "wr",
    "i": "uo",
    "o": "ip",
    "n": "bm",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "l": "ko",
}


@dataclass(frozen=True, slots=True)
class World:
    """Lists to draw from, the common first; weights are cumulative."""

    given: list[str]
    families: list[str]
    family_weights: list[float]
    towns: list[tuple[str, str]]
    town_weights: list[float]
    streets: list[str]


def _word(rng: random.Random, syllables: int) -> str:
    return "".join(
        rng.choice(_STARTS) + rng.choice(_VOWELS) + (rng.choice(_ENDS) if rng.random() < 0.5 else "")
        for _ in range(syllables)
    )


def _invented(rng: random.Random, count: int, tails: list[str]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found.setdefault(_word(rng, 1 + (rng.random() < 0.6)) + rng.choice(tails))
    return list(found)


@cache
def world(seed: int) -> World:
    """Names and places that the customers of one seed share."""
    rng = random.Random(seed)
    given = _GIVEN + _invented(rng, 1_500, ["a", "o", "in", "ie", "ar", "is"])
    families = _invented(rng, 40_000, _TAILS)
    towns = [
        (town, f"{rng.randrange(10_000, 99_999)}")
        for town in _invented(rng, 3_000, ["ton", "burg", "a", "ville"])
    ]
    streets = [f"{_word(rng, 2)} {rng.choice(_ROADS)}" for _ in range(8_000)]
    falling = list(accumulate(1 / (rank + 30) for rank in range(len(families))))
    return World(
        given, families, falling, towns, list(accumulate(1 / (n + 10) for n in range(3_000))), streets
    )


def customers(count: int, *, seed: int = 11) -> Iterator[tuple[int, Said]]:
    """`count` records as (number of the person, what is said). Duplicates follow their first record at some
    distance."""
    rng, here = random.Random(seed), world(seed)
    recent: list[tuple[int, Said]] = []
    people = 0
    for _ in range(count):
        if recent and rng.random() < DUPLICATES:
            number, said = rng.choice(recent)
            yield number, _again(rng, here, said)
            continue
        said = _person(rng, here, people)
        one = (people, said)
        people += 1
        if len(recent) < 50_000:
            recent.append(one)
        else:
            recent[rng.randrange(50_000)] = one
        yield people - 1, _with_gaps(rng, said)


def _person(rng: random.Random, here: World, number: int) -> Said:
    given = here.given[min(int(rng.expovariate(1 / 180)), len(here.given) - 1)]
    family = rng.choices(here.families, cum_weights=here.family_weights)[0]
    town, postcode = rng.choices(here.towns, cum_weights=here.town_weights)[0]
    local = rng.choice(
        (f"{given}.{family}", f"{given[0]}{family}", f"{given}{number % 100}", f"{family}.{given}")
    )
    born = f"{rng.randrange(1935, 2006)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    return Said(
        given_name=given.title(),
        family_name=family.title(),
        emails=(f"{local}{number % 1_000 if rng.random() < 0.6 else ''}@{rng.choice(_HOSTS)}",),
        phones=(f"+49{rng.randrange(10**9, 10**10 - 1)}",),
        born_on=born,
        number=str(rng.randrange(1, 180)),
        lines=(rng.choice(here.streets),),
        place=town,
        postcode=postcode,
    )


def _with_gaps(rng: random.Random, said: Said) -> Said:
    """Nobody fills in everything."""
    return replace(
        said,
        emails=said.emails if rng.random() < 0.8 else (),
        phones=said.phones if rng.random() < 0.6 else (),
        born_on=said.born_on if rng.random() < 0.4 else "",
        lines=said.lines if rng.random() < 0.7 else (),
        number=said.number if rng.random() < 0.7 else "",
        place=said.place if rng.random() < 0.8 else "",
        postcode=said.postcode if rng.random() < 0.75 else "",
    )


def _again(rng: random.Random, here: World, said: Said) -> Said:
    """The same person later: moved, married, on another channel, in a hurry."""
    given, family = said.given_name, said.family_name
    if rng.random() < 0.12 and short_forms(given.lower()):
        given = rng.choice(short_forms(given.lower())).title()
    if rng.random() < 0.04:
        family = rng.choices(here.families, cum_weights=here.family_weights)[0].title()
    if rng.random() < 0.03:
        given, family = family, given
    changed = replace(said, given_name=_slip(rng, given, 0.06), family_name=_slip(rng, family, 0.08))
    if rng.random() < 0.15:
        town, postcode = rng.choices(here.towns, cum_weights=here.town_weights)[0]
        changed = replace(changed, place=town, postcode=postcode, lines=(rng.choice(here.streets),))
    if rng.random() < 0.2:
        changed = replace(changed, emails=(f"{given.lower()}{rng.randrange(1_000)}@{rng.choice(_HOSTS)}",))
    if rng.random() < 0.2:
        changed = replace(changed, phones=(f"+49{rng.randrange(10**9, 10**10 - 1)}",))
    changed = replace(
        changed,
        emails=tuple(_slip(rng, email, 0.05) for email in changed.emails),
        lines=tuple(_slip(rng, line, 0.1) for line in changed.lines),
        place=_slip(rng, changed.place, 0.05),
    )
    return _with_gaps(rng, changed)


def _slip(rng: random.Random, text: str, chance: float) -> str:
    """`text` with one typing error, at that chance: a letter left out, doubled, exchanged, or beside the right key."""
    if rng.random() >= chance or len(text) < 3:
        return text
    place = rng.randrange(1, len(text) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    if kind == 2:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + rng.choice(_KEYBOARD.get(text[place], "xz")) + text[place + 1 :]
