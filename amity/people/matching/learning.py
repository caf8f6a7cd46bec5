"""Learning the weights from all people, and scoring all of them again: for a job at night, or on demand."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from amity.people.domain.matching.engine import (
    LINK_PROBABILITY,
    PROPOSE_PROBABILITY,
    TOPICS,
    Resolution,
    bits_of,
    resolve,
)
from amity.people.domain.matching.model import Model, probability
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.saved import to_json
from amity.people.domain.matching.table import candidate_pairs, table_of
from amity.people.domain.matching.training import train as learn
from amity.people.matching.finding import current_model
from amity.people.matching.reading import from_json
from amity.people.models import MatchModel, MatchRecord


@dataclass(frozen=True, slots=True)
class Pair:
    """Two persons who may be one. `links` says whether that is sure enough to be done by itself."""

    one: UUID
    other: UUID
    bits: float
    probability: float
    links: bool


@dataclass(frozen=True, slots=True)
class Rescored:
    """All pairs worth proposing, likeliest first, and groups of persons who would be one."""

    pairs: list[Pair]
    groups: list[list[UUID]]


def train(*, at: datetime, least: int = 50) -> Model | None:
    """Learn the weights from all people whose keys are kept, and keep them; None if there are fewer than `least`."""
    people: list[UUID] = []
    table = table_of(_everybody(people), TOPICS)
    if table.count < least:
        return None
    one, other = candidate_pairs(table)
    model = learn(table, one, other)
    figures = {"people": table.count, "pairs": len(one), "prior_bits": model.prior_bits}
    MatchModel.objects.create(weights=to_json(model), figures=figures, trained_at=at)
    return model


def sure_pairs(
    only: Collection[UUID], *, from_bits: float = bits_of(LINK_PROBABILITY), least: int = 50
) -> list[Pair]:
    """The pairs that are sure enough to be linked among `only`, with weights that these alone taught.

    So nothing that is said of others has a say in it. Nothing where there are fewer than `least`.
    """
    people: list[UUID] = []
    if len(only) < least:
        return []
    found = resolve(_everybody(people, frozenset(only)))
    return [pair for pair in _pairs(found, people, from_bits) if pair.links]


def rescore(*, model: Model | None = None, from_bits: float = bits_of(PROPOSE_PROBABILITY)) -> Rescored:
    """Every two people who share a key, scored with the newest weights. Nothing before the first training."""
    used = model or current_model()
    if used is None:
        return Rescored([], [])
    people: list[UUID] = []
    found = resolve(_everybody(people), model=used)
    return Rescored(_pairs(found, people, from_bits), _groups(found, people))


def _everybody(people: list[UUID], only: frozenset[UUID] | None = None) -> Iterator[Said]:
    """What is said of everybody, or of these, and their ids in `people` in the same order."""
    rows = MatchRecord.objects.order_by("pk").values_list("person_id", "said")
    for person, kept in rows.iterator(chunk_size=5_000):
        if only is not None and person not in only:
            continue
        people.append(person)
        yield from_json(kept)


def _pairs(found: Resolution, people: list[UUID], least: float) -> list[Pair]:
    links = bits_of(LINK_PROBABILITY)
    kept = np.flatnonzero(found.bits >= least)
    order = kept[np.argsort(-found.bits[kept], kind="stable")]
    rows = zip(
        found.one[order].tolist(), found.other[order].tolist(), found.bits[order].tolist(), strict=True
    )
    return [
        Pair(people[one], people[other], bits, probability(bits), bits >= links) for one, other, bits in rows
    ]


def _groups(found: Resolution, people: list[UUID]) -> list[list[UUID]]:
    groups: dict[int, list[UUID]] = {}
    for record in np.flatnonzero(
        np.bincount(found.persons, minlength=len(people))[found.persons] > 1
    ).tolist():
        groups.setdefault(int(found.persons[record]), []).append(people[record])
    return list(groups.values())
