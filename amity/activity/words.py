"""Looking for words in what was said: they are cut as the texts were, so that an address, a number or a link is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

_SIGNS = re.compile(r"[\W_]+")
_SPANS = tuple(timedelta(days=days) for days in (14, 60, 400))
"""A word that is said all the time is found often enough in these days; what is seldom said costs little in all."""
_EVER = datetime(1, 1, 1, tzinfo=UTC)


def threads_saying(typed: str, *, hidden: Sequence[UUID], most: int, at: datetime) -> tuple[set[UUID], bool]:
    """Threads of the newest `most` messages in whose text every word stands, the last one also as a beginning, and
    whether these are all; `hidden` are sources that do not count."""
    rows = _newest("SELECT thread_id FROM activity_said", typed, hidden, most, at)
    return {thread for (thread,) in rows}, len(rows) < most


def notes_saying(
    typed: str, *, hidden: Sequence[UUID], most: int, at: datetime
) -> list[tuple[UUID, UUID | None, str]]:
    """The newest notes about people in which these words stand: id, about whom, and how they begin."""
    return _newest("SELECT id, about_id, words FROM activity_noted", typed, hidden, most, at)


def _newest(asked: str, typed: str, hidden: Sequence[UUID], most: int, at: datetime) -> list[Any]:
    """Rows of the newest hits, as far back as it takes to find `most` of them."""
    words = [word for word in typed.replace("\x00", " ").split() if not _SIGNS.fullmatch(word)]
    if not words:
        return []  # a search is words and nothing else
    parts = [part for word in words for part in _SIGNS.split(word) if part]
    rows: list[Any] = []
    for since in (*(at - span for span in _SPANS), _EVER):
        with connection.cursor() as cursor:
            cursor.execute(
                f"{asked}(%s, %s, %s, %s::uuid[], %s, %s)",
                [
                    " ".join(words[:-1]),
                    words[-1],
                    " ".join(parts) if parts != words else "",
                    list(hidden),
                    since,
                    most,
                ],
            )
            rows = cursor.fetchall()
        if len(rows) >= most:
            break
    return rows
