"""Rules of a company about what comes in. A package downstream knows them; it gives a checker at the start.

A rule refuses a record, which then waits in quarantine with the reason, or it flags it: then it is taken in and marked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Protocol
from uuid import UUID

from amity.channels.records import PersonRecord, Record
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as


class Checker(Protocol):
    """The rules as they are now; asked for once for a batch."""

    def refuse(self, record: Record) -> None:
        """Raise `Unreadable` where a rule refuses the record."""

    def flags(self, record: Record) -> Sequence[tuple[str, str]]:
        """The field and the rule of each that only flags, and is broken."""


def as_judged(records: Sequence[Record]) -> Sequence[Record]:
    """As rules look at what an item says: what it tells of somebody at several times is one record with the newest
    values. What was said before may be no value any more."""
    people = [one for one in records if isinstance(one, PersonRecord)] if len(records) > 1 else ()
    if len(people) < 2:
        return records
    whole: dict[str, PersonRecord] = {}
    for one in people:
        there = whole.setdefault(one.external_id, one)
        whole[one.external_id] = replace(
            there, handles=tuple(dict.fromkeys((*there.handles, *one.handles))), facts={}
        )
    for one in sorted(people, key=attrgetter("observed_at")):
        whole[one.external_id].facts.update(one.facts)
    return [*(one for one in records if not isinstance(one, PersonRecord)), *whole.values()]


class Flagged(Protocol):
    """What was flagged of an import."""

    def __call__(self, run_id: UUID) -> Mapping[tuple[str, str], int]:
        """How many rows, by field and rule."""


class _NoRules:
    def refuse(self, record: Record) -> None:  # noqa: ARG002  # the shape of the protocol
        return

    def flags(self, record: Record) -> Sequence[tuple[str, str]]:  # noqa: ARG002  # the shape of the protocol
        return ()


_make: Callable[[], Checker] = _NoRules
_flagged: Flagged = lambda run_id: {}  # noqa: ARG005, E731
_words: Callable[[str, str], str] = lambda field, rule: f"{field} {rule}"  # noqa: E731


def provide_rules(make: Callable[[], Checker], flagged: Flagged, words: Callable[[str, str], str]) -> None:
    """Called once at start by the package that keeps the rules. `words` says what a broken rule is about."""
    global _make, _flagged, _words
    _make, _flagged, _words = make, flagged, words


def checker() -> Checker:
    """The rules that hold now."""
    return _make()


def flagged_of(run_id: UUID, actor: Actor) -> list[tuple[str, int]]:
    """What was flagged of an import in fields that this actor sees, in words, and of how many rows."""
    return [
        (_words(field, rule), count)
        for (field, rule), count in _flagged(run_id).items()
        if policy.sees_field(actor, "person", known_as("person", field))
    ]


def flag_words(field: str, rule: str) -> str:
    """What a broken rule is about."""
    return _words(field, rule)
