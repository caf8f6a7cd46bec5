"""Mail comes and goes while processes are killed: the bench, short."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from amity.site.bench.mail_servers import has_opensmtpd, missing

ROUNDS = 4
_SHORT = f"""
import json
from amity.site.cli.bench import BENCHES, _surroundings
with _surroundings(BENCHES["mail-crash"]):
    from amity.site.bench import mail_crash
    print(json.dumps(mail_crash.run(rounds={ROUNDS})))
"""


@pytest.mark.server
def test_nothing_is_lost_or_sent_twice_when_each_of_four_processes_is_killed() -> None:
    if not has_opensmtpd() or missing():
        pytest.skip("dovecot and OpenSMTPD are needed, and root, without whom OpenSMTPD does not start")
    done = subprocess.run(
        [sys.executable, "-c", _SHORT],
        env={**os.environ, "AMITY_LOG_LEVEL": "CRITICAL"}, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert [figures[f"kills_{victim}"] for victim in ("worker", "imap", "postgres", "web")] == [1, 1, 1, 1]
    assert figures["accepted"] == 5 + ROUNDS * 4
    assert [figures[what] for what in ("lost", "doubled", "sent_twice", "answers_lost", "failed")] == [0] * 5
    assert figures["arrived"] + figures["unknown"] >= figures["written"]
    assert figures["seen_s_max"] <= 5.0
