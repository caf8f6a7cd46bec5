"""Who may be the same person as one record: candidates by keys from an index, scored with the learnt weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection

from amity.people.domain.matching.engine import PROPOSE_PROBABILITY, TOPICS, bits_of
from amity.people.domain.matching.keys import LARGEST, keys_of
from amity.people.domain.matching.model import Evidence, Model
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.saved import from_json as model_from_json
from amity.people.matching.reading import from_json, said_of
from amity.people.models import MatchModel

MOST_SCORED = 25
"""Candidates that are scored: those who share the most keys, the rare ones counting more."""
# A key of more than LARGEST records says nothing; no more of its entries are read than show that.
_FIND = """
    WITH shared AS MATERIALIZED (
        SELECT found.record_id, count(*) OVER (PARTITION BY wanted.key) AS size
        FROM unnest(%(keys)s::bigint[]) AS wanted(key) CROSS JOIN LATERAL (
            SELECT record_id FROM people_matchkey WHERE key = wanted.key LIMIT %(most)s) AS found
    ), best AS (
        SELECT record_id, sum(1.0 / size) AS weight FROM shared WHERE size <= %(largest)s
        GROUP BY record_id ORDER BY weight DESC, record_id LIMIT %(limit)s
    )
    SELECT r.person_id, r.said FROM best JOIN people_matchrecord r ON r.id = best.record_id
    WHERE r.person_id IS DISTINCT FROM %(without)s ORDER BY best.weight DESC, best.record_id
"""


Known: TypeAlias = Callable[[Sequence[UUID]], Collection[UUID]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be the same: `bits` are logarithmic odds, to which the evidence adds up."""

    person_id: UUID
    bits: float
    probability: float
    evidence: tuple[Evidence, ...]


def current_model() -> Model | None:
    """The newest weights, or None before the first training. Kept in the process until newer ones are there."""
    newest = MatchModel.objects.order_by("-trained_at", "-pk").values_list("pk", flat=True).first()
    return None if newest is None else _model(newest)


@lru_cache(maxsize=2)
def _model(pk: UUID) -> Model:
    return model_from_json(MatchModel.objects.values_list("weights", flat=True).get(pk=pk), TOPICS)


def candidates_for(
    wanted: Said | UUID,
    *,
    model: Model | None = None,
    at_least: float = PROPOSE_PROBABILITY,
    limit: int = 20,
    known: Known | None = None,
) -> list[Candidate]:
    """People who may be the person `wanted` (an id) or the one of whom a record says this, likeliest first.

    `at_least` is a probability. `known` says whom of these the asker knows: the others take no place.
    Empty before the first training, or where nothing is said. The score is the same
    as that of the nightly batch.
    """
    used = model or current_model()
    person = None if isinstance(wanted, Said) else wanted
    said = wanted if isinstance(wanted, Said) else said_of([wanted]).get(wanted)
    if used is None or said is None or said == Said():
        return []
    values = used.prepare(said)
    keys = keys_of({topic.name: value for topic, value in zip(used.topics, values, strict=True)})
    least = bits_of(at_least)
    found = []
    for other, kept in _sharing(keys, person, known):
        score = used.score(values, used.prepare(from_json(kept)))
        if score.bits >= least:
            found.append(Candidate(other, score.bits, score.probability, score.evidence))
    return sorted(found, key=lambda one: (-one.bits, one.person_id))[:limit]


def _sharing(keys: list[int], without: UUID | None, known: Known | None) -> list[tuple[UUID, dict[str, Any]]]:
    asked: dict[str, Any] = {
        "keys": keys,
        "most": LARGEST + 1,
        "largest": LARGEST,
        "limit": None if known else MOST_SCORED,
        "without": without,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, asked)
        rows = cursor.fetchall()
    if known:
        asked_for = known([person for person, _ in rows])
        rows = [row for row in rows if row[0] in asked_for][:MOST_SCORED]
    return [(person, kept if isinstance(kept, dict) else json.loads(kept)) for person, kept in rows]
