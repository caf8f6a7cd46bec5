"""What the doctor concludes from what it sees. A remedy stands beside everything that is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from amity.site.cli import doctor

CALM: dict[str, Any] = {
    "todo": 3, "doing": 1, "failed": 0, "stalled": 0, "worker_seen_s": 4.0,
    "outbox": 0, "outbox_unknown": 0, "outbox_stale": 0,
}  # fmt: skip


def verdicts(found: dict[str, Any], *, is_running: bool = True) -> dict[str, str]:
    return {finding.name: finding.verdict for finding in doctor.work(found, is_running=is_running)}


def test_calm_work_is_good() -> None:
    assert set(verdicts(CALM).values()) == {"good"}


@pytest.mark.parametrize("seen", [None, 300.0])
def test_a_worker_that_is_not_heard_of_is_bad(seen: float | None) -> None:
    assert verdicts({**CALM, "worker_seen_s": seen})["Worker"] == "bad"


def test_nobody_expects_a_worker_when_amity_does_not_run() -> None:
    assert "Worker" not in verdicts({**CALM, "worker_seen_s": None}, is_running=False)


def test_messages_that_wait_too_long_are_bad_and_stalled_jobs_are_worth_a_note() -> None:
    found = verdicts({**CALM, "outbox_stale": 2, "stalled": 1})
    assert found["Stale outbox"] == "bad"
    assert found["Stalled jobs"] == "notice"


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
        *doctor.work({**CALM, "worker_seen_s": None, "failed": 1, "outbox_unknown": 1}, is_running=True),
    ]
    assert [finding.name for finding in findings if finding.verdict != "good" and not finding.remedy] == []
