"""Words that are spelt alike: how many letters may be wrong, how many are, and keys by which such words are found.

Two words are alike when the one becomes the other by as many changes of a letter as the shorter allowance of the two:
a letter put in, left out or changed, or two neighbours exchanged (the restricted Damerau-Levenshtein distance; Damerau
1964, doi:10.1145/363958.363994). They are found without looking at all words by what is left of their first letters
when some are left out (symmetric deletes; Garbe 2012, SymSpell): words that are alike share at least one of these.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations
from zlib import crc32

LEAST_LETTERS, LONG_WORD = 4, 8
BEGINNING = 7
"""So many letters of a word make its keys: more would make a long word cost hundreds of them."""
LONGEST = 80
"""A longer word is kept as no word of the vocabulary: nobody types it."""

_NUMBER = re.compile(r"\d")


@lru_cache(maxsize=10_000)
def may_differ(word: str) -> int:
    """How many letters of a folded word may be wrong: none of a short word or a number, two of a long word.

    >>> [may_differ(word) for word in ("jon", "anna", "4711", "vogel42", "arrieta", "calloway")]
    [0, 1, 0, 1, 1, 2]
    """
    if len(word) < LEAST_LETTERS or len(word) > LONGEST or word.isdecimal():
        return 0
    return 2 if len(word) >= LONG_WORD and not _NUMBER.search(word) else 1


def keys_of(word: str, most: int = 2) -> list[int]:
    """Signed numbers of 32 bits, each once: words that are alike share at least one, others hardly ever. None for a
    word that has to be spelt right. With `most` 1 only words with one wrong letter do, for a quarter of the keys."""
    most = min(most, may_differ(word))
    if not most:
        return []
    start = word[:BEGINNING]
    left = {start}
    for count in range(1, most + 1):
        left.update("".join(kept) for kept in combinations(start, len(start) - count))
    return sorted({(crc32(one.encode("utf-8", "surrogatepass")) ^ 0x80000000) - 0x80000000 for one in left})


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, `most + 1` where it is more than `most`.

    >>> distance("hannah", "hanah", 2), distance("vogel", "voegl", 2), distance("anna", "otto", 2)
    (1, 1, 3)
    """
    # Loaded for the first word that is spelt wrong: 7 MB of a process that may never see one.
    from rapidfuzz.distance import OSA

    return OSA.distance(one, other, score_cutoff=most)


def wrong_letters(typed: str, word: str) -> int | None:
    """How many letters are wrong in a typed word that means `word`; None where the two are not alike."""
    most = min(may_differ(typed), may_differ(word))
    found = distance(typed, word, most)
    return found if found <= most else None
