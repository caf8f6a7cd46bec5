"""Which identities of a batch become which person: those that one record names together, to whom they belong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

I = TypeVar("I")  # noqa: E741 - an identity id
P = TypeVar("P")


@dataclass(slots=True)
class Grouping(Generic[I, P]):
    """`links` are new (identity, person, first of its person or not); `new_persons` in order of appearance."""

    links: list[tuple[I, P, bool]] = field(default_factory=list)
    new_persons: list[P] = field(default_factory=list)


def assign(
    groups: Sequence[Sequence[I]], linked: Mapping[I, P], new_person: Callable[[I], P]
) -> Grouping[I, P]:
    """Give every identity in `groups` (each: handles of one record, strongest first) a person.

    An identity that has a person keeps it. New ones join the person of the strongest known identity named with
    them, else they found one. Two persons that a record names together stay two: joining them is a merge, which
    people decide.
    """
    answer: Grouping[I, P] = Grouping()
    person_of: dict[I, P] = dict(linked)
    for group in groups:
        known = next((person_of[identity] for identity in group if identity in person_of), None)
        for identity in dict.fromkeys(group):
            if identity in person_of:
                continue
            founded = known is None
            if known is None:
                known = new_person(identity)
                answer.new_persons.append(known)
            person_of[identity] = known
            answer.links.append((identity, known, founded))
    return answer
