"""Status: how each part of the machine is, in words."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone, translation
from django.utils.formats import date_format
from pytest_django.fixtures import Settings

from amity.channels.account_models import Account
from amity.channels.models import ImportRun, Item, ItemState, RunState
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.audit import record
from amity.kernel.errors import Forbidden
from amity.kernel.health import Finding, Health, Look, checks, register_check, worst
from amity.kernel.models import Team, Timer
from amity.kernel.sealing import seal_all
from amity.site import health, status
from amity.site.tests.shell.factories import make_source, make_staff, signed_in

pytestmark = pytest.mark.django_db


def part(key: str, actor: Actor = SYSTEM) -> Finding:
    return next(finding for finding in status.findings(actor, timezone.now()) if finding.key == key)


def run_sql(query: str, *parameters: str | float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)


def heartbeat(seconds_ago: float = 1) -> None:
    run_sql(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
        seconds_ago,
    )


def job(state: str) -> None:
    run_sql(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES ('q', 't', '{}', %s)",
        state,
    )


def test_the_database_says_its_version_and_size() -> None:
    finding = part("database")
    assert finding.health is Health.GOOD
    assert finding.words.startswith("PostgreSQL ")
    assert int(finding.figures["size_bytes"]) > 1_000_000


def test_without_a_worker_work_waits_and_the_remedy_is_named() -> None:
    job("todo")
    finding = part("worker")
    assert finding.health is Health.BAD
    assert finding.words.startswith("No worker is running.")
    assert "amity run" in finding.remedy
    assert finding.figures["waiting"] == 1


def test_a_worker_that_fell_silent_is_said_to_be() -> None:
    heartbeat(300)
    assert part("worker").words.startswith("Silent for 5")


def test_a_worker_at_work_is_no_trouble() -> None:
    heartbeat()
    assert part("worker").health is Health.GOOD
    job("failed")
    finding = part("worker")
    assert (finding.health, finding.figures["failed"]) == (Health.CAUTION, 1)
    assert "Failed: t × 1." in finding.words
    assert "--retry" in finding.remedy


def test_a_job_whose_worker_is_gone_stalls() -> None:
    heartbeat()
    job("doing")
    assert part("worker").figures["stalled"] == 1


def test_a_timer_that_nobody_wakes_is_late() -> None:
    assert part("timers").health is Health.GOOD
    Timer.objects.create(kind="x", subject_id=uuid4(), wake_at=timezone.now() - timedelta(minutes=10))
    finding = part("timers")
    assert (finding.health, finding.figures["due"]) == (Health.CAUTION, 1)


def test_the_live_stream_is_seen_by_its_connection() -> None:
    assert part("live").figures["is_connected"] == 0
    run_sql("SELECT set_config('application_name', 'amity-live 12', true), pg_stat_clear_snapshot()")
    finding = part("live")
    assert (finding.health, finding.figures["listeners"]) == (Health.GOOD, 12)


def test_imports_and_quarantine_of_other_teams_stay_unknown() -> None:
    now = timezone.now()
    source = make_source("legal", team=Team.objects.create(name="Legal"))
    run = ImportRun.objects.create(
        source=source,
        filename="x.csv",
        stored_path="x",
        digest="x",
        size_bytes=1,
        state=RunState.FAILED,
        created_at=now,
    )
    Item.objects.create(
        source=source, run=run, digest=b"1", position=1, content_type="row", raw=b"", received_at=now,
        state=ItemState.QUARANTINED,
    )  # fmt: skip
    assert part("imports").figures["failed"] == 1
    assert part("quarantine").health is Health.CAUTION
    outsider = make_staff(role=Role.AGENT).actor()
    assert part("imports", outsider).figures["failed"] == 0
    assert part("quarantine", outsider).figures["items"] == 0


def test_the_whole_is_as_well_as_its_worst_part() -> None:
    parts = [Finding("a", "A", health, "") for health in (Health.INFO, Health.CAUTION, Health.GOOD)]
    assert worst(parts) is Health.CAUTION
    assert worst([]) is Health.GOOD


def test_who_may_not_read_it_is_refused() -> None:
    with pytest.raises(Forbidden):
        status.findings(Actor(Role.PARTNER), timezone.now())


def test_the_page_its_fragment_and_its_twin_tell_the_same() -> None:
    client = signed_in(make_staff())
    page = client.get("/status/").content.decode()
    fragment = client.get(
        "/status/", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    ).content.decode()
    twin = client.get("/status.json").json()
    assert "<html" in page
    assert "<html" not in fragment
    registered = [check.key for check in checks()]
    assert [finding["key"] for finding in twin["parts"]] == [
        key for key in registered if key in {part["key"] for part in twin["parts"]}
    ]
    assert {"database", "worker", "imports", "outbox", "disk"} <= set(registered)
    for finding in twin["parts"]:
        assert finding["label"] in page
        assert finding["label"] in fragment
    assert twin["health"] == "bad"  # no worker runs in this test


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amity.kernel.health._registered", {})


@pytest.mark.usefixtures("only_these")
def test_packages_bring_checks_of_their_own_and_keep_still_when_they_have_nothing_to_say() -> None:
    @register_check("late", order=80)
    def late(_look: Look) -> Finding:
        return Finding("late", "Late", Health.GOOD, "Late.")

    @register_check("early", order=20)
    def early(_look: Look) -> Finding:
        return Finding("early", "Early", Health.GOOD, "Early.")

    @register_check("unused", order=30)
    def unused(_look: Look) -> None:
        return None

    assert [finding.key for finding in status.findings(SYSTEM, timezone.now())] == ["early", "late"]


@pytest.mark.usefixtures("only_these")
def test_a_check_that_breaks_is_a_finding_and_spoils_no_other() -> None:
    @register_check("broken_part", order=10)
    def broken(_look: Look) -> Finding:
        run_sql("SELECT 1 / 0")
        raise AssertionError

    @register_check("sound", order=20)
    def sound(_look: Look) -> Finding:
        run_sql("SELECT 1")
        return Finding("sound", "Sound", Health.GOOD, "Sound.")

    found = status.findings(SYSTEM, timezone.now())
    assert [(finding.key, finding.health) for finding in found] == [
        ("broken_part", Health.CAUTION),
        ("sound", Health.GOOD),
    ]
    assert "DataError" in found[0].words
    assert found[0].remedy


def test_a_clock_that_agrees_is_not_worth_a_line_and_one_that_does_not_is_broken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not [finding for finding in status.findings(SYSTEM, timezone.now()) if finding.key == "clock"]
    real = time.time
    monkeypatch.setattr("amity.site.health.time.time", lambda: real() + 61)
    finding = part("clock")
    assert finding.health is Health.BAD
    assert "-61 seconds" in finding.words


@pytest.mark.parametrize(
    ("more", "health_of_it", "words"),
    [
        ({}, Health.GOOD, "http://127.0.0.1:8000"),
        ({"DEBUG": True}, Health.BAD, "the inside of Amity"),
        ({"ALLOWED_HOSTS": ["*"]}, Health.CAUTION, "every name"),
        ({"BASE_URL": "http://amity.tamp.example"}, Health.CAUTION, "in the clear"),
        ({"IS_BEHIND_TLS": True}, Health.CAUTION, "contradict"),
        (
            {"IS_BEHIND_TLS": True, "BASE_URL": "https://amity.tamp.example"},
            Health.CAUTION,
            "counts everybody as one",
        ),
        (
            {"IS_BEHIND_TLS": True, "BASE_URL": "https://amity.tamp.example", "PROXIES": 1},
            Health.GOOD,
            "https://amity.tamp.example",
        ),
    ],
)
def test_how_amity_is_reached_is_judged(
    settings: Settings, more: dict[str, object], health_of_it: Health, words: str
) -> None:
    for name, value in more.items():
        setattr(settings, name, value)
    finding = part("address")
    assert (finding.health, bool(finding.remedy)) == (health_of_it, health_of_it is not Health.GOOD)
    assert words in finding.words


def test_a_role_that_can_do_too_much_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "powers_in_words", lambda _row: ["is a superuser"])
    finding = part("role")
    assert finding.health is Health.BAD
    assert "is a superuser" in finding.words
    monkeypatch.setattr(health, "powers_in_words", lambda _row: [])
    assert not [finding for finding in status.findings(SYSTEM, timezone.now()) if finding.key == "role"]


def test_messages_that_wait_for_a_quarter_of_an_hour_are_more_than_late() -> None:
    from amity.site.tests.shell.factories import make_outbound

    make_outbound(send_at=timezone.now() - timedelta(minutes=6))
    assert part("outbox").health is Health.CAUTION
    make_outbound(send_at=timezone.now() - timedelta(minutes=16))
    assert part("outbox").health is Health.BAD


def test_accounts_are_told_of_once_there_is_one_and_only_to_those_who_may_see_them() -> None:
    now = timezone.now()
    keys = [finding.key for finding in status.findings(SYSTEM, now)]
    assert "accounts" not in keys
    legal = make_source("legal-mail", team=Team.objects.create(name="Legal"))
    account = Account.objects.create(
        source=legal, address="legal@tamp.example", created_at=now, looked_at=now
    )
    assert part("accounts").health is Health.GOOD
    account.problem, account.problem_since = "refused", now - timedelta(minutes=5)
    account.save()
    assert part("accounts").health is Health.CAUTION
    account.problem_since = now - timedelta(hours=2)
    account.save()
    finding = part("accounts")
    assert (finding.health, finding.figures["troubled"]) == (Health.BAD, 1)
    assert finding.remedy
    assert "legal@" not in finding.words
    outsider = make_staff(role=Role.AGENT).actor()
    assert "accounts" not in [finding.key for finding in status.findings(outsider, now)]


def test_entries_of_the_trail_that_nobody_seals_are_told_of() -> None:
    now = timezone.now()
    seal_all()
    assert part("audit").health is Health.GOOD
    record("export.made", actor=SYSTEM, at=now)
    assert part("audit").health is Health.GOOD  # a moment is no lag
    later = status.findings(SYSTEM, now + timedelta(minutes=5))
    (finding,) = [finding for finding in later if finding.key == "audit"]
    assert finding.health is Health.CAUTION
    assert int(finding.figures["unsealed"]) >= 1
    assert finding.words.endswith("the oldest since 5\xa0minutes.")


def test_a_day_is_written_so_that_nobody_takes_it_for_a_month() -> None:
    with translation.override("en"):
        assert date_format(datetime(2026, 12, 11, 9, 5, tzinfo=UTC), "SHORT_DATE_FORMAT") == "11 Dec 2026"


def test_what_the_machine_does_for_others_is_told_to_those_who_run_it() -> None:
    heartbeat()
    job("failed")
    agent, administrator = (make_staff(role=role).actor() for role in (Role.AGENT, Role.ADMINISTRATOR))
    known = part("worker", administrator)
    assert known.figures["failed"] == 1
    assert "1 failed" in known.words
    told = part("worker", agent)
    assert told.health is Health.CAUTION
    assert told.figures == {}
    assert told.words == "An administrator sees more here."
    assert part("database", agent).words == ""
