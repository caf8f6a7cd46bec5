"""Words and letter groups of a batch as bucket numbers: nothing is looked up, so no vocabulary is kept.

The hash is a polynomial over code points in 64-bit arithmetic (feature hashing: Weinberger et al., ICML 2009).
It depends on the characters alone, so the buckets are the same on every machine and in every run.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from amity.listening.domain.characters import (
    PICTURE,
    PUNCTUATION,
    SEPARATOR,
    SPACE,
    WORD,
    Characters,
    Classes,
    Positions,
    read_characters,
)

Hashes = npt.NDArray[np.uint64]
Buckets = npt.NDArray[np.uint32]

_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_SEED: Final = np.uint64(0x2545F4914F6CDD1D)
_NEGATED: Final = np.uint64(0x632BE59BD9B4E019)
_POWERS: Final = 256
NEGATION_REACH: Final = 3

NEGATIONS: Final = (
    "not no never none nobody nothing without cannot dont doesnt didnt isnt wasnt arent werent wont wouldnt cant "
    "couldnt shouldnt hasnt havent hadnt aint "
    "nicht kein keine keinen keiner keinem keines nie niemals nichts ohne "
    "nunca jamás ningún ninguna nada sin tampoco "
    "pas jamais rien aucun aucune sans "
    "non mai niente nessun nessuna senza neanche "
    "não nem nenhum nenhuma sem "
    "नहीं मत ना नही "
    "لا لم لن ليس مش ما مو بدون غير"
)
"""Words that turn what follows, in the eight languages of the model."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words, runs of punctuation and single pictures of a batch, in reading order."""

    hashes: Hashes
    classes: Classes
    text: Positions
    texts: int


def letter_groups(characters: Characters, longest: int) -> list[Hashes]:
    """Hashes of the groups of 2, 3, … `longest` characters that start at each position (0 where none does).

    A group may start or end with the space around a word, never span it.
    """
    codes, classes = characters.codes.astype(np.uint64), characters.classes
    count = len(codes)
    gap = (classes == SPACE) | (classes == SEPARATOR)
    gaps_before = np.concatenate(([0], np.cumsum(gap)))
    separator = classes == SEPARATOR
    rolling = (codes + _SEED) * _BASE
    groups: list[Hashes] = [np.zeros(count, dtype=np.uint64) for _ in range(2, longest + 1)]
    for size in range(2, min(longest, count) + 1):
        rolling = rolling[: count - size + 1] * _BASE + codes[size - 1 :]
        inner = gaps_before[size - 1 : count] - gaps_before[1 : count - size + 2]
        valid = (inner == 0) & ~separator[: count - size + 1] & ~separator[size - 1 :]
        if size == 2:
            valid &= ~(gap[:-1] & gap[1:])
        groups[size - 2][: count - size + 1] = np.where(
            valid, _mixed(rolling + np.uint64(size)), np.uint64(0)
        )
    return groups


def read_words(characters: Characters) -> Words:
    """Cut a batch into words, runs of punctuation and single pictures, and hash each."""
    classes = characters.classes
    starts_here = np.ones(len(classes), dtype=np.bool_)
    starts_here[1:] = (classes[1:] != classes[:-1]) | (classes[1:] == PICTURE)
    starts = np.flatnonzero(starts_here)
    run = np.cumsum(starts_here) - 1
    offset = (np.arange(len(classes)) - starts[run]) % _POWERS
    weighted = (characters.codes.astype(np.uint64) + _SEED) * _powers()[offset]
    hashes = _mixed(np.add.reduceat(weighted, starts))
    kinds = classes[starts]
    text = np.cumsum(kinds == SEPARATOR) - 1
    kept = (kinds == WORD) | (kinds == PUNCTUATION) | (kinds == PICTURE)
    return Words(hashes[kept], kinds[kept], text[kept], characters.texts)


def negated(words: Words) -> npt.NDArray[np.bool_]:
    """Which words stand up to three places after a negation, in the same text, with no punctuation between."""
    place = np.arange(len(words.hashes))
    turning = np.isin(words.hashes, _negation_hashes())
    stopping = words.classes == PUNCTUATION
    stopping[1:] |= words.text[1:] != words.text[:-1]
    last_turn = np.maximum.accumulate(np.where(turning, place, -NEGATION_REACH - 1))
    before = np.concatenate(([-NEGATION_REACH - 1], last_turn[:-1])) if len(place) else last_turn
    last_stop = np.maximum.accumulate(np.where(stopping, place, 0))
    near: npt.NDArray[np.bool_] = (
        (place - before <= NEGATION_REACH) & (before >= last_stop) & (words.classes == WORD)
    )
    return near


def word_features(words: Words) -> list[Hashes]:
    """Hashes of single words, of single words under negation, and of pairs of neighbours (0 where none)."""
    marked = np.where(negated(words), under_negation(words.hashes), np.uint64(0))
    pairs = np.zeros(len(words.hashes), dtype=np.uint64)
    if len(pairs) > 1:
        together = words.text[1:] == words.text[:-1]
        joint = _mixed(words.hashes[:-1] * _BASE + words.hashes[1:])
        pairs[1:] = np.where(together, joint, np.uint64(0))
    return [words.hashes, marked, pairs]


def under_negation(hashes: Hashes) -> Hashes:
    """The hashes that words have when they stand under a negation."""
    return _mixed(hashes ^ _NEGATED)


def to_buckets(hashes: Hashes, bits: int) -> Buckets:
    """The upper `bits` bits of each hash: its place in a table of 2**bits."""
    return (hashes >> np.uint64(64 - bits)).astype(np.uint32)


def _mixed(values: Hashes) -> Hashes:
    """Spread what the polynomial left in the lower bits over all of them; never gives 0, which means "none"."""
    values = (values ^ (values >> np.uint64(32))) * _MIX
    return (values ^ (values >> np.uint64(29))) | np.uint64(1)


@cache
def _powers() -> Hashes:
    powers = np.ones(_POWERS, dtype=np.uint64)
    powers[1:] = _BASE
    return np.cumprod(powers, dtype=np.uint64)


@cache
def _negation_hashes() -> Hashes:
    return np.unique(read_words(read_characters(NEGATIONS.split())).hashes)
