"""Where the words that somebody types stand in a label."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a label; `matches` is whether it was typed."""

    text: str
    matches: bool


def words_of(typed: str) -> list[str]:
    """The words of a search, longest first, each once."""
    return sorted(set(typed.split()), key=lambda word: (-len(word), word))


def pieces(label: str, typed: str) -> list[Piece]:
    """`label` cut where it matches a word of `typed`, without regard to case. Joined they are the label again."""
    words = words_of(typed)
    if not words or not label:
        return [Piece(label, False)] if label else []
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    found: list[Piece] = []
    end = 0
    for match in pattern.finditer(label):
        if match.start() > end:
            found.append(Piece(label[end : match.start()], False))
        found.append(Piece(match.group(), True))
        end = match.end()
    if end < len(label):
        found.append(Piece(label[end:], False))
    return found


def holds_all(label: str, typed: str) -> bool:
    """Whether every typed word begins a word of the label, or stands inside it when it has three letters or more."""
    low = label.casefold()
    starts = re.split(r"[\s\-/.,()]+", low)
    return all(
        any(start.startswith(word) for start in starts) or (len(word) > 2 and word in low)
        for word in typed.casefold().split()
    )
