"""Invented people whose records tests match: a factory with what matters to the test, and a small town full of them."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

from amity.people.domain.matching.engine import Resolution, resolve
from amity.people.domain.matching.records import Said

HANNAH = Said(
    given_name="Hannah",
    family_name="Vogel",
    emails=("hannah.vogel@post.example",),
    phones=("+4915112345678",),
    born_on="1984-03-02",
    number="12",
    lines=("Lindenhof",),
    place="Leipzig",
    postcode="04109",
)
_GIVEN = "hannah tomas katharina william robert elizabeth mateo ines owen ruairi beatrice frederick noor jonas".split()
_FAMILY = (
    "vogel arrieta lindero calloway brenner dunmore quinn haddad okafor brandt meyer novak silva".split()
)
_TOWNS = [("Leipzig", "04109"), ("Dunmore", "40210"), ("Kelvale", "71032"), ("Brinn", "88045")]


def of(said: Said = HANNAH, **changed: Any) -> Said:
    """`said` with some fields changed."""
    return replace(said, **changed)


def town(people: int = 200, seed: int = 5) -> tuple[list[Said], list[int]]:
    """Records and, parallel, the number of the person: every second one is told of twice, the second time with
    errors."""
    rng = random.Random(seed)
    records, numbers = [], []
    for number in range(people):
        place, postcode = rng.choice(_TOWNS)
        given, family = rng.choice(_GIVEN), rng.choice(_FAMILY) + rng.choice("aeiou") + rng.choice("nrst")
        said = Said(
            given_name=given.title(),
            family_name=family.title(),
            emails=(f"{given}.{family}{number}@post.example",) if number % 3 else (),
            phones=(f"+49151{rng.randrange(10**7, 10**8)}",),
            born_on=f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
            place=place,
            postcode=postcode,
        )
        records.append(said)
        numbers.append(number)
        if number % 2:
            slip = family[:2] + family[3:] if rng.random() < 0.3 else family
            phones = said.phones if rng.random() < 0.7 else (f"+49151{rng.randrange(10**7, 10**8)}",)
            records.append(
                replace(said, family_name=slip, phones=phones, place="" if rng.random() < 0.5 else place)
            )
            numbers.append(number)
    return records, numbers


@cache
def resolved_town() -> tuple[list[Said], list[int], Resolution]:
    """The town with what the engine makes of it, learnt once for all tests."""
    records, numbers = town()
    return records, numbers, resolve(records)
