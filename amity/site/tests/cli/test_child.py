"""What `amity run` does with a program that it looks after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.site.cli.child import LONGEST_PAUSE, STEADY_AFTER, Child, pause_before_restart, why_it_ended
from amity.site.cli.postgres import Server
from amity.site.cli.supervisor import MOST_FALLS_BEFORE_READY, NotReady, Supervisor

SOMEBODY_ELSES = Server(version="16.2", socket="", users_lock=None)


def child(code: str, *, patience: float = 5.0) -> Child:
    return Child("trial", [sys.executable, "-c", code], dict(os.environ), patience=patience)


def eventually(fact: Callable[[], bool], within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.02)
    return False


@given(st.integers(min_value=1, max_value=10_000))
def test_the_pause_grows_with_each_fall_and_has_an_end(falls: int) -> None:
    assert 0 < pause_before_restart(falls) <= pause_before_restart(falls + 1) <= LONGEST_PAUSE


def test_how_a_program_ended_is_told_in_words() -> None:
    assert why_it_ended(3) == "ended with exit code 3"
    assert why_it_ended(-9) == "was ended by SIGKILL"


def test_a_program_that_falls_over_is_told_of_and_started_again() -> None:
    fallen = child("raise SystemExit(7)")
    assert fallen.tend(0.0) == ""
    assert eventually(lambda: not fallen.is_up)
    assert fallen.tend(1.0) == "trial ended with exit code 7; it starts again in 0.5 s."
    assert fallen.tend(1.4) == ""
    assert fallen.process is None
    fallen.tend(1.6)
    assert fallen.process is not None


def test_a_program_that_ran_well_for_a_while_is_forgiven() -> None:
    steady = child("pass")
    steady.falls = 6
    steady.tend(0.0)
    assert eventually(lambda: not steady.is_up)
    assert "0.5 s" in steady.tend(STEADY_AFTER + 1)


def test_one_that_never_comes_up_ends_the_start() -> None:
    supervisor = Supervisor([child("raise SystemExit(1)")], SOMEBODY_ELSES)
    supervisor.children[0].falls = MOST_FALLS_BEFORE_READY - 1
    with pytest.raises(NotReady, match="trial does not start"):
        supervisor.wait_until_ready(lambda: False)


def test_stopping_asks_first_and_kills_the_deaf() -> None:
    polite = child("import time; time.sleep(60)")
    deaf = child(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
        patience=0.5,
    )
    supervisor = Supervisor([polite, deaf], SOMEBODY_ELSES)
    supervisor.tend()
    time.sleep(1.0)  # the deaf one has to have closed its ears
    supervisor.stop()
    assert polite.process is not None
    assert deaf.process is not None
    assert polite.process.returncode == -signal.SIGTERM
    assert deaf.process.returncode == -signal.SIGKILL


def test_children_end_when_their_supervisor_is_killed() -> None:
    code = (
        "import os, sys, time; from amity.site.cli.child import Child; "
        "c = Child('c', [sys.executable, '-c', 'import time; time.sleep(60)'], dict(os.environ)); c.start(0.0); "
        "print(c.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        grandchild = int(parent.stdout.readline())
        parent.kill()
    assert eventually(lambda: has_ended(grandchild))


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
