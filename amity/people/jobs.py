"""Background work of people: duplicates are looked for, words are counted."""

from __future__ import annotations

import json
import subprocess
import sys

import structlog
from procrastinate.contrib.django import app

from amity.people import vocabulary
from amity.people.fields import SETTLE, settle_options
from amity.people.proposing import LOOK

log = structlog.get_logger(__name__)
LONGEST_LOOK_S = 4 * 3600
MOST_AT_ONCE = 100_000
"""Changes of words that one run counts, in half a minute: what is left is for the next one."""


@app.periodic(cron="23 2 * * *")
@app.task(
    name="people.look_for_duplicates_at_night",
    queue="maintenance",
    queueing_lock="duplicates",
    lock="duplicates",
)
def look_at_night(timestamp: int) -> None:
    """Every night: learn, find, propose, link where that is allowed."""
    _look()


@app.task(name=LOOK, queue="maintenance", queueing_lock="duplicates", lock="duplicates")
def look_now() -> None:
    """The same, because somebody asked for it."""
    _look()


def _look() -> None:
    """In a process of its own: what the arithmetic takes is given back when it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "amity", "duplicates", "--json"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST_LOOK_S,
    )
    told = json.loads(done.stdout)
    log.info("looked for duplicates", people=told["people"], proposed=told["proposed"], linked=told["linked"])


@app.periodic(cron="* * * * *")
@app.task(name="people.settle_words", queue="rescue", queueing_lock="people.settle_words")
def settle_words(timestamp: int) -> None:
    """Words that came to people and organisations since are found also where they are mistyped."""
    vocabulary.settle(MOST_AT_ONCE)


@app.task(name=SETTLE, queue="maintenance")
def settle_options_of(field_id: int) -> None:
    """An option was taken out or put back: the values of many people follow."""
    while settle_options(field_id):
        pass
