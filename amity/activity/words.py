"""Looking for words in what was said: they are cut as the texts were, so that an address, a number or a link is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

_SIGNS = re.compile(r"[\W_]+")
_LATELY = tuple(timedelta(days=days) for days in (14, 60, 400))
"""A word that is said all the time is found often enough in these days; what is seldom said costs little in all."""
_EVER = datetime(1, 1, 1, tzinfo=UTC)


def threads_saying(typed: str, *, hidden: Sequence[UUID], most: int, at: datetime) -> tuple[set[UUID], bool]:
    """Threads of the newest `most` messages in whose text every word stands, the last one also as a beginning, and
    whether these are all; `hidden` are sources that do not count."""
    words = _words(typed)
    if words is None:
        return set(), True
    spans = [*(at - span for span in _LATELY), _EVER]
    with connection.cursor() as cursor:
        asked: list[Any] = [*words, list(hidden), spans, most]
        cursor.execute("SELECT activity_said(%s, %s, %s, %s::uuid[], %s, %s)", asked)
        (threads,) = cursor.fetchone() or ([],)
    return set(threads), len(threads) < most


def notes_saying(
    typed: str, *, hidden: Sequence[UUID], most: int, at: datetime
) -> list[tuple[UUID, UUID | None, str]]:
    """The newest notes about people in which these words stand: id, about whom, and how they begin."""
    words = _words(typed)
    rows: list[Any] = []
    if words is None:
        return rows
    for since in (at - _LATELY[-1], _EVER):
        with connection.cursor() as cursor:
            asked: list[Any] = [*words, list(hidden), since, most]
            cursor.execute(
                "SELECT id, about_id, words FROM activity_noted(%s, %s, %s, %s::uuid[], %s, %s)", asked
            )
            rows = cursor.fetchall()
        if len(rows) >= most:
            break
    return rows


def _words(typed: str) -> tuple[str, str, str] | None:
    """All words but the last, the last one, and all of them without their signs where they have some; None for a text
    without a word: a search is words and nothing else."""
    words = [word for word in typed.replace("\x00", " ").split() if not _SIGNS.fullmatch(word)]
    if not words:
        return None
    parts = [part for word in words for part in _SIGNS.split(word) if part]
    return " ".join(words[:-1]), words[-1], " ".join(parts) if parts != words else ""
