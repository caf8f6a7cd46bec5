"""The command line as a whole: quick, light, and calm when something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from amity.kernel.errors import Conflict
from amity.site.cli import REFUSED, WRONG_USE, entry

HELP_WITHIN_S = 0.3


def amity(*arguments: str, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "amity", *arguments],
        env={**os.environ, "AMITY_HOME": str(home), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_answers_at_once(tmp_path: Path) -> None:
    def seconds() -> float:
        """Of processor time: other tests run beside this one."""
        before = os.times()
        assert amity("--help", home=tmp_path).returncode == 0
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds() for _attempt in range(5)) < HELP_WITHIN_S


@pytest.mark.parametrize("module", ["entry", "run", "supervisor", "postgres", "home", "ports"])
def test_the_supervisor_never_carries_django_or_a_database_driver(module: str) -> None:
    code = (
        f"import sys, amity.site.cli.{module}; "
        "heavy = {'django', 'psycopg', 'numpy', 'procrastinate'}; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_every_command_of_the_list_exists_and_explains_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.run_command([name, "--help"]) == 0
    assert "Example" in capsys.readouterr().out


def test_an_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.run_command(["rnu"]) == WRONG_USE
    assert "rnu" in capsys.readouterr().err


def test_an_error_that_a_person_can_act_on_is_one_line_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_options: object) -> None:
        raise Conflict("Somebody was faster. Try again.")

    monkeypatch.setattr(entry.amity, "main", lambda **_options: refuse())
    assert entry.run_command([]) == REFUSED
    assert capsys.readouterr().err == "Somebody was faster. Try again.\n"


def test_a_setting_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    done = amity("user", "list", home=tmp_path, AMITY_LIVE_PORT="eighty")
    assert done.returncode == 1
    assert "AMITY_LIVE_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_of_an_amity_that_does_not_run_says_so_to_people_and_machines(tmp_path: Path) -> None:
    told = amity("status", home=tmp_path / "home")
    assert told.returncode == 3
    assert "does not run" in told.stdout
    asked = amity("status", "--json", home=tmp_path / "home")
    assert json.loads(asked.stdout)["running"] is False


def test_a_server_that_cannot_be_reached_is_an_answer_and_no_traceback(tmp_path: Path) -> None:
    nowhere = "postgresql://amity:hidden@127.0.0.1:9/amity"
    done = amity("migrate", home=tmp_path, AMITY_DATABASE_URL=nowhere)
    assert done.returncode == REFUSED
    assert "AMITY_DATABASE_URL" in done.stderr
    assert "hidden" not in done.stderr
    assert "Traceback" not in done.stderr
