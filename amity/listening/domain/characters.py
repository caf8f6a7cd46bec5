"""A batch of texts as one array of code points, folded and classed, ready for vectorised counting."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

LONGEST_TEXT: Final = 2_000
"""Characters that are read of each text. What follows seldom changes the meaning and would cost without bound."""

SEPARATOR, SPACE, WORD, PUNCTUATION, PICTURE, DROPPED = range(6)

_LINK_OR_MENTION = re.compile(r"(?:https?://|www\.)[^\s\x00]+|@\w+|\bhttps?\b")
_ARABIC_SAME: Final = {0x0622: 0x0627, 0x0623: 0x0627, 0x0625: 0x0627, 0x0649: 0x064A, 0x0629: 0x0647}
_APOSTROPHES: Final = (0x27, 0x2019)
_BEYOND: Final = 0xFFFF

Codes = npt.NDArray[np.uint32]
Classes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a batch. Every text stands between two separators, with one space at each end."""

    codes: Codes
    classes: Classes
    texts: int

    def separators(self) -> Positions:
        """Where the separators are: text number i lies between the i-th and the next one."""
        return np.flatnonzero(self.classes == SEPARATOR)


def read_characters(texts: Sequence[str]) -> Characters:
    """Fold a batch of texts (compatibility forms, case, links, mentions, repeats) into one array.

    What a text becomes does not depend on its neighbours in the batch.
    """
    joined = "\x00".join(_compatible(text[:LONGEST_TEXT]) for text in texts)
    joined = _LINK_OR_MENTION.sub(" ", f"\x00{joined}\x00".lower().replace("\x00", " \x00 "))
    raw = np.frombuffer(joined[1:-1].encode("utf-32-le", "surrogatepass"), dtype="<u4")
    slots = np.minimum(raw, _BEYOND)
    fold, classify = _tables()
    codes = np.where(raw < _BEYOND, fold[slots], raw).astype(np.uint32, copy=False)
    classes = classify[slots]
    kept = classes != DROPPED
    codes, classes = codes[kept], classes[kept]
    codes, classes = _without_apostrophes(codes, classes)
    kept = ~_repeated(codes, classes)
    return Characters(codes[kept], classes[kept], len(texts))


def _compatible(text: str) -> str:
    """One text in compatibility form, without the character that separates texts."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return folded.replace("\x00", " ") if "\x00" in folded else folded


def _without_apostrophes(codes: Codes, classes: Classes) -> tuple[Codes, Classes]:
    """Close up "don't" and "I'm" (one letter follows); elsewhere, as in "l'amore", an apostrophe parts words."""
    marks = np.flatnonzero((codes == _APOSTROPHES[0]) | (codes == _APOSTROPHES[1]))
    if not marks.size:
        return codes, classes
    word = classes == WORD
    inside = marks[word[marks - 1] & word[np.minimum(marks + 1, len(codes) - 1)]]
    last_letter = ~word[np.minimum(inside + 2, len(codes) - 1)]
    codes, classes = codes.copy(), classes.copy()
    codes[inside], classes[inside] = 0x20, SPACE
    kept = np.ones(len(codes), dtype=np.bool_)
    kept[inside[last_letter]] = False
    return codes[kept], classes[kept]


def _repeated(codes: Codes, classes: Classes) -> Flags:
    """Marks the third and later of equal neighbours ("soooo"), and every space after the first."""
    repeated = np.zeros(len(codes), dtype=np.bool_)
    same = codes[1:] == codes[:-1]
    repeated[2:] = same[1:] & same[:-1] & (classes[2:] != SEPARATOR)
    space = classes == SPACE
    repeated[1:] |= space[1:] & space[:-1]
    return repeated


@cache
def _tables() -> tuple[Codes, Classes]:
    """What each code point of the basic plane folds to, and its class. Beyond that plane all are pictures."""
    fold = np.arange(_BEYOND + 1, dtype=np.uint32)
    fold[list(_ARABIC_SAME)] = list(_ARABIC_SAME.values())
    classes = np.fromiter((_class_of(code) for code in range(_BEYOND + 1)), np.uint8, _BEYOND + 1)
    fold[classes == SPACE] = 0x20
    return fold, classes


def _class_of(code: int) -> int:
    if code == 0:
        return SEPARATOR
    if code == _BEYOND:
        return PICTURE
    if 0x064B <= code <= 0x0652 or code == 0x0640 or 0xFE00 <= code <= 0xFE0F:
        return DROPPED
    category = unicodedata.category(chr(code))
    if category[0] in "LMN":
        return WORD
    if category in ("Cf", "Cs"):
        return DROPPED
    if category == "So":
        return PICTURE
    return SPACE if category[0] in "ZC" else PUNCTUATION
