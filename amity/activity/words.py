"""Looking for words in what was said: they are cut as the texts were, so that an address, a number or a link is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

_LETTER = re.compile(r"[^\W_]")
LATELY = (timedelta(days=14), timedelta(days=60))
"""A word that is said all the time is found often enough in these days."""
FEW = 40
"""Of a word that was said less often in the shortest of them, all years hold few enough to be read."""
_AHEAD = timedelta(days=40_000)  # broken clocks write the future

# Without an order inside, the words are looked up in their index, month by month of the stream; with one the planner
# walks all of time backwards for a word that nobody ever said (11 s against 5 ms at a million messages).
_SAID_LATELY = """
    WITH hit AS MATERIALIZED (
        SELECT a.thread_id, a.occurred_at FROM activity_activity a
        WHERE to_tsvector('simple', a.text)
            @@ to_tsquery('simple', nullif(plainto_tsquery('simple', %(typed)s)::text, '') || ':*')
            AND a.text <> '' AND a.occurred_at >= %(since)s AND a.occurred_at < %(before)s
            AND a.source_id <> ALL(%(hidden)s))
    SELECT thread_id FROM hit ORDER BY occurred_at DESC LIMIT %(most)s
"""


def words_in(typed: str) -> str:
    """What is looked for; "" where nothing in it is a word. A search is words and nothing else."""
    return typed.replace("\x00", " ") if _LETTER.search(typed) else ""


def threads_saying(typed: str, *, hidden: Sequence[UUID], most: int, at: datetime) -> set[UUID]:
    """Threads of about the newest `most` activities in whose text every word stands, the last one also as a beginning;
    `hidden` are sources that do not count."""
    words = words_in(typed)
    if not words:
        return set()
    found: list[UUID | None] = []
    with connection.cursor() as cursor:
        before = at + _AHEAD
        for span in LATELY:
            asked: dict[str, Any] = {
                "typed": words,
                "since": at - span,
                "before": before,
                "hidden": list(hidden),
                "most": most,
            }
            cursor.execute(_SAID_LATELY, asked)
            found += [thread for (thread,) in cursor.fetchall()]
            before = at - span
            if len(found) < FEW:
                break
            if len(found) >= most:
                return {thread for thread in found if thread}
        cursor.execute("SELECT thread_id FROM activity_said(%s, %s::uuid[], %s)", [words, list(hidden), most])
        found += [thread for (thread,) in cursor.fetchall()]
    return {thread for thread in found if thread}
