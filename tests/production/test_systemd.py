"""The unit for systemd is one that systemd reads without a complaint and judges to be well locked in."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from amity.site.cli import systemd

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy/systemd/amity.service"
MOST_EXPOSED = 20
"""Of 100. A unit without any of it has 96, our own 14."""


@pytest.fixture(scope="module")
def analyze() -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not on this machine")
    return program


def test_systemd_understands_every_line(analyze: str, tmp_path: Path) -> None:
    unit = tmp_path / "amity.service"
    unit.write_text(UNIT.read_text().replace("/opt/amity/.venv/bin/amity", "/bin/true"))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_locked_in(analyze: str) -> None:
    done = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "offline" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not installed (before 250)")
    assert done.returncode == 0, done.stdout[-1_000:]


def test_its_settings_are_settings_of_amity() -> None:
    known = (ROOT / "docs/reference/settings.md").read_text()
    text = (ROOT / "deploy/systemd/amity.env").read_text() + UNIT.read_text()
    named = set(re.findall(r"\b(AMITY_[A-Z_]+)=", text))
    assert {name for name in named if f"`{name}`" not in known} == set()
    assert {"AMITY_URL", "AMITY_PROXIES", "AMITY_HOME"} <= named


def test_without_a_service_manager_nobody_is_told_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    systemd.tell("READY=1")
    for gone in ("/nowhere/at/all", "@amity-nobody-listens", "udp:1234"):
        monkeypatch.setenv("NOTIFY_SOCKET", gone)
        systemd.tell("READY=1")
