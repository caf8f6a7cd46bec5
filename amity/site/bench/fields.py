"""`amity bench fields`: lists of a million people, filtered and sorted by fields that the company made for itself."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from django.db import connection
from django.utils import timezone

from amity.kernel.actor import Actor, Role
from amity.people.domain.fields.conditions import read_condition
from amity.people.domain.fields.definition import Definition
from amity.people.fields import add_field
from amity.people.queries import PeopleWanted, list_people
from amity.people.queries.fields import fields_for
from amity.site.bench.database import bench_database
from amity.site.bench.search import _processor as processor_of_us_and_our_session
from amity.site.bench.serving import a_colleague

PEOPLE, OF_A_KIND, PAGES, SEED = 1_000_000, 40, 5, 7
EVERY = ("service", "sales", "marketing", "analysis", "legal")
_PEOPLE = """
    SELECT setseed(0.42);
    INSERT INTO people_person (id, name, sort_name, email, city, country, language, job_title, search_text,
            first_seen_at, last_activity_at)
        SELECT gen_random_uuid(), 'Person ' || n, 'person ' || n, 'p' || n || '@mail.example', '', '', 'en', '',
            'person ' || n, %(now)s - interval '800 days', %(now)s - random() * interval '730 days'
        FROM generate_series(1, %(count)s) n
"""
# Who has a value, and which: some options are rare, some are what most people have.
_VALUES = (
    """INSERT INTO people_customvalue (person_id, field_id, place, value, word)
        SELECT id, %(tier)s, 0, w, w FROM (SELECT id, CASE WHEN r < 0.001 THEN 'platinum' WHEN r < 0.02 THEN 'gold'
            WHEN r < 0.2 THEN 'silver' WHEN r < 0.7 THEN 'bronze' END AS w
            FROM (SELECT id, random() AS r FROM people_person) a) b WHERE w IS NOT NULL""",
    """INSERT INTO people_customvalue (person_id, field_id, place, value, word)
        SELECT id, %(tastes)s, place, w, w FROM (
            SELECT id, place, 'taste_' || floor(10 * random() * random())::int AS w
            FROM people_person CROSS JOIN generate_series(0, 1) place WHERE random() < 0.5) b""",
    """INSERT INTO people_customvalue (person_id, field_id, place, value, word, number)
        SELECT id, %(score)s, 0, n::text, '', n FROM (SELECT id, round((1000 * random())::numeric, 2) AS n
            FROM people_person WHERE random() < 0.8) b""",
    """INSERT INTO people_customvalue (person_id, field_id, place, value, word, day)
        SELECT id, %(visit)s, 0, d::text, '', d FROM (SELECT id, date '2026-01-01' + (1000 * random())::int AS d
            FROM people_person WHERE random() < 0.4) b""",
    """INSERT INTO people_customvalue (person_id, field_id, place, value, word, words)
        SELECT id, %(note)s, 0, w, w, w FROM (SELECT id, 'word' || floor(3000 * random() * random())::int || ' word'
            || floor(3000 * random())::int AS w FROM people_person WHERE random() < 0.3) b""",
)


def settings() -> dict[str, int]:
    """What was asked."""
    return {"people": PEOPLE, "questions_of_a_kind": OF_A_KIND, "pages_of_an_order": PAGES, "seed": SEED}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    count: int = PEOPLE,
    of_a_kind: int = OF_A_KIND,
) -> dict[str, float]:
    """Figures `fields_p50_ms` and `fields_p99_ms` of a page of fifty people with its count, as the list shows it, over
    all kinds of questions, and the same of each kind; `cpu_p99_ms` (processor time of the asking process and its
    session at the server together); `values`, `values_mb` (with indexes). `data` is not read."""
    with bench_database("amity_bench_fields"):
        owner = a_colleague(Role.OWNER).actor()
        known = {one.key: one for one in _definitions(owner)}
        _fill(count, known)
        figures = _measure(owner, known, of_a_kind)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*), pg_total_relation_size('people_customvalue') / 1e6 FROM people_customvalue"
            )
            values, megabytes = cursor.fetchone() or (0, 0)
        return figures | {"values": values, "values_mb": round(megabytes)}


def _definitions(owner: Actor) -> tuple[Definition, ...]:
    at = timezone.now()
    tastes = [f"Taste {number}" for number in range(10)]
    for label, kind, options in (
        ("Tier", "choice", ["Platinum", "Gold", "Silver", "Bronze"]), ("Tastes", "choices", tastes),
        ("Score", "number", []), ("Visit", "date", []), ("Note", "text", []),
    ):  # fmt: skip
        add_field("person", label=label, kind=kind, options=options, purposes=EVERY, actor=owner, at=at)
    return fields_for(owner)


def _fill(count: int, known: dict[str, Definition]) -> None:
    with connection.cursor() as cursor:
        for statement in _PEOPLE.split(";\n"):
            cursor.execute(statement, {"now": timezone.now(), "count": count} if "%(" in statement else None)
        for statement in _VALUES:
            cursor.execute(statement, {key: one.id for key, one in known.items()})
        cursor.execute("VACUUM (ANALYZE) people_person")
        cursor.execute("VACUUM (ANALYZE) people_customvalue")


def _questions(random: Random, of_a_kind: int) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The kind of a question, and what it asks."""
    first = date(2026, 1, 1)
    for _ in range(of_a_kind):
        low, day = random.randrange(990), first + timedelta(days=random.randrange(900))
        yield "rare_option", [("tier", "platinum")]
        yield "option", [("tier", random.choice(["gold", "silver"]))]
        yield "common_option", [("tier", "bronze")]
        yield (
            "any_option",
            [("tastes", f"taste_{random.randrange(10)}"), ("tastes", f"taste_{random.randrange(10)}")],
        )
        yield "between", [("score.from", str(low)), ("score.to", str(low + random.choice([1, 10, 300])))]
        yield "days", [("visit.from", day.isoformat()), ("visit.to", (day + timedelta(days=7)).isoformat())]
        yield "words", [("note.has", f"word{random.randrange(3000)}")]
        yield "not_known", [("tier.set", "no")]
        yield "several", [("tier", "gold"), ("score.from", "500"), ("visit.set", "yes")]


def _measure(owner: Actor, known: dict[str, Definition], of_a_kind: int) -> dict[str, float]:
    random, times = Random(SEED), defaultdict[str, list[float]](list)
    worked = processor_of_us_and_our_session()
    fields = tuple(known.values())
    for kind, asked in _questions(random, of_a_kind):
        together: dict[str, list[str]] = defaultdict(list)
        for key, value in asked:
            together[key].append(value)
        found = [read_condition(key, values, fields) for key, values in together.items()]
        wanted = PeopleWanted(conditions=tuple(one for one in found if one))
        before, started = worked(), time.perf_counter()
        list_people(owner, wanted, with_count=True, fields=fields)
        times[kind].append((time.perf_counter() - started) * 1_000)
        times["cpu"].append((worked() - before) / 1e6)
    for order in ("score", "-score", "visit", "note", "tier", "-tier"):
        fact = f"{'-' * order.startswith('-')}custom:{order.removeprefix('-')}"
        for _ in range(max(1, of_a_kind // PAGES)):
            after = None
            for _ in range(PAGES):
                before, started = worked(), time.perf_counter()
                page = list_people(
                    owner, PeopleWanted(order=fact), after=after, with_count=True, fields=fields
                )
                times["order"].append((time.perf_counter() - started) * 1_000)
                times["cpu"].append((worked() - before) / 1e6)
                after = page.after
    every = [one for kind, of_kind in times.items() if kind != "cpu" for one in of_kind]
    figures = _quantiles("fields", every)
    for kind, taken in times.items():
        figures |= _quantiles(kind, taken)
    return figures


def _quantiles(name: str, times: list[float]) -> dict[str, float]:
    times = sorted(times) or [0.0]
    return {
        f"{name}_p50_ms": round(times[len(times) // 2], 1),
        f"{name}_p99_ms": round(times[min(len(times) - 1, int(len(times) * 0.99))], 1),
    }
