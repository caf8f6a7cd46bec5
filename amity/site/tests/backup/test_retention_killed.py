"""A night of retention rules that is killed goes on where it was, and counts each message once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.site.backup.unpacking import settle_environ
from amity.site.tests.backup.conftest import Amity, move_in, open_amity

KEYS = {"secret_key": "the key of sessions", "vault_key": "the key of the vault"}
_TOLD = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from amity.site.cli.database import django
with django():
    from amity.kernel.actor import SYSTEM
    from amity.retention import rules
    from amity.retention.outlooks import how_much
    from tests.flows.stories import jsonl, message, take_in
    at = datetime.now(UTC)
    old = at - timedelta(days=1200)
    rows = [message(f"m{n}", old + timedelta(minutes=n), f"c{n % 7}@mail.example", channel="post") for n in range(40)]
    take_in(jsonl(Path(sys.argv[1]) / "old.jsonl", rows), at, open_days=1)
    made = rules.create_rule("words", rules.Draft("Old words", "Not needed", months=24), actor=SYSTEM, at=at)
    told = how_much(made, at)
    rules.turn_on(made.pk, told=told, actor=SYSTEM, at=at)
    print(told)
"""
_KILLED = """
import os, signal
from datetime import UTC, datetime
from amity.site.cli.database import django
with django():
    from amity.retention import night, records
    records.WORDS_AT_ONCE = 10
    done = 0
    def refresh(ids):
        global done
        done += 1
        if done == 3:  # in the middle of the third portion: its words are gone, and nothing is committed
            os.kill(os.getpid(), signal.SIGKILL)
    records.refresh = refresh
    night.work(lambda: datetime.now(UTC))
"""
_TAKEN_UP = """
from datetime import UTC, datetime
from amity.site.cli.database import django
with django():
    from amity.activity.models import Activity
    from amity.retention import night
    from amity.retention.models import Run
    before = Run.objects.get().emptied
    (run,) = night.work(lambda: datetime.now(UTC))
    print(before, run.emptied, Activity.objects.filter(external_id__startswith="m").exclude(text="").count())
"""


@pytest.fixture
def amity() -> Iterator[Amity]:
    with open_amity(has_tables=True) as found:
        move_in(found)
        yield found


def run(amity: Amity, script: str, *arguments: str) -> tuple[int, str]:
    environ = settle_environ(amity.cluster.url(), amity.home, KEYS)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], check=False, env=environ, capture_output=True, text=True
    )
    told = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr
    return done.returncode, told


def test_a_night_that_was_killed_goes_on_and_counts_each_message_once(amity: Amity, tmp_path: Path) -> None:
    code, told = run(amity, _TOLD, str(tmp_path))
    assert code == 0, told
    due = int(told)
    assert due >= 40
    assert run(amity, _KILLED)[0] == -9
    code, told = run(amity, _TAKEN_UP)
    assert code == 0, told
    assert told == f"20 {due} 0"
