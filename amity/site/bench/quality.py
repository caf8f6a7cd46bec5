"""`amity bench quality`: everybody is judged at a million people, and the screen of it is asked for."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from http.client import HTTPConnection  # noqa: TID251  # asks the Amity that this bench started
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from amity.kernel.actor import SYSTEM, Role
from amity.kernel.errors import DomainError
from amity.people.models import Person
from amity.quality.looking import refresh
from amity.quality.queries.report import report_on
from amity.site.bench.database import SOURCE, bench_database
from amity.site.bench.pages import PageFailed
from amity.site.bench.searching.world import fill
from amity.site.bench.serving import a_colleague, session_of, web_server

PEOPLE, REQUESTS, WARM_UP, SEED, REFRESHED = 1_000_000, 200, 10, 5, 1_000

# The people of the search bench, named by two sources: what these say of them, now and then wrongly or long ago.
_SIGHTINGS = """
    INSERT INTO people_sighting (identity_id, source_id, run_id, with_id, at)
    SELECT i.id, s.id, '00000000-0000-0000-0000-000000000000', i.id, %(now)s - interval '1 day' * (h.n %% 1400)
    FROM people_identity i, LATERAL (SELECT abs(hashtext(i.id::text)) AS n) h
    JOIN channels_source s ON s.key = CASE WHEN h.n %% 3 = 0 THEN 'bench-shop' ELSE %(source)s END
"""
_FACTS = """
    INSERT INTO people_fact (identity_id, field, value, source_id, observed_at)
    SELECT s.identity_id, f.field, f.value, s.source_id, s.at
    FROM people_sighting s JOIN people_link l ON l.identity_id = s.identity_id AND l.revoked_at IS NULL
    JOIN people_person p ON p.id = l.person_id, LATERAL (SELECT abs(hashtext(s.identity_id::text || 'f')) AS n) h,
    LATERAL (VALUES
        ('name', CASE WHEN h.n %% 50 = 0 THEN 'test' ELSE p.name END),
        ('country', (ARRAY['DE','FR','Germany','de','AT',''])[1 + h.n %% 6]),
        ('city', (ARRAY['Berlin','n/a','Lyon','',''])[1 + h.n / 7 %% 5]),
        ('language', (ARRAY['en','de','German',''])[1 + h.n / 11 %% 4]),
        ('phone', CASE WHEN h.n %% 100 = 0 THEN '+4930' || (h.n / 100 %% 5000) ELSE '' END)
    ) AS f(field, value) WHERE f.value <> ''
"""


class Disagrees(DomainError):
    """A figure is not the number of its records."""

    code = "bench.disagrees"


def settings() -> dict[str, int]:
    """What was asked."""
    return {"people": PEOPLE, "requests_per_page": REQUESTS, "refreshed": REFRESHED, "seed": SEED}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    count: int = PEOPLE,
    requests: int = REQUESTS,
) -> dict[str, float]:
    """Figures `look_s` and `look_peak_mb` (everybody judged, by the command that the night runs), `again_s` (once more,
    when every verdict is there), `refresh_ms` (a thousand people put right), `verdicts_mb` on the disk, `score`, and
    `<page>_p50_ms`, `<page>_p99_ms` over HTTP of the report, of the records of changing figures and of the list of
    people with such a filter. That every figure is the number of its records is asked for, too. `data` is not read.
    """
    with bench_database("amity_bench_quality"):
        _world(count)
        figures = dict(zip(("look_s", "look_peak_mb"), _look(), strict=True))
        figures["again_s"] = _look()[0]
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) quality_verdict")
            cursor.execute("SELECT pg_total_relation_size('quality_verdict') / 1e6")
            figures["verdicts_mb"] = round((cursor.fetchone() or (0,))[0])
        ids = list(Person.objects.values_list("pk", flat=True)[:REFRESHED])
        started = time.perf_counter()
        refresh(ids, at=timezone.now())
        figures["refresh_ms"] = round((time.perf_counter() - started) * 1_000)
        figures |= _screens(requests)
        return figures


def _world(count: int) -> None:
    now = timezone.now()
    fill(SEED, count, now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels_source (id, key, adapter, name, config, created_at) "
            "VALUES (gen_random_uuid(), 'bench-shop', 'file', 'Shop', '{}', %s)",
            [now],
        )
        cursor.execute(_SIGHTINGS, {"now": now, "source": SOURCE})
        cursor.execute(_FACTS.replace("%%", "%"))
        cursor.execute("VACUUM (ANALYZE)")


def _look() -> tuple[float, float]:
    """Seconds and megabytes at most of the process that the night starts."""
    known = connection.get_connection_params()
    url = make_conninfo(
        **{key: known[key] for key in ("host", "port", "user", "password", "dbname") if known.get(key)}
    )
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "amity", "quality", "--json"],
        env={**os.environ, "AMITY_DATABASE_URL": url, "AMITY_LOG_LEVEL": "WARNING"},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_000
    return round(time.perf_counter() - started, 1), round(peak)


def _screens(requests: int) -> dict[str, float]:
    report = report_on(SYSTEM, timezone.now())
    bad = [one for one in report.shares if one.bad]
    for one in bad:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM quality_verdict WHERE findings @> ARRAY(SELECT id FROM quality_finding "
                "WHERE scope = 'all' AND field = %s AND problem = %s)",
                [one.field, one.problem.value],
            )
            (counted,) = cursor.fetchone() or (0,)
        if counted != one.bad:
            raise Disagrees(f"{one.field} {one.problem}: {one.bad} and {counted}")
    figures = {"score": round(report.score or 0, 1)}
    cookie = "=".join(session_of(a_colleague(Role.OWNER)))
    dice = Random(SEED)

    def records() -> str:
        one = dice.choice(bad)
        return f"/quality/records/?{urlencode({'field': one.field, 'problem': one.problem.value})}"

    def people() -> str:
        one = dice.choice(bad)
        return f"/people/?{urlencode({'is': f'quality:{one.field}:{one.problem.value}'})}"

    pages = {"screen": lambda: "/quality/", "records": records, "people": people}
    with web_server() as port:
        client = HTTPConnection("127.0.0.1", port, timeout=60)
        for name, address in pages.items():
            times = sorted(_ask(client, cookie, address()) for _ in range(WARM_UP + requests))[:-1]
            figures[f"{name}_p50_ms"] = round(times[len(times) // 2], 1)
            figures[f"{name}_p99_ms"] = round(times[int(len(times) * 0.99)], 1)
    return figures


def _ask(client: HTTPConnection, cookie: str, path: str) -> float:
    started = time.perf_counter()
    client.request("GET", path, headers={"Cookie": cookie, "Host": "127.0.0.1"})
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise PageFailed(f"{path} answered {answer.status}")
    return (time.perf_counter() - started) * 1_000
