"""`amity bench pages`: the heaviest pages over HTTP, at a million activities and 100,000 people."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from http.client import HTTPConnection  # noqa: TID251  # asks the Amity that this bench started
from pathlib import Path
from urllib.parse import quote

from django.db import connection
from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.errors import DomainError
from amity.site.bench.database import bench_database, fill
from amity.site.bench.serving import a_colleague, session_of, web_server

PEOPLE, ACTIVITIES, REQUESTS, WARM_UP = 100_000, 1_000_000, 300, 15
LETTERS = ("a", "an", "to", "han", "vogel", "anna v", "lukas rein", "person4711", "priya n", "o")


class PageFailed(DomainError):
    """A page that is measured did not answer with 200."""

    code = "bench.page_failed"


def settings() -> dict[str, int]:
    """What was asked of the server."""
    return {"people": PEOPLE, "activities": ACTIVITIES, "requests_per_page": REQUESTS, "clients": 1}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    people: int = PEOPLE,
    activities: int = ACTIVITIES,
) -> dict[str, float]:
    """Figures `<page>_p50_ms` and `<page>_p99_ms` for inbox, conversation, timeline, people list and search, Today.

    One signed-in client asks one page after the other over a kept connection; each page is asked with changing
    persons, words and places in the list. `data` is not read.
    """
    with bench_database("amity_bench_pages"):
        fill(timezone.now(), people=people, activities=activities)
        cookie = "=".join(session_of(a_colleague(Role.AGENT)))
        pages = _pages()
        with web_server() as port:
            client = HTTPConnection("127.0.0.1", port, timeout=30)
            figures: dict[str, float] = {}
            for name, address in pages.items():
                times = sorted(_ask(client, cookie, address) for _ in range(WARM_UP + REQUESTS))[:-1]
                figures[f"{name}_p50_ms"] = round(times[len(times) // 2], 1)
                figures[f"{name}_p99_ms"] = round(times[int(len(times) * 0.99)], 1)
            return figures


def _pages() -> dict[str, Callable[[], str]]:
    rng = random.Random(11)
    busy = _column("SELECT md5('p' || n)::uuid FROM generate_series(1, 50) n")
    waiting = _column(
        "SELECT id FROM conversations_conversation WHERE state = 'open' ORDER BY due_at LIMIT 1000"
    )
    return {
        "inbox": lambda: "/inbox/",
        "conversation": lambda: f"/inbox/{rng.choice(waiting)}/",
        "timeline": lambda: f"/people/{rng.choice(busy)}/",
        "people": lambda: "/people/",
        "people_search": lambda: f"/people/?q={quote(rng.choice(LETTERS))}",
        "today": lambda: "/",
    }


def _column(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [str(value) for (value,) in cursor.fetchall()]


def _ask(client: HTTPConnection, cookie: str, address: Callable[[], str]) -> float:
    """Milliseconds from the request to the last byte of the answer."""
    path = address()
    started = time.perf_counter()
    client.request("GET", path, headers={"Cookie": cookie, "Host": "127.0.0.1"})
    answer = client.getresponse()
    answer.read()
    milliseconds = (time.perf_counter() - started) * 1_000
    if answer.status != 200:
        raise PageFailed(f"{path} answered {answer.status}")
    return milliseconds
