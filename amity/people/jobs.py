"""Background work of people."""

from __future__ import annotations

from procrastinate.contrib.django import app

from amity.people import vocabulary

MOST_AT_ONCE = 100_000
"""Changes that one run counts, in about half a minute: what is left is for the next one."""


@app.periodic(cron="* * * * *")
@app.task(name="people.settle_words", queue="rescue", queueing_lock="people.settle_words")
def settle_words(timestamp: int) -> None:
    """Words that came to people and organisations since are found also where they are mistyped."""
    vocabulary.settle(MOST_AT_ONCE)
