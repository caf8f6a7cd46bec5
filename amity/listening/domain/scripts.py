"""Writing systems that belong to one language, so that the letters alone tell it."""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from amity.listening.domain.characters import WORD, Characters

SCRIPTS: Final[tuple[tuple[str, tuple[tuple[int, int], ...]], ...]] = (
    ("ja", ((0x3040, 0x30FF), (0x31F0, 0x31FF))),
    ("zh", ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))),
    ("ko", ((0x1100, 0x11FF), (0xAC00, 0xD7AF))),
    ("el", ((0x0370, 0x03FF), (0x1F00, 0x1FFF))),
    ("he", ((0x0590, 0x05FF),)),
    ("th", ((0x0E00, 0x0E7F),)),
    ("ka", ((0x10A0, 0x10FF),)),
    ("hy", ((0x0530, 0x058F),)),
    ("bn", ((0x0980, 0x09FF),)),
    ("pa", ((0x0A00, 0x0A7F),)),
    ("gu", ((0x0A80, 0x0AFF),)),
    ("ta", ((0x0B80, 0x0BFF),)),
    ("te", ((0x0C00, 0x0C7F),)),
    ("kn", ((0x0C80, 0x0CFF),)),
    ("ml", ((0x0D00, 0x0D7F),)),
)
"""Language and its code points. Han without kana is read as Chinese; rarer users of a script are not told apart."""

_SHARE: Final = 0.5
_KANA_SHARE: Final = 0.1


def languages_by_script(characters: Characters) -> list[str]:
    """For each text the language that its letters give away, "" where the script is shared by several."""
    table = _script_table()
    letters = np.flatnonzero(characters.classes == WORD)
    text = np.searchsorted(characters.separators(), letters) - 1
    kind = table[np.minimum(characters.codes[letters], 0xFFFF)]
    wide = len(SCRIPTS) + 1
    counts = np.bincount(text * wide + kind, minlength=characters.texts * wide).reshape(-1, wide)
    total = np.maximum(counts.sum(axis=1), 1)
    shares = counts[:, 1:] / total[:, None]
    shares[:, 0] = np.where(shares[:, 0] >= _KANA_SHARE, shares[:, 0] + shares[:, 1], shares[:, 0])
    best = shares.argmax(axis=1)
    sure = shares[np.arange(len(best)), best] >= _SHARE
    return [SCRIPTS[place][0] if known else "" for place, known in zip(best, sure, strict=True)]


@cache
def _script_table() -> npt.NDArray[np.uint8]:
    table = np.zeros(0x10000, dtype=np.uint8)
    for number, (_, ranges) in enumerate(SCRIPTS, start=1):
        for first, last in ranges:
            table[first : last + 1] = number
    return table
