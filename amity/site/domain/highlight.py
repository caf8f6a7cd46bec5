"""Where the words that somebody types stand in a label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

from amity.people.domain.folding import fold
from amity.people.domain.patterns import LEAST_DIGITS, digits_of
from amity.people.domain.spelling import wrong_letters

_WORD = re.compile(r"[^\W_]+")
_PLAIN = {"ø": "o", "Ø": "o", "ł": "l", "Ł": "l"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a label; `matches` is whether it was typed."""

    text: str
    matches: bool


def words_of(typed: str) -> list[str]:
    """The words of a search as `pieces` looks for them, longest first, each once."""
    return sorted(
        {bare for word in typed.split() if (bare := _bare(word)[0])}, key=lambda word: (-len(word), word)
    )


def pieces(label: str, typed: str, with_similar: bool = False) -> list[Piece]:
    """`label` cut where it matches a word of `typed`, without regard to case and accents; `with_similar` also where a
    word of it is only spelt alike. Joined they are the label again."""
    bare, places = _bare(label)
    spans = [(places[one.start()], places[one.end()]) for one in _matches(bare, words_of(typed))]
    if not spans and (digits := digits_of(typed)):
        spans = _digits(label, digits)
    if with_similar:
        spans += _similar(label, words_of(typed))
    return _cut(label, spans)


def _bare(text: str) -> tuple[str, list[int]]:
    """The text without accents and in small letters, and where in the text each letter of it stands, and the end."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        marks = normalize("NFKD", _PLAIN.get(letter, letter)).casefold()
        for one in marks:
            if not combining(one):
                letters.append(_PLAIN.get(one, one))
                places.append(place)
    return "".join(letters), [*places, len(text)]


def _matches(bare: str, words: list[str]) -> Iterator[re.Match[str]]:
    """Where a word begins so; inside of one only what has three letters, or no letter at all."""
    if words:
        ways = (
            re.escape(word) if len(word) > 2 or not word.isalnum() else rf"\b{re.escape(word)}"
            for word in words
        )
        yield from re.finditer("|".join(ways), bare)


def _digits(label: str, digits: str) -> list[tuple[int, int]]:
    """Where the label ends in the same digits, however either is written."""
    places = [place for place, letter in enumerate(label) if letter.isdecimal()]
    told = "".join(label[place] for place in places)
    same = min(len(digits), len(told))
    if same < LEAST_DIGITS or told[-same:] != digits[-same:]:
        return []
    return [(places[-same], places[-1] + 1)]


def _similar(label: str, words: list[str]) -> list[tuple[int, int]]:
    found = []
    for match in _WORD.finditer(label):
        word = fold(match.group()).replace(" ", "")
        if any(wrong_letters(fold(typed), word) for typed in words):
            found.append(match.span())
    return found


def _cut(label: str, spans: list[tuple[int, int]]) -> list[Piece]:
    found: list[Piece] = []
    end = 0
    for start, stop in sorted(spans):
        if stop <= end:
            continue
        if start > end:
            found.append(Piece(label[end:start], False))
        found.append(Piece(label[max(start, end) : stop], True))
        end = stop
    if end < len(label):
        found.append(Piece(label[end:], False))
    return found


def holds_all(label: str, typed: str) -> bool:
    """Whether every typed word begins a word of the label, or stands inside it when it has three letters or more."""
    low, starts = _starts(label)
    return all(
        any(start.startswith(word) for start in starts) or (len(word) > 2 and word in low)
        for word in typed.casefold().split()
    )


@lru_cache(maxsize=2_000)
def _starts(label: str) -> tuple[str, list[str]]:
    """The label in small letters, and its words. Labels are few, and looked at with every letter that is typed."""
    low = label.casefold()
    return low, re.split(r"[\s\-/.,()]+", low)
