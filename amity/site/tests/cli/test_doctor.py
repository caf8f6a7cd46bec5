"""What the doctor concludes from what it sees. A remedy stands beside everything that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from amity.site.cli import doctor
from amity.site.tests.certificates import make_certificates, tls_server


def test_an_old_python_is_bad() -> None:
    assert doctor.python_version((3, 10)).verdict == "bad"
    assert doctor.python_version((3, 11)).verdict == "good"


@pytest.mark.parametrize(
    ("free_bytes", "verdict"), [(0, "bad"), (1_000_000_000, "notice"), (50_000_000_000, "good")]
)
def test_room_on_the_disk(free_bytes: int, verdict: str) -> None:
    assert doctor.disk_space(Path("/srv"), free_bytes).verdict == verdict


@pytest.mark.parametrize(
    ("difference_s", "verdict"), [(0.2, "good"), (-4.9, "good"), (61.0, "bad"), (-61.0, "bad")]
)
def test_clocks_that_disagree(difference_s: float, verdict: str) -> None:
    assert doctor.clock(difference_s).verdict == verdict


def test_a_role_that_may_more_than_it_needs() -> None:
    assert doctor.role([]).verdict == "good"
    assert doctor.role(["may make databases"]).verdict == "notice"
    assert doctor.role(["is a superuser"]).verdict == "bad"
    assert doctor.role(["may run programs on the server"]).verdict == "bad"


def test_a_server_that_is_down_while_amity_runs_is_bad_and_else_only_a_note() -> None:
    down = {"answers": False, "problem": "", "phase": "stopped", "log": "/var/log/x"}
    assert doctor.server(down, is_running=True).verdict == "bad"
    assert doctor.server(down, is_running=False).verdict == "notice"


def test_whatever_is_not_good_has_a_remedy() -> None:
    findings = [
        doctor.python_version((3, 9)),
        doctor.disk_space(Path("/"), 0),
        doctor.clock(99),
        doctor.role(["is a superuser"]),
        doctor.role(["may make databases"]),
        doctor.server({"answers": False, "problem": "The server is gone.", "phase": ""}, is_running=True),
    ]
    assert [finding.name for finding in findings if finding.verdict != "good" and not finding.remedy] == []


@pytest.mark.django_db
def test_it_tells_what_the_status_screen_tells_and_nothing_twice() -> None:
    running = {finding.name: finding for finding in doctor.parts(is_running=True)}
    assert running["Background work"].verdict == "bad"
    assert running["Background work"].remedy
    assert running["Outbox"].verdict == "good"
    assert {"Database", "Disk", "Clock"}.isdisjoint(running)


@pytest.mark.django_db
def test_nobody_expects_a_worker_when_amity_does_not_run() -> None:
    names = {finding.name for finding in doctor.parts(is_running=False)}
    assert "Background work" not in names
    assert "Outbox" in names


@pytest.mark.django_db(transaction=True)
def test_failed_jobs_are_started_again() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('q', 'none.such', '{}', 'failed'), ('q', 'none.such', '{}', 'todo')"
        )
        assert doctor.retry_failed() == 1
        cursor.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status")
        assert cursor.fetchall() == [("todo", 2)]
        assert doctor.retry_failed() == 0


@pytest.fixture(scope="module")
def own_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate authority and what it signed."""
    folder = tmp_path_factory.mktemp("ca")
    make_certificates(folder)
    return folder


@pytest.mark.parametrize(
    ("name", "verdict", "words"),
    [
        ("good", "good", "good for 89 days"),
        ("soon", "notice", "good for 4 days"),
        ("past", "bad", "certificate has expired"),
        ("other", "bad", "Hostname mismatch"),
    ],
)
def test_the_certificate_of_the_site_is_looked_at_as_a_browser_does(
    own_ca: Path, monkeypatch: pytest.MonkeyPatch, name: str, verdict: str, words: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own_ca / "ca.pem"))
    with tls_server(own_ca / f"{name}.pem") as port:
        (finding,) = doctor.certificate(f"https://localhost:{port}")
    assert finding.verdict == verdict
    assert words in finding.words
    assert bool(finding.remedy) is (verdict != "good")


def test_a_site_that_is_not_there_is_worth_a_note_and_one_without_tls_nothing() -> None:
    (finding,) = doctor.certificate("https://localhost:9")
    assert (finding.verdict, bool(finding.remedy)) == ("notice", True)
    assert list(doctor.certificate("http://localhost:9")) == []
