"""Names that nobody bears: syllables by chance, some frequent, most rare, many with accents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

FIRST_NAMES, LAST_NAMES, ORGANISATIONS = 4_000, 120_000, 20_000
DOMAINS = tuple(f"{word}.example" for word in "mail post brief correo posti poczta courrier letter".split())
_STARTS = "b br c ch d dr f fr g gr h j k kl l m n p pr q r s sch st t tr v w z".split()
_MIDDLES = "a e i o u ai au ei ie oa ö ü é á í ó ñu ø å ą ł".split()
_PLAIN = "a e i o u a e i o u ai au ei ie".split()
_ENDS = "n r l s t m nd rt lk ck nn ss x".split()
_FIRST_ENDS = ("a", "e", "o", "ine", "us", "an", "el", "is", "ja", "")
_LAST_ENDS = ("sen", "mann", "ez", "ski", "ova", "inen", "berg", "ton", "eau", "ini", "ó", "er", "", "")
_HOUSES = "Roastery Bakery Tostadores Kaffee Café Kahvila Rösterei Works Trading Foods".split()


def _word(random: Random, parts: int, ends: Sequence[str]) -> str:
    made = ""
    for _ in range(parts):
        middles = _PLAIN if random.random() < 0.85 else _MIDDLES
        made += random.choice(_STARTS) + random.choice(middles)
    if random.random() < 0.4:
        made += random.choice(_ENDS)
    return (made + random.choice(ends)).title()


def _distinct(random: Random, count: int, ends: Sequence[str], parts: Sequence[int]) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < count:
        made[_word(random, random.choice(parts), ends)] = None
    return list(made)


@dataclass(frozen=True, slots=True)
class Names:
    """All names, and how often each comes (as `random.choices` takes it): the most frequent first name is that of one
    person in fifty, the most frequent last name of one in three hundred."""

    first: list[str]
    first_shares: list[float]
    last: list[str]
    last_shares: list[float]
    organisations: list[str]


def names(random: Random, *, scale: float = 1.0) -> Names:
    """As many names as a million people have, times `scale`."""
    first = _distinct(random, max(40, int(FIRST_NAMES * scale)), _FIRST_ENDS, (1, 2, 2, 2, 3))
    last = _distinct(random, max(200, int(LAST_NAMES * scale)), _LAST_ENDS, (1, 2, 2, 3))
    houses = _distinct(random, max(20, int(ORGANISATIONS * scale)), ("", "o", "a"), (2, 2, 3))
    return Names(
        first, list(accumulate(1 / (8 + place) for place in range(len(first)))),
        last, list(accumulate(1 / (40 + place) ** 0.9 for place in range(len(last)))),
        [f"{house} {_HOUSES[place % len(_HOUSES)]}" for place, house in enumerate(houses)],
    )  # fmt: skip
