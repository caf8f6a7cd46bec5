"""Records of a business under its own name: "The Station Café", organisation "The Station Café".

Read as a person it would be given name The, family name Café, as of every other café, and its name would count once
more as the place of work. Its name is one word, told once.
"""

from __future__ import annotations

from dataclasses import replace

from amity.people.domain.matching.names import latin, squeezed
from amity.people.domain.matching.records import Said

WORDS = frozenset(
    # articles and prepositions of the languages that businesses are named in
    "the at and of on am an im in zum zur zur und der die das beim el la los las del de y en al le les du et il "
    # what they are
    "bakery backerei bar bistro boutique cafe cafes cafeteria coffee kaffee kaffeehaus deli gallery hotel kiosk "
    "kitchen laden market markt panaderia pub restaurant restaurante roasters roastery rosterei shop store studio "
    "tienda trade handel verein club school schule university praxis clinic "
    # legal forms
    "ag bv co company corp ev gbr gmbh inc kg llc llp ltd limited nv ohg plc sa sarl se sl slu sas spa srl ug".split()
)
"""Words that make a name one of a business; common knowledge, put together for Amity. Folded."""
# Those that stand in names of people too tell nothing.
_PERSONAL = frozenset("an das de del der du el la las le on sa se y".split())


def is_business(name: str, organisation: str) -> bool:
    """Whether somebody is called as their organisation is, and that is no name of a person.

    Who trades under their own name keeps it: Ana Lindero at Ana Lindero.

    >>> is_business("Café Haas", "Café Haas"), is_business("Ana de la Cruz", "Ana de la Cruz")
    (True, False)
    """
    words = latin(name).split()
    if not words or words != latin(organisation).split():
        return False
    return not set(words) & WORDS <= _PERSONAL


def as_business(said: Said, organisation: str) -> Said:
    """`said` with the name of a business as one word instead of given and family name, and not as its work too."""
    if said.given_name or said.family_name or not is_business(said.full_name, organisation):
        return said
    work = "" if squeezed(said.work) == squeezed(organisation) else said.work
    return replace(said, full_name="", family_name=squeezed(said.full_name), other_names=(), work=work)
