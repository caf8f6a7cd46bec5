"""The bench of hostile words on the screens in small: what is live is noticed, and nothing is."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from amity.channels.mime.browser_trial import chromium

PAYLOADS = (
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "</textarea></script><script>alert(1)</script>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
)


@pytest.mark.server
@pytest.mark.browser
@pytest.mark.skipif(
    chromium() is None, reason="Chromium is not installed: apt-get install chromium-headless-shell"
)
def test_hostile_words_stay_words_on_every_screen(tmp_path: Path) -> None:
    first, *rest = (json.dumps({"payload": payload}) + "\n" for payload in PAYLOADS)
    (tmp_path / "xss").mkdir()
    with gzip.open(tmp_path / "xss" / "payloads.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(first)
    (tmp_path / "xss" / "dompurify_expectations.jsonl").write_text("".join(rest), encoding="utf-8")
    (tmp_path / "xss" / "bleach_expectations.jsonl").write_text("", encoding="utf-8")

    command = [sys.executable, "-m", "amity", "bench", "xss-screens", "--json", "--data", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)["figures"]
    quiet = ("refused", "executed", "active", "controls_missed", "false_alarms")
    assert {name: found[name] for name in quiet} == dict.fromkeys(quiet, 0), told.stderr
    assert found["records"] == 3 * len(PAYLOADS)
    assert found["controls"] == 8
    assert found["screens"] > 20
