"""Folding of names and addresses for search and sorting: no accents, no case, no punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile(r"[\u0300-\u036f]")
_BREAKS = re.compile(r"[\W_]+")


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Lower-cased words of `text` without accents, separated by single spaces.

    >>> fold("Tomás Arrieta-Núñez <t.arrieta@example.org>")
    'tomas arrieta nunez t arrieta example org'
    """
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text)).replace("ß", "ss").replace("ø", "o")
    return _BREAKS.sub(" ", bare.casefold().replace("ø", "o").replace("ł", "l")).strip()


def search_text(*texts: str) -> str:
    """The distinct folded words of all texts, in order of appearance, at most 4,000 characters."""
    words = dict.fromkeys(word for text in texts for word in fold(text[:1_000]).split())
    return " ".join(words)[:4_000]


def likeness(one: str, other: str) -> float:
    """How many words two names share, an initial counting half: enough to order a short list, not to decide.

    >>> likeness("Tomás Arrieta", "T. Arrieta Lindero")
    1.5
    """
    mine, theirs = set(fold(one).split()), set(fold(other).split())
    left = mine - theirs
    initials = sum(
        any(word[0] == initial for word in left) for initial in theirs - mine if len(initial) == 1
    ) + sum(any(word[0] == initial for word in theirs - mine) for initial in left if len(initial) == 1)
    return len(mine & theirs) + initials / 2
