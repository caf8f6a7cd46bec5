"""Background work of people: duplicates are looked for, words are counted, people are erased."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import Conflict
from amity.kernel.timers import wakes
from amity.people import vocabulary
from amity.people.fields import SETTLE, settle_options
from amity.people.noting import FORGET, forget_words
from amity.people.queries.looking import AT_NIGHT, LOOK
from amity.people.survivorship import SHOW, show_by_rules

log = structlog.get_logger(__name__)
LONGEST_LOOK_S = 4 * 3600
MOST_AT_ONCE = 100_000
"""Changes of words that one run counts, in half a minute: what is left is for the next one."""


@app.periodic(cron="23 2 * * *")
@app.task(
    name=AT_NIGHT,
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


@app.task(
    name="people.erase",
    queue="maintenance",
    retry=RetryStrategy(
        max_attempts=100, wait=60, retry_exceptions=[Conflict, OperationalError, InterfaceError]
    ),
)
def erase(erasure_id: str) -> None:
    """Erase a person. It waits for what is on its way to them, and goes on after a crash where it was."""
    from amity.people import erasures

    with acting(SYSTEM, via="job"):
        erasures.work_on(UUID(erasure_id), clock=timezone.now)


@app.task(
    name="people.disclose",
    queue="maintenance",
    retry=RetryStrategy(
        max_attempts=5, wait=30, retry_exceptions=[OperationalError, InterfaceError, OSError]
    ),
)
def disclose(disclosure_id: str) -> None:
    """Write all that is known of a person into a file."""
    from amity.people import disclosures

    with acting(SYSTEM, via="job"):
        disclosures.make(UUID(disclosure_id), at=timezone.now())


@app.periodic(cron="41 * * * *")
@app.task(name="people.remove_disclosures", queue="rescue", queueing_lock="people.remove_disclosures")
def remove_disclosures(timestamp: int) -> None:
    """Such files stay for a week."""
    from amity.people import disclosures

    disclosures.remove_old(timezone.now())


@wakes("people.erasure")
def erasure_is_due(erasure_id: UUID, _payload: dict[str, Any], at: datetime) -> None:
    """The time in which it could be stopped is over."""
    from amity.people import erasures

    erasures.time_is_over(erasure_id, at)


@wakes(FORGET)
def words_of_note_are_forgotten(note_id: UUID, _payload: dict[str, Any], at: datetime) -> None:
    """A note was removed or changed a week ago: what stood there goes."""
    forget_words(note_id, at=at)


@app.periodic(cron="* * * * *")
@app.task(name="people.settle_words", queue="rescue", queueing_lock="people.settle_words")
def settle_words(timestamp: int) -> None:
    """Words that came to people and organisations since are found also where they are mistyped."""
    vocabulary.settle(MOST_AT_ONCE)


@app.task(
    name=SHOW,
    queue="maintenance",
    lock=SHOW,
    retry=RetryStrategy(max_attempts=100, wait=10, retry_exceptions=[OperationalError, InterfaceError]),
)
def show_people_by_rules(rules_id: int) -> None:
    """Other rules hold: what is shown of people follows, a portion at a time, from where it was broken off."""
    with acting(SYSTEM, via="job"):
        while show_by_rules(rules_id, at=timezone.now()):
            pass


@app.task(name=SETTLE, queue="maintenance")
def settle_options_of(field_id: int) -> None:
    """An option was taken out or put back: the values of many people follow."""
    while settle_options(field_id):
        pass
