"""What is said of one person or account, as the comparisons take it: texts as they were typed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What one record says. Every field may be empty; those in the plural may hold several values.

    `full_name` is a name in one text. `handles` are accounts at networks, without the network. `identifiers` are
    numbers that others gave out for one person (a customer number); `tax_numbers` may be those of a company. `born_on`
    is year, month, day with or without separators, ISO order. `links` are addresses of pages. `accounts` are handles
    with their network, `profiles` what they link to and `verified` those of them of which a source has seen that they
    lead back, all in the spelling of `profiles.profile_of`. `labels` are words that go with the person but are no
    name: a title, an office, a region's code. `lines` are lines of an address; `place` is the town.
    """

    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    full_name: str = ""
    other_names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    tax_numbers: tuple[str, ...] = ()
    born_on: str = ""
    gender: str = ""
    number: str = ""
    lines: tuple[str, ...] = ()
    place: str = ""
    postcode: str = ""
    region: str = ""
    work: str = ""
    links: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    verified: tuple[str, ...] = ()
