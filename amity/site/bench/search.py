"""`amity bench search`: the one box at a million people, by kind of what is typed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from http.client import HTTPConnection  # noqa: TID251  # asks the Amity that this bench started
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import quote

from django.db import connection
from django.utils import timezone

from amity.kernel.actor import Actor, Role
from amity.people.domain.folding import fold
from amity.people.queries import FoundPerson, find_people
from amity.people.vocabulary import settle
from amity.site.bench.database import bench_database
from amity.site.bench.pages import PageFailed
from amity.site.bench.searching.names import names
from amity.site.bench.searching.typing import KINDS
from amity.site.bench.searching.world import Invented, fill, people
from amity.site.bench.serving import a_colleague, session_of, web_server
from amity.site.palette import find

PEOPLE, OF_A_KIND, OVER_HTTP, AT, SEED, WARM_UP = 1_000_000, 300, 600, 10, 5, 30
NO_ONE_ALONE = frozenset({"exact", "accent", "part_word", "typo", "typo_one_word", "address_part"})
"""Kinds of which several people may be meant: whoever bears the words that were meant is right."""


def settings() -> dict[str, int]:
    """What was asked."""
    return {"people": PEOPLE, "queries_of_a_kind": OF_A_KIND, "queries_over_http": OVER_HTTP, "seed": SEED}


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    count: int = PEOPLE,
    of_a_kind: int = OF_A_KIND,
) -> dict[str, float]:
    """Figures `search_p50_ms` and `search_p99_ms` of the whole box over all kinds, `<kind>_p50_ms` and `<kind>_p99_ms`,
    `<kind>_recall_at_10` (the person for whom it was typed is among the first ten people, or a namesake),
    `http_p50_ms` and `http_p99_ms` (the same over HTTP, as the palette asks), `cpu_p50_ms` and `cpu_p99_ms` (processor
    time of the asking process and its session at the server together: what a search takes where nobody else is at work;
    0 where the system does not tell), and what it costs to make the vocabulary:
    `words`, `settle_s`, `vocabulary_mb`, `search_index_mb`.

    Each kind is typed for people who are chosen by chance, each for one kind. `data` is not read.
    """
    with bench_database("amity_bench_search"):
        now = timezone.now()
        fill(SEED, count, now)
        figures = _vocabulary()
        staff = a_colleague(Role.OWNER)
        asked = _asked(count, of_a_kind, now)
        figures |= _measure(staff.actor(), asked)
        typed = [text for of_kind in asked.values() for _, text in of_kind]
        Random(SEED).shuffle(typed)
        with web_server() as port:
            figures |= _over_http(port, "=".join(session_of(staff)), typed[:OVER_HTTP])
    return figures


def _vocabulary() -> dict[str, float]:
    started = time.perf_counter()
    settle()
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) people_word")
        cursor.execute("VACUUM people_wordchange")
        cursor.execute(
            "SELECT count(*), pg_total_relation_size('people_word') / 1e6, "
            "pg_relation_size('people_person_search') / 1e6 FROM people_word"
        )
        words, vocabulary, index = cursor.fetchone() or (0, 0, 0)
    return {
        "words": words,
        "settle_s": round(seconds, 1),
        "vocabulary_mb": round(vocabulary),
        "search_index_mb": round(index),
    }


def _asked(count: int, of_a_kind: int, now: datetime) -> Mapping[str, list[tuple[Invented, str]]]:
    """For each kind whom it is typed for and what: of people from everywhere, each for one kind."""
    random = Random(SEED)
    known = names(random, scale=count / 1_000_000)
    everybody = people(random, count, now, known)
    step = max(1, count // (of_a_kind * len(KINDS) * 12))
    chosen = list(islice(everybody, 0, None, step))
    dice = Random(SEED + 1)
    dice.shuffle(chosen)
    waiting = iter(chosen)
    return {kind: list(islice(_typed(kind, dice, waiting), of_a_kind)) for kind in KINDS}


def _typed(kind: str, dice: Random, waiting: Iterator[Invented]) -> Iterator[tuple[Invented, str]]:
    for one in waiting:
        if text := KINDS[kind](dice, one):
            yield one, text


def _measure(actor: Actor, asked: Mapping[str, list[tuple[Invented, str]]]) -> dict[str, float]:
    for _, text in [one for of_kind in asked.values() for one in of_kind[: WARM_UP // 10]]:
        find(actor, text)
    figures: dict[str, float] = {}
    every: list[float] = []
    worked: list[float] = []
    processor = _processor()
    for kind, typed in asked.items():
        times = []
        for _, text in typed:
            before, started = processor(), time.perf_counter()
            find(actor, text)
            times.append((time.perf_counter() - started) * 1_000)
            worked.append((processor() - before) / 1e6)
        every += times
        figures |= _quantiles(kind, times)
        if kind != "order_number":
            right = sum(_is_found(actor, kind, one, text) for one, text in typed)
            figures[f"{kind}_recall_at_10"] = round(right / max(1, len(typed)), 4)
    return _quantiles("search", every) | _quantiles("cpu", worked) | figures


def _processor() -> Callable[[], int]:
    """Nanoseconds that this process and its session at the server have worked; 0 where the system does not tell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone() or (0,)
    spent = Path(f"/proc/{pid}/schedstat")
    if not spent.exists():
        return lambda: 0
    return lambda: time.process_time_ns() + int(spent.read_text().split()[0])


def _is_found(actor: Actor, kind: str, meant: Invented, text: str) -> bool:
    found = find_people(actor, text, AT)
    if any(one.id == meant.id for one in found):
        return True
    return kind in NO_ONE_ALONE and any(_bears(one, kind, meant, text) for one in found)


def _bears(one: FoundPerson, kind: str, meant: Invented, text: str) -> bool:
    """Whether a namesake is as right: of the same name, of the same last name where that alone was typed, or with what
    was typed as it stands."""
    if kind in ("exact", "accent", "typo"):
        return fold(one.name) == fold(meant.name)
    if kind == "typo_one_word":
        return fold(meant.name.split()[-1]) in fold(one.name)
    words = fold(f"{one.name} {one.email} {one.organisation} {one.address}").split()
    return all(any(there.startswith(word) for there in words) for word in fold(text).split())


def _over_http(port: int, cookie: str, typed: list[str]) -> dict[str, float]:
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Host": "127.0.0.1", "HX-Request": "true", "HX-Request-Type": "partial"}
    times = []
    for text in [*typed[:WARM_UP], *typed]:
        started = time.perf_counter()
        client.request("GET", f"/find/?q={quote(text)}", headers=headers)
        answer = client.getresponse()
        answer.read()
        if answer.status != 200:
            raise PageFailed(f"A search answered {answer.status}")
        times.append((time.perf_counter() - started) * 1_000)
    return _quantiles("http", times[WARM_UP:])


def _quantiles(name: str, times: list[float]) -> dict[str, float]:
    times = sorted(times) or [0.0]
    return {
        f"{name}_p50_ms": round(times[len(times) // 2], 1),
        f"{name}_p99_ms": round(times[min(len(times) - 1, int(len(times) * 0.99))], 1),
    }
