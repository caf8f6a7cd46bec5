"""The numbers by which lists of traits name channels, sources, verbs, currencies and products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from django.db import connection

Word: TypeAlias = tuple[str, str]
"""What kind of word it is, and the word."""
MOST_SMALL = 32_000
KINDS = ("channel", "source", "verb", "currency", "product")

_KNOWN = """
    SELECT c.kind, c.word, c.number FROM unnest(%s::text[], %s::text[]) AS asked (kind, word)
    JOIN segments_code c ON c.kind = asked.kind AND c.word = asked.word
"""
_NEW = """
    INSERT INTO segments_code (kind, number, word)
    SELECT %(kind)s, last.number + row_number() OVER (), word
    FROM (SELECT coalesce(max(number), 0) AS number FROM segments_code WHERE kind = %(kind)s) AS last,
        unnest(%(words)s::text[]) AS word
    RETURNING kind, word, number
"""


def known_codes(words: Iterable[Word]) -> dict[Word, int]:
    """The numbers of those words that have one."""
    asked = sorted(set(words))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[kind for kind, _ in asked], [word for _, word in asked]])
        return {(kind, word): number for kind, word, number in cursor.fetchall()}


def codes_for(words: Iterable[Word]) -> Mapping[Word, int]:
    """The numbers of all these words; new ones are given. Only one writer does this at a time (`keeping`).

    Beyond 32,000 channels, sources or verbs the rest share a last number: they cannot be asked for apart.
    """
    wanted = set(words)
    found = known_codes(wanted)
    missing: dict[str, list[str]] = defaultdict(list)
    for kind, word in sorted(wanted - found.keys()):
        missing[kind].append(word)
    with connection.cursor() as cursor:
        for kind, listed in missing.items():
            cursor.execute(_NEW, {"kind": kind, "words": listed})
            found.update({(one, word): number for one, word, number in cursor.fetchall()})
    return {
        word: number if word[0] == "product" else min(number, MOST_SMALL) for word, number in found.items()
    }
