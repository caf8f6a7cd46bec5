"""`/healthz` and `/readyz`: what a load balancer asks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from amity.site import readiness

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_for_the_first_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness._CHECKS["tables"], "are_right", False)


def heartbeat(seconds_ago: float = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
            [seconds_ago],
        )


def ready(query: str = "") -> tuple[int, dict[str, Any]]:
    answer = Client().get(f"/readyz{query}")
    return answer.status_code, answer.json()


def test_with_all_parts_well_it_is_ready() -> None:
    heartbeat()
    status, told = ready()
    assert status == 200
    assert told == {
        "ready": True,
        "checks": {"database": {"ok": True}, "tables": {"ok": True}, "worker": {"ok": True}},
    }


def test_without_a_worker_it_is_not_but_pages_may_be_asked_for_alone() -> None:
    status, told = ready()
    assert (status, told["ready"]) == (503, False)
    assert told["checks"]["worker"] == {"ok": False, "wrong": "has not been heard of"}
    assert ready("?exclude=worker")[0] == 200


def test_a_worker_that_fell_silent_is_said_to_be() -> None:
    heartbeat(90)
    assert ready()[1]["checks"]["worker"]["wrong"].startswith("was last heard of 9")


def test_tables_of_an_older_version_are_not_served() -> None:
    heartbeat()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'insight')"
        )
    status, told = ready()
    assert status == 503
    assert "amity migrate" in told["checks"]["tables"]["wrong"]


def test_a_database_that_is_away_is_the_one_thing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_at: object) -> str:
        raise OperationalError("connection to server at 10.1.2.3 failed: password of amity")

    monkeypatch.setitem(readiness._CHECKS, "database", away)
    status, told = ready()
    assert status == 503
    assert told["checks"] == {"database": {"ok": False, "wrong": "does not answer"}}
    assert "10.1.2.3" not in str(told)


def test_it_tells_an_outsider_no_version_no_address_and_no_name() -> None:
    told = str(ready()[1])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_database()")
        version, name = cursor.fetchone()
    assert version.split()[0] not in told
    assert name not in told


def test_probes_are_answered_whatever_we_are_called_and_carry_no_cookie() -> None:
    for path in ("/healthz", "/readyz"):
        answer = Client().get(path, headers={"Host": "10.0.0.7:8000"})
        assert answer.status_code in {200, 503}
        assert not answer.cookies
        assert answer.headers["Cache-Control"] == "no-store"
    assert Client().get("/healthz").content == b"ok"


def test_only_reading_is_a_probe() -> None:
    assert Client().post("/healthz", headers={"Host": "10.0.0.7"}).status_code == 400


def test_a_second_look_does_not_ask_for_the_tables_again(django_assert_num_queries: Any) -> None:
    heartbeat()
    ready()
    with django_assert_num_queries(2):
        ready()
