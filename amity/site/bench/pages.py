"""`amity bench pages`: the heaviest pages over HTTP, at a million activities and 100,000 people."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection  # noqa: TID251  # asks the Amity that this bench started
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

from django.conf import settings as django_settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from amity.kernel.actor import Role
from amity.kernel.errors import DomainError
from amity.kernel.models import Staff
from amity.site.bench.database import bench_database, fill
from amity.site.bench.processes import free_port, wait_until_healthy
from amity.site.cli.run import web_command

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
        cookie = _signed_in()
        pages = _pages()
        call_command("collectstatic", interactive=False, verbosity=0)
        with _server() as port:
            client = HTTPConnection("127.0.0.1", port, timeout=30)
            figures: dict[str, float] = {}
            for name, address in pages.items():
                times = sorted(_ask(client, cookie, address) for _ in range(WARM_UP + REQUESTS))[:-1]
                figures[f"{name}_p50_ms"] = round(times[len(times) // 2], 1)
                figures[f"{name}_p99_ms"] = round(times[int(len(times) * 0.99)], 1)
            return figures


def _signed_in() -> str:
    member = Staff(email="bench@amity.example", name="Bench", role=Role.AGENT, joined_at=timezone.now())
    member.set_unusable_password()
    member.save()
    session = import_module(django_settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = django_settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.create()
    return f"{django_settings.SESSION_COOKIE_NAME}={session.session_key}"


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


@contextmanager
def _server() -> Iterator[int]:
    """The web process that `amity run` starts, on the database of the bench."""
    port = free_port()
    known = connection.get_connection_params()
    url = make_conninfo(
        **{key: known[key] for key in ("host", "port", "user", "password", "dbname") if known.get(key)}
    )
    server = subprocess.Popen(
        web_command("127.0.0.1", port), env={**os.environ, "AMITY_DATABASE_URL": url}, start_new_session=True
    )
    try:
        wait_until_healthy(port)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=20)


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
