"""`/metrics`: closed by default, added up over processes, and about nobody."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import procrastinate
import pytest
from django.db import OperationalError
from django.test import Client
from procrastinate.testing import InMemoryConnector
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from amity.kernel import metrics
from amity.kernel.health import checks
from amity.kernel.pipeline import Batch, run_stages
from amity.site.job_log import job_log
from amity.site.tests.shell.factories import PASSWORD, make_staff, signed_in

pytestmark = pytest.mark.django_db

TOKEN = "a token that nobody guesses"
Sample = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture
def on(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(host: str = "10.0.0.7:8000") -> dict[Sample, float]:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Host": host})
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found[sample.name, frozenset(sample.labels.items())] = sample.value
    return found


def value(found: dict[Sample, float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def test_without_a_token_set_there_is_no_such_page() -> None:
    assert signed_in(make_staff()).get("/metrics").status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.usefixtures("on")
@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"bearer{TOKEN}", "Bearer \u00e9"]
)
def test_a_wrong_token_is_refused_wherever_it_comes_from(given: str) -> None:
    for client in (Client(), signed_in(make_staff())):
        answer = client.get("/metrics", headers={"Authorization": given}, REMOTE_ADDR="127.0.0.1")
        assert answer.status_code == 401
        assert b"amity_" not in answer.content


@pytest.mark.usefixtures("on")
def test_requests_are_counted_by_route_and_status() -> None:
    before = scrape()
    client = signed_in(make_staff())
    client.get("/find/?q=grinder")
    client.get("/find/?q=kettle")
    client.get("/nowhere/at/all/")
    after = scrape()

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("amity_http_requests_total", method="GET", route="/find/", status="200") == 2
    assert more("amity_http_requests_total", method="GET", route="(none)", status="404") == 1
    assert more("amity_http_request_seconds_count", route="/find/") == 2
    assert more("amity_http_request_seconds_bucket", route="/find/", le="+Inf") == 2


@pytest.mark.usefixtures("on")
def test_nothing_that_came_from_outside_becomes_a_label() -> None:
    client = signed_in(make_staff(name="Hannah Brook", email="hannah@roast.example"))
    client.get("/hannah@roast.example/?q=hannah")
    client.get("/find/?q=hannah")
    client.generic("HANNAH", "/")
    Client().post("/login/", {"email": "hannah@roast.example", "password": "hannah"})
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert b"hannah" not in answer.content.lower()
    assert b'method="OTHER"' in answer.content


@pytest.mark.usefixtures("on")
def test_a_label_that_grows_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_SERIES", 3)
    grows = metrics.Counter("amity_test_growing_total", "Grows.", ("what",))
    for number in range(10):
        grows.add(what=str(number))
    found = {
        labels: value for (name, labels), value in scrape().items() if name == "amity_test_growing_total"
    }
    assert len(found) == 4
    assert found[frozenset({("what", metrics.OTHER)})] == 7


@pytest.mark.usefixtures("on")
def test_every_part_of_the_status_screen_is_there_with_its_figures() -> None:
    found = scrape()
    parts = {dict(labels)["part"] for name, labels in found if name == "amity_health"}
    assert {"database", "worker", "timers", "outbox", "disk"} <= parts <= {check.key for check in checks()}
    assert value(found, "amity_health", part="worker") == 3  # no worker runs in this test
    assert value(found, "amity_database_up") == 1
    assert value(found, "amity_database_size_bytes") > 1_000_000
    assert value(found, "amity_disk_free_bytes") > 0
    assert ("amity_live_listeners", frozenset()) in found


@pytest.mark.usefixtures("on")
def test_with_the_database_away_it_says_so_and_still_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError

    signed_in(make_staff()).get("/find/")
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    found = scrape()
    assert value(found, "amity_database_up") == 0
    assert value(found, "amity_http_requests_total", method="GET", route="/find/", status="200") >= 1
    assert not [name for name, _ in found if name == "amity_health"]


@pytest.mark.usefixtures("on")
def test_who_comes_in_and_who_does_not_is_counted() -> None:
    staff, before = make_staff(), scrape()
    Client().post("/login/", {"email": staff.email, "password": "wrong"})
    Client().post("/login/", {"email": staff.email, "password": PASSWORD})
    after = scrape()
    for outcome in ("failed", "done"):
        name = "amity_sign_ins_total"
        assert value(after, name, outcome=outcome) - value(before, name, outcome=outcome) == 1


@pytest.mark.usefixtures("on")
def test_stages_are_timed() -> None:
    from datetime import UTC, datetime
    from uuid import uuid4

    def quick(batch: Batch) -> Batch:
        return batch

    run_stages((quick,), Batch(uuid4(), datetime.now(UTC)))
    found = scrape()
    assert value(found, "amity_stage_seconds_count", stage="site.quick") == 1


@pytest.mark.usefixtures("on")
def test_jobs_are_counted_by_how_they_end() -> None:
    app = procrastinate.App(connector=InMemoryConnector())

    @app.task(name="test.good")
    def good() -> None: ...

    @app.task(name="test.bad")
    def bad() -> None:
        raise ValueError("hannah@roast.example")

    async def work() -> None:
        async with app.open_async():
            await good.defer_async()
            await bad.defer_async()
            await app.run_worker_async(
                wait=False, install_signal_handlers=False, worker_middleware=[job_log], concurrency=1
            )

    asyncio.run(work())
    found = scrape()
    assert value(found, "amity_jobs_total", task="test.good", outcome="done") == 1
    assert value(found, "amity_jobs_total", task="test.bad", outcome="failed") == 1
    assert value(found, "amity_job_seconds_count", task="test.good") == 1


COUNTING = """
import django
from django.conf import settings
settings.configure(METRICS_TOKEN="x" * 20)
from amity.kernel import metrics
counter = metrics.Counter("amity_test_items_total", "Items.", ("outcome",))
timing = metrics.Timing("amity_test_seconds", "Seconds.")
counter.add(3, outcome="new")
timing.observe(0.2)
from prometheus_client import generate_latest
print(generate_latest(metrics.registry()).decode())
"""


def test_processes_add_up_what_they_count_also_when_one_is_gone(tmp_path: Path) -> None:
    environ = {**os.environ, metrics.FOLDER: str(tmp_path)}
    told = ""
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", COUNTING], env=environ, capture_output=True, text=True, check=True
        ).stdout
    assert 'amity_test_items_total{outcome="new"} 6.0' in told
    assert "amity_test_seconds_count 2.0" in told


WITHOUT = """
import sys
from amity.site.wsgi import application
print(sorted({name.partition(".")[0] for name in sys.modules} & {"prometheus_client", "opentelemetry"}))
"""


def test_while_nobody_looks_their_libraries_are_not_even_loaded() -> None:
    told = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
