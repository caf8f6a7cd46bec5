"""`amity bench identity-live`: candidates and scores for one record against a million people in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection

from amity.people.domain.matching.engine import resolve
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.saved import to_json
from amity.people.matching import candidates_for
from amity.people.matching.keeping import load
from amity.people.models import MatchModel
from amity.site.bench.database import bench_database
from amity.site.bench.identity.synthetic import customers

PEOPLE, ASKED, TAUGHT, STEP, SEED = 1_000_000, 1_000, 50_000, 20_000, 11
AT = datetime(2026, 1, 1, tzinfo=UTC)


def settings() -> dict[str, float]:
    """What was asked."""
    return {"people": PEOPLE, "questions": ASKED}


def run(data: Path | None = None, *, people: int = PEOPLE, asked: int = ASKED) -> dict[str, float]:  # noqa: ARG001
    """`live_p50_ms`, `live_p99_ms`: keys, candidates from the index, and their scores with evidence, for records like
    those of people who are there, and of others.

    `live_cpu_p99_ms`: time of the processor in this process alone. `live_found_share`: how often the right person of
    those who are there comes first. `live_load_s`: making and loading the keys.
    """
    with bench_database("amity_bench_identity"):
        _teach()
        began = time.perf_counter()
        source = customers(people + asked, seed=SEED)
        _fill(source, people)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE people_matchkey, people_matchrecord")
        loading = time.perf_counter() - began
        questions = list(source)
        for _, said in questions[:100]:
            candidates_for(said)
        return _ask(questions, people) | {"live_load_s": round(loading, 1)}


def _teach() -> None:
    found = resolve(said for _, said in customers(TAUGHT, seed=SEED))
    MatchModel.objects.create(weights=to_json(found.model), figures={}, trained_at=AT)


def _fill(source: Iterator[tuple[int, Said]], people: int) -> None:
    rows = islice(source, people)
    number = 0
    while step := list(islice(rows, STEP)):
        load(((_id(entity, number + place), said) for place, (entity, said) in enumerate(step)), at=AT)
        number += len(step)


def _id(entity: int, record: int) -> UUID:
    """An id that tells of which entity a record is: each record is a person of its own here."""
    return UUID(int=(entity << 64) | record)


def _ask(questions: list[tuple[int, Said]], people: int) -> dict[str, float]:
    times, cpu, right, known = [], [], 0, 0
    for entity, said in questions:
        began, began_cpu = time.perf_counter(), time.process_time()
        found = candidates_for(said)
        times.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - began_cpu))
        if entity < people * 0.8:  # an early number: told of before, in all likelihood
            known += 1
            right += bool(found) and found[0].person_id.int >> 64 == entity
    times.sort()
    cpu.sort()
    return {
        "live_p50_ms": round(times[len(times) // 2], 2),
        "live_p99_ms": round(times[int(len(times) * 0.99)], 2),
        "live_cpu_p99_ms": round(cpu[int(len(cpu) * 0.99)], 2),
        "live_found_share": round(right / max(known, 1), 3),
    }
