"""The kinds of relations: between whom, and which of them are the same seen from both sides."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

PERSON, ORGANISATION = "person", "organisation"


class Kind(StrEnum):
    EMPLOYED = "employed"
    OWNER = "owner"
    CONTACT = "contact"
    MEMBER = "member"
    SPOUSE = "spouse"
    CHILD = "child"
    ASSISTANT = "assistant"
    REFERS = "refers"
    PART = "part"
    SUPPLIER = "supplier"


_OF_PERSON_AND_ORGANISATION = (Kind.EMPLOYED, Kind.OWNER, Kind.CONTACT, Kind.MEMBER)
_OF_PEOPLE = (Kind.SPOUSE, Kind.CHILD, Kind.ASSISTANT, Kind.REFERS)
_OF_ORGANISATIONS = (Kind.PART, Kind.SUPPLIER)
BOTH_WAYS = frozenset({Kind.SPOUSE})
"""Kinds that say the same of both."""


def kinds_between(one: str, other: str) -> tuple[Kind, ...]:
    """The kinds that there are from `one` to `other`; between a person and an organisation that of the person."""
    if (one, other) == (PERSON, ORGANISATION):
        return _OF_PERSON_AND_ORGANISATION
    if one == other:
        return _OF_PEOPLE if one == PERSON else _OF_ORGANISATIONS
    return ()


def is_over(until_on: date | None, day: date) -> bool:
    """Whether it had ended by this day. On the day itself it is over."""
    return until_on is not None and until_on <= day
