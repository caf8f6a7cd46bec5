"""Looking for words in what was said: they are cut as the texts were, so that an address, a number or a link is one."""

from __future__ import annotations

import re

SAID = """
    a.text <> '' AND to_tsvector('simple', a.text)
        @@ to_tsquery('simple', nullif(plainto_tsquery('simple', %(typed)s)::text, '') || ':*')
"""
"""Condition of `activity_activity a`: every word of `typed` stands in its text, the last one also as a beginning."""
_LETTER = re.compile(r"[^\W_]")


def words_in(typed: str) -> str:
    """What `SAID` is asked for; "" where nothing in it is a word. A search is words and nothing else."""
    return typed.replace("\x00", " ") if _LETTER.search(typed) else ""
