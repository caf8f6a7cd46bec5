"""`amity bench api`: contacts created one by one and in bulk, and lists, over HTTP as `amity run` serves them.

Eight clients in two processes of their own keep a connection each; they share the machine with what they measure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.api.tokens import make_token, scopes_of
from amity.site.bench.api_client import Connection, Refused, person
from amity.site.bench.database import bench_database
from amity.site.bench.serving import a_colleague, web_server

CLIENTS, SECONDS, BULK_ROWS, BULKS, LISTS = 8, 8, 10_000, 4, 300


def settings() -> dict[str, int]:
    """What was asked of the server."""
    return {"clients": CLIENTS, "seconds": SECONDS, "bulk_rows": BULK_ROWS, "bulks": BULKS, "lists": LISTS}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    seconds: float = SECONDS,
    bulk_rows: int = BULK_ROWS,
) -> dict[str, float]:
    """Figures `create_per_s`, `bulk_rows_per_s` (half of the rows new, a quarter changed, a quarter the same),
    `bulk_create_rows_per_s` (all new), `list_p50_ms` and `list_p99_ms` of 50 people out of all that were made."""
    with bench_database("amity_bench_api"):
        secret = _secret()
        with web_server() as port:
            one = Connection(port, secret)
            one.ask("GET", "/api/v1/people")
            _create(port, secret, 0.5, offset=10**6)
            created = _create(port, secret, seconds, offset=0)
            bulk_new, bulk_mixed = _bulk(one, bulk_rows)
            times = sorted(one.timed("GET", "/api/v1/people?limit=50") for _ in range(LISTS))
    return {
        "create_per_s": round(created, 1),
        "bulk_rows_per_s": round(bulk_mixed, 1),
        "bulk_create_rows_per_s": round(bulk_new, 1),
        "list_p50_ms": round(times[len(times) // 2], 2),
        "list_p99_ms": round(times[int(len(times) * 0.99)], 2),
    }


def _secret() -> str:
    staff = a_colleague(Role.AGENT)
    scopes = scopes_of(Role.AGENT)
    return make_token("Bench", actor=staff.actor(), at=timezone.now(), scopes=scopes)[1]


def _create(port: int, secret: str, seconds: float, *, offset: int) -> float:
    """Contacts made a second by `CLIENTS` clients at once."""
    command = [
        sys.executable,
        "-m",
        "amity.site.bench.api_client",
        str(port),
        secret,
        str(seconds),
        str(offset),
    ]
    children = [
        subprocess.Popen([*command, str(child)], stdout=subprocess.PIPE, text=True) for child in range(2)
    ]
    counts = [json.loads(child.communicate()[0]) for child in children]
    return float(sum(count / spent for count, spent in counts))


def _bulk(one: Connection, rows: int) -> tuple[float, float]:
    """Rows a second: all new; then upserts of which half are new, a quarter changed and a quarter the same."""
    first = 2 * 10**7
    spent = 0.0
    for turn in range(BULKS):
        spent += _send(one, [person(first + turn * rows + n) for n in range(rows)], "created", rows)
    new = BULKS * rows / spent
    spent, half, quarter = 0.0, rows // 2, rows // 4
    for turn in range(BULKS):
        known = first + turn * rows
        body = [person(3 * 10**7 + turn * rows + n) for n in range(half)]
        body += [person(known + n, "Bonn") for n in range(quarter)]
        body += [person(known + quarter + n) for n in range(rows - half - quarter)]
        spent += _send(one, body, "created", half)
    return new, BULKS * rows / spent


def _send(one: Connection, rows: list[dict[str, Any]], status: str, count: int) -> float:
    body = json.dumps(rows).encode()
    started = time.perf_counter()
    answer = one.ask("POST", "/api/v1/people/bulk", body)
    spent = time.perf_counter() - started
    if json.loads(answer)["counts"][status] != count:
        raise Refused(f"bulk: {answer[:200]!r}")
    return spent
