"""The vocabulary: every word by which people and organisations are found, in how many records it stands.

Triggers put down which words came and went; `settle` counts them. It runs as a job each minute, so that whoever writes
people does not wait for it: a word that is new is found at once where it is typed right, and within a minute where it
is mistyped. A word that stands in no record any more is gone with the next count.
"""

from __future__ import annotations

from collections import Counter

from django.db import connection, transaction

from amity.people.domain.spelling import LONGEST, keys_of

TOGETHER = 2_000
"""Changes that are counted in one transaction."""

_TURN = "SELECT pg_advisory_xact_lock(hashtext('people.vocabulary'))"
_TAKE = """
    DELETE FROM people_wordchange WHERE id = ANY(
        ARRAY(SELECT id FROM people_wordchange ORDER BY id LIMIT %s)) RETURNING sign, words
"""
_COUNT = """
    UPDATE people_word w SET records = w.records + new.by
    FROM unnest(%s::text[], %s::int[]) AS new(word, by) WHERE w.word = new.word RETURNING w.word, w.records
"""
_ADD = """
    INSERT INTO people_word (word, records, keys)
    SELECT word, records, keys::int[] FROM unnest(%s::text[], %s::int[], %s::text[]) AS new(word, records, keys)
"""


def settle(most: int | None = None) -> int:
    """Count the words that came and went, at most of `most` changes; returns of how many. Two at once take turns."""
    done = 0
    while most is None or done < most:
        taken = _settle_some(TOGETHER if most is None else min(TOGETHER, most - done))
        done += taken
        if not taken:
            break
    return done


def _settle_some(most: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TURN)
        cursor.execute(_TAKE, [most])
        changes = cursor.fetchall()
        by: Counter[str] = Counter()
        for sign, words in changes:
            for word in words.split():
                if is_counted(word):
                    by[word] += sign
        moved = sorted(word for word, count in by.items() if count)
        if moved:
            cursor.execute(_COUNT, [moved, [by[word] for word in moved]])
            left = dict(cursor.fetchall())
            gone = [word for word, records in left.items() if records <= 0]
            if gone:
                cursor.execute("DELETE FROM people_word WHERE word = ANY(%s)", [gone])
            _add(Counter({word: by[word] for word in moved if word not in left and by[word] > 0}))
    return len(changes)


def _add(new: Counter[str]) -> None:
    if not new:
        return
    keys = ["{" + ",".join(map(str, keys_of(word))) + "}" for word in new]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list(new), list(new.values()), keys])


def is_counted(word: str) -> bool:
    """Whether a word stands in the vocabulary: no number does, and nothing that nobody would type."""
    return not word.isdecimal() and len(word) <= LONGEST
