"""Background work of people: duplicates are looked for, words are counted."""

from __future__ import annotations

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.people import vocabulary
from amity.people.proposing import LOOK, look_for_duplicates

log = structlog.get_logger(__name__)
MOST_AT_ONCE = 100_000
"""Changes of words that one run counts, in about half a minute: what is left is for the next one."""


@app.periodic(cron="23 2 * * *")
@app.task(name="people.look_for_duplicates_at_night", queue="maintenance", queueing_lock="duplicates")
def look_at_night(timestamp: int) -> None:
    """Every night: learn, find, propose, link where that is allowed."""
    _look()


@app.task(name=LOOK, queue="maintenance", queueing_lock="duplicates")
def look_now() -> None:
    """The same, because somebody asked for it."""
    _look()


def _look() -> None:
    with acting(SYSTEM, via="job"):
        told = look_for_duplicates(at=timezone.now())
    log.info("looked for duplicates", people=told["people"], proposed=told["proposed"], linked=told["linked"])


@app.periodic(cron="* * * * *")
@app.task(name="people.settle_words", queue="rescue", queueing_lock="people.settle_words")
def settle_words(timestamp: int) -> None:
    """Words that came to people and organisations since are found also where they are mistyped."""
    vocabulary.settle(MOST_AT_ONCE)
