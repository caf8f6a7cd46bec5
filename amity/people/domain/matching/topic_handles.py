"""Comparing accounts: handles with handles, and a handle with the name of somebody whose accounts are not known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from amity.people.domain.matching.handles import (
    LEVELS,
    NOTHING,
    cores,
    explain,
    host_labels,
    plain_labels,
    serial,
)
from amity.people.domain.matching.names import Name, parse_name
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Comparison, Levels
from amity.people.domain.matching.words import TYPO, likeness

HANDLE = Comparison(
    "handle",
    ("missing", "same", "same_core", "alike", "different"),
    (0.35, 0.15, 0.1, 0.4),
    frozenset({1, 2}),
)
HANDLE_AND_NAME = Comparison(
    "handle_and_name",
    LEVELS,
    (0.40, 0.15, 0.12, 0.07, 0.02, 0.02, 0.02, 0.02, 0.04, 0.02, 0.03, 0.01, 0.01, 0.01, 0.06),
)
HANDLE_AND_LABEL = Comparison("handle_and_label", ("missing", "none", "agrees"), (0.85, 0.15))


Written = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Accounts:
    """`names` as they are written: given, middle, family and full name. They are parsed when a handle asks for them."""

    handles: tuple[str, ...]
    names: tuple[Written, ...]
    pages: tuple[str, ...]
    labels: tuple[str, ...]


@lru_cache(maxsize=20_000)
def readings(names: tuple[Written, ...]) -> tuple[tuple[Name, str], ...]:
    """The names parsed, each with how it is written in one text; a name in fields and in one text may be two."""
    found: dict[Name, str] = {}
    for given, middle, family, full in names:
        name = parse_name(given, middle, family, full)
        if name:
            found.setdefault(name, full or " ".join(word for word in (given, middle, family) if word))
        written = parse_name(full=full)
        if written:
            found.setdefault(written, full)
    return tuple(found.items())


class Handles:
    """A handle that is named counts against other handles; where one record has no name, against the other's name."""

    name = "handles"
    comparisons = (HANDLE, HANDLE_AND_NAME, HANDLE_AND_LABEL)

    def prepare(self, said: Said) -> Accounts | None:
        """Handles, local parts of addresses where there is no name, and what could explain those of others."""
        own = (said.given_name, said.middle_name, said.family_name, said.full_name)
        names = [own] if any(own) else []
        names += [("", "", "", other) for other in said.other_names if other]
        handles = [handle for handle in said.handles if cores(handle)]
        if not names:
            handles += [local for email in said.emails if cores(local := email.rpartition("@")[0])]
        if not handles and not names:
            return None
        pages = host_labels(said.links) if said.links else ()
        labels = plain_labels(said.labels) if said.labels else ()
        return Accounts(tuple(dict.fromkeys(handles)), tuple(names), pages, labels)

    def compare(self, one: Accounts, other: Accounts) -> Levels:
        """Levels of the three comparisons."""
        named = (0, 0)
        if one.handles and other.names and not one.names:
            named = explain(one.handles, readings(other.names), other.pages, other.labels)
        elif other.handles and one.names and not other.names:
            named = explain(other.handles, readings(one.names), one.pages, one.labels)
        return (_handle_level(one.handles, other.handles), named[0], named[1] if named[0] != NOTHING else 0)

    def terms(self, value: Accounts) -> tuple[str, ...]:
        """The shortest core of the first handle."""
        return (cores(value.handles[0])[-1] if value.handles else "", "", "")

    def shown(self, value: Accounts) -> tuple[str, ...]:
        """The handles; handles or the name; labels."""
        handles = ", ".join(value.handles)
        named = next((written for _, written in readings(value.names)), handles)
        return (handles, named, ", ".join(value.labels))


def _handle_level(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    if not one or not other:
        return 0
    best = 4
    for first in one:
        for second in other:
            mine, theirs = cores(first), cores(second)
            if serial(first) != serial(second) and serial(first) and serial(second):
                continue  # the same word before two numbers of a series: two of many
            if mine[0] == theirs[0]:
                return 1
            if any(len(core) >= 4 and core in theirs for core in mine):
                best = min(best, 2)
            elif best > 3 and likeness(mine[-1], theirs[-1]) <= TYPO:
                best = 3
    return best
