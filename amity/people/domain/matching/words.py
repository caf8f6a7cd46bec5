"""How alike two words are, for typing errors and hearing errors, and what they sound like."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

SAME, TYPO, ALIKE, DIFFERENT = 1, 2, 3, 4


def likeness(one: str, other: str) -> int:
    """`SAME`, `TYPO` (one slip, or two in a long word), `ALIKE` (same start, Jaro-Winkler 0.86 or more) or `DIFFERENT`.

    Slips are insertions, deletions, substitutions and exchanges of neighbours (optimal string alignment).
    Jaro-Winkler: Winkler 1990, prefix weight 0.1.
    """
    if one == other:
        return SAME
    longest, shortest = (len(one), len(other)) if len(one) > len(other) else (len(other), len(one))
    if longest < 3:
        return DIFFERENT
    if longest - shortest > 2 and one[:1] != other[:1]:
        return DIFFERENT
    slips = OSA.distance(one, other, score_cutoff=2)
    if slips <= 1 or (slips == 2 and longest >= 7):
        return TYPO
    return ALIKE if one[0] == other[0] and JaroWinkler.similarity(one, other) >= 0.86 else DIFFERENT


_SOUNDS = str.maketrans("bfpvwcgjkqsxzdtlmnr", "1111122222222334556")


@lru_cache(maxsize=200_000)
def sound(word: str) -> str:
    """A key of what a word sounds like: its first sound, then consonants in groups (after Soundex, 1918), at most four.

    The first letter is grouped where spelling wavers: c and k, v and f and w, j and y, i and y.

    >>> sound("meyer") == sound("maier"), sound("kathrin") == sound("catherine")
    (True, True)
    """
    letters = word.replace("ph", "f").replace("th", "t").replace("ck", "k").replace("sch", "s")
    if not letters:
        return ""
    first = letters[0].translate(_FIRST)
    code, before = first, letters[0].translate(_SOUNDS)
    for letter in letters[1:]:
        digit = letter.translate(_SOUNDS)
        if digit.isdigit() and digit != before:
            code += digit
        if letter not in "hw":
            before = digit
    return code[:4]


_FIRST = str.maketrans("cvwjz", "kffys")
