"""Background work of quality: everybody is judged, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

import structlog
from procrastinate.contrib.django import app

from amity.quality import handlers  # noqa: F401  # they register themselves
from amity.quality.looking import LOOK

log = structlog.get_logger(__name__)
LONGEST_LOOK_S = 2 * 3600


@app.periodic(cron="47 3 * * *")
@app.task(name="quality.look_at_night", queue="maintenance", queueing_lock="quality", lock="quality")
def look_at_night(timestamp: int) -> None:
    """Every night, after duplicates were looked for."""
    _look()


@app.task(name=LOOK, queue="maintenance", queueing_lock="quality", lock="quality")
def look_now() -> None:
    """The same, because somebody asked for it."""
    _look()


def _look() -> None:
    """What it takes of memory is given back when the process ends."""
    done = subprocess.run(
        [sys.executable, "-m", "amity", "quality", "--json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST_LOOK_S,
    )
    told = json.loads(done.stdout)
    log.info("looked at the quality of data", people=told["people"], took_s=told["took_s"])
