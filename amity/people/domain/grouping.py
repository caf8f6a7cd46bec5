"""Which identities of a batch become which person: those that one record names together, to whom they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from amity.activity.domain.threads import DisjointSets

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


@dataclass(frozen=True, slots=True)
class Member(Generic[I]):
    """An identity of a person. `is_fixed` is one that a colleague put there, or of which no record is known."""

    id: I
    first_seen_at: datetime
    founded: bool = False
    is_fixed: bool = False


def parts_of(members: Sequence[Member[I]], ties: Iterable[tuple[I, I]]) -> list[list[I]]:
    """The identities of one person in parts that records tie together; the part that stays the person comes first.

    That is the part with the identity that founded the person (else the first of `members`), and what is fixed.
    """
    sets, here = DisjointSets(), {member.id for member in members}
    founder = next((member for member in members if member.founded), next(iter(members), None))
    for one, other in ties:
        if one in here and other in here:
            sets.union(one, other)
    parts: dict[object, list[I]] = {}
    for member in members:
        if member.is_fixed and founder is not None:
            sets.union(member.id, founder.id)
    for member in members:
        parts.setdefault(sets.find(member.id), []).append(member.id)
    return sorted(parts.values(), key=lambda part: founder is None or founder.id not in part)
