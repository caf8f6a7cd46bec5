"""`amity bench segments`: counts at once and membership after one event, at a million people."""

from __future__ import annotations

import multiprocessing
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, connections, transaction
from django.utils import timezone

import amity.conversations.stages as conversations
from amity.channels.adapters import RawItem
from amity.channels.records import MessageRecord, OrderRecord, PersonRecord, Record
from amity.channels.stages import ITEMS, ReadItem
from amity.commerce.models import Product
from amity.kernel.actor import Role
from amity.kernel.errors import DomainError
from amity.kernel.ids import stable_id
from amity.kernel.pipeline import Batch, run_stages
from amity.segments import services
from amity.segments.building import begin_keeping
from amity.segments.domain.trees import read
from amity.segments.keeper import SegmentKeeper
from amity.segments.keeping import catch_up
from amity.segments.models import Member, Segment
from amity.segments.queries import preview
from amity.site.bench.database import bench_database
from amity.site.bench.histories.world import STAGES
from amity.site.bench.segmenting.lives import live_through
from amity.site.bench.segmenting.oracle import members
from amity.site.bench.segmenting.rules import Rules
from amity.site.bench.segmenting.world import SOURCE, fill, handle_of
from amity.site.bench.serving import a_colleague

PEOPLE, ACTIVITIES, PREVIEWS, SEGMENTS, EVENTS, SAMPLE, LIVES, SEED = (
    1_000_000, 10_000_000, 200, 50, 600, 2_000, 200, 4,
)  # fmt: skip
FLIPPED = (
    {"all": [{"field": "wrote", "op": "at_least", "value": 1, "within_days": 1}]},
    {"all": [{"field": "orders", "op": "at_least", "value": 1, "within_days": 1}]},
    {"all": [{"field": "city", "op": "is", "value": "Newtown"}]},
)
"""Segments into which one message, one order and one fact bring somebody."""


class NotUpdated(DomainError):
    """A membership did not follow its event within ten seconds."""

    code = "bench.not_updated"


def settings() -> dict[str, int]:
    """What was asked."""
    return {
        "people": PEOPLE, "activities": ACTIVITIES, "previews": PREVIEWS, "segments": SEGMENTS, "events": EVENTS,
        "recounted": SAMPLE, "lives": LIVES, "seed": SEED,
    }  # fmt: skip


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    people: int = PEOPLE,
    activities: int = ACTIVITIES,
    lives: int = LIVES,
) -> dict[str, float]:
    """Figures `preview_p50_ms`, `preview_p99_ms` (exact count of a nested rule with some of its people),
    `update_p50_ms`, `update_p99_ms` (from the commit of one event until its membership is committed, by a keeper of a
    process of its own), `recount_equal` (share of the memberships of a sample, in all segments, that a slow evaluator
    of the records gives as well), `counts_equal` (share of segments whose kept number is that of a count over
    everybody), `reading_s`, `building_s`, `traits_mb`; and of random lives `lives`, `compared`, `broken`.
    """
    with bench_database("amity_bench_segments"):
        figures = _lived(lives)
        fill(timezone.now(), people=people, activities=activities)
        figures |= measure(people)
    return figures


def _lived(lives: int) -> dict[str, float]:
    with transaction.atomic():
        report = live_through(lives, seed=SEED)
        transaction.set_rollback(True)
    for told in report.broken:
        sys.stderr.write(told + "\n")
    return {"lives": report.lives, "compared": report.compared, "broken": len(report.broken)}


def measure(people: int) -> dict[str, float]:
    """The figures of the large world, in a database that is filled."""
    figures = read_everybody()
    figures |= previewed()
    figures |= make_segments()
    figures |= updated(people)
    return figures | recounted(people)


def read_everybody() -> dict[str, float]:
    """The first reading."""
    with transaction.atomic():
        begin_keeping(timezone.now())
    started = time.perf_counter()
    catch_up(timezone.now())
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) segments_trait")
        cursor.execute("SELECT pg_total_relation_size('segments_trait') / 1e6")
        (size,) = cursor.fetchone() or (0,)
    return {"reading_s": round(seconds, 1), "traits_mb": round(size)}


def _rules(seed: int) -> Rules:
    products = list(Product.objects.order_by("sku").values_list("pk", flat=True)[:20])
    return Rules(
        random.Random(seed),
        today=timezone.now().date(),
        sources=[stable_id("source", SOURCE)],
        products=products,
    )


def previewed() -> dict[str, float]:
    """Counts at once, of many nested rules."""
    rules, times = _rules(SEED), []
    for number in range(PREVIEWS + 5):
        tree = read(rules.tree())
        started = time.perf_counter()
        preview(tree, timezone.now())
        if number >= 5:  # the first ones warm up
            times.append((time.perf_counter() - started) * 1_000)
    return _quantiles("preview", times)


def make_segments() -> dict[str, float]:
    """Fifty segments, a few of them asking for members of others."""
    actor, rules = a_colleague(Role.OWNER).actor(), _rules(SEED + 1)
    made: list[UUID] = []
    for number in range(SEGMENTS):
        rule = FLIPPED[number] if number < len(FLIPPED) else _of_some(rules, made[:5])
        segment = services.create_segment(name=f"Segment {number}", rule=rule, actor=actor, at=timezone.now())
        made.append(segment.id)
    started = time.perf_counter()
    catch_up(timezone.now())
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) segments_member")
    return {"segments": len(made), "building_s": round(seconds, 1), "memberships": Member.objects.count()}


@dataclass(frozen=True, slots=True)
class _Event:
    segment: UUID
    person: UUID
    record: Record


def _of_some(rules: Rules, made: list[UUID]) -> dict[str, Any]:
    """A rule as people make them: of at most a fifth of everybody."""
    while True:
        rule = rules.tree(made)
        seen = preview(read(rule), timezone.now(), sample=0)
        if seen.count <= seen.of / 5:
            return rule


def updated(people: int) -> dict[str, float]:
    """One event after the other, while a keeper of another process listens."""
    events, times = list(_events(people)), []
    with _keeper():
        for number, event in enumerate(events):
            _record(event.record)
            started = time.perf_counter()
            while not Member.objects.filter(
                segment=event.segment, person_id=event.person, until=None
            ).exists():
                if time.perf_counter() - started > 10:
                    raise NotUpdated(f"Event {number} did not come through")
            if number >= 10:
                times.append((time.perf_counter() - started) * 1_000)
    return _quantiles("update", times)


def _events(people: int) -> Iterator[_Event]:
    draw, now = random.Random(SEED), timezone.now()
    made: tuple[Callable[[int], Record], ...] = (
        lambda n: MessageRecord(
            external_id=f"new{n}", occurred_at=now, author=handle_of(n), channel="email", text="Good morning"
        ),
        lambda n: OrderRecord(
            external_id=f"new{n}", ordered_at=now, buyer=(handle_of(n),), amount=Decimal(20), currency="EUR",
        ),
        lambda n: PersonRecord(
            external_id=f"new{n}", observed_at=now, handles=(handle_of(n),), facts={"city": "Newtown"}
        ),
    )  # fmt: skip
    segments = [Segment.objects.get(name=f"Segment {kind}").id for kind in range(len(FLIPPED))]
    numbers = draw.sample(range(1, people + 1), EVENTS + 10)
    for place, number in enumerate(numbers):
        kind = (0, 0, 1, 2)[place % 4]
        person = _person(number)
        if not Member.objects.filter(segment=segments[kind], person_id=person, until=None).exists():
            yield _Event(segments[kind], person, made[kind](number))


def _person(number: int) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT md5('p' || %s)::uuid", [number])
        (person,) = cursor.fetchone() or (uuid4(),)
    found: UUID = person
    return found


def _record(record: Record) -> None:
    at = timezone.now()
    batch = Batch(source_id=stable_id("source", SOURCE), at=at)
    batch.put(ITEMS, [ReadItem(uuid4(), uuid4().bytes, RawItem(1, b"", "application/json"), (record,))])
    batch.put(conversations.OPEN_AFTER, None)
    with transaction.atomic():
        run_stages(STAGES, batch)


@contextmanager
def _keeper() -> Iterator[None]:
    """A keeper in a process of its own, as in the worker."""
    connections.close_all()  # a forked process must not share a database session
    child = multiprocessing.get_context("fork").Process(target=_keep)
    child.start()
    time.sleep(1)
    try:
        yield
    finally:
        child.terminate()
        child.join(timeout=30)


def _keep() -> None:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    SegmentKeeper(clock=timezone.now).run(stopping)


def recounted(people: int) -> dict[str, float]:
    """Memberships of a sample by the slow evaluator, and the number of each segment by a count over everybody."""
    at = timezone.now()
    catch_up(at)
    draw = random.Random(SEED)
    sample = {_person(number) for number in draw.sample(range(1, people + 1), min(SAMPLE, people))}
    segments = list(Segment.objects.there())
    said = members({one.id: one.rule for one in segments}, at, sample)
    asked = right = counted = 0
    for one in segments:
        kept = set(
            Member.objects.filter(segment=one, until=None, person_id__in=sample).values_list(
                "person_id", flat=True
            )
        )
        asked += len(sample)
        right += len(sample) - len(kept ^ said[one.id])
        counted += _counts_right(one, at)
    return {"recount_equal": right / asked, "counts_equal": counted / len(segments)}


def _counts_right(segment: Segment, at: datetime) -> bool:
    kept: Any = Member.objects.filter(segment=segment, until=None).count()
    return bool(kept == segment.members == preview(read(segment.rule), at, sample=0).count)


def _quantiles(name: str, times: list[float]) -> dict[str, float]:
    times = sorted(times)
    return {
        f"{name}_p50_ms": round(times[len(times) // 2], 1),
        f"{name}_p99_ms": round(times[min(len(times) - 1, int(len(times) * 0.99))], 1),
    }
