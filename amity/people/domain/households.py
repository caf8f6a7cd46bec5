"""Who may live together: one street, one postcode, one family name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amity.people.domain.folding import fold
from amity.people.domain.survivorship import Statement

SAME_ADDRESS = "same_address"
"""The rule by which a household is proposed."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives, and what their family is called, folded."""

    street: str
    postcode: str
    family: str


def home_of(statements: Iterable[Statement], name: str) -> Home | None:
    """By the newest word on each; the family name is the last word of the name where nobody tells it apart.

    None where one of the three is not known.
    """
    newest: dict[str, Statement] = {}
    for one in sorted(statements, key=lambda said: (said.observed_at, said.value)):
        newest[one.field] = one
    street, postcode = (
        fold(newest[field].value) if field in newest else "" for field in ("street", "postcode")
    )
    family = (
        newest["family_name"].value
        if "family_name" in newest
        else name.rsplit(maxsplit=1)[-1]
        if " " in name
        else ""
    )
    found = Home(street, postcode.replace(" ", ""), fold(family))
    return found if found.street and found.postcode and found.family else None
