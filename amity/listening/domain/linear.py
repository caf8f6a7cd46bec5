"""The shipped model: two linear classifiers over hashed features, one for language and one for sentiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from amity.listening.domain.characters import Characters, Positions, read_characters
from amity.listening.domain.hashing import (
    Hashes,
    Words,
    letter_groups,
    read_words,
    to_buckets,
    word_features,
)
from amity.listening.domain.scripts import languages_by_script
from amity.listening.domain.understanding import SURE_FROM, SentimentLabel, Understanding

Floats = npt.NDArray[np.float64]

LABELS: Final[tuple[SentimentLabel, ...]] = ("negative", "neutral", "positive")
LONGEST_GROUP: Final = 5
LANGUAGE_SURE_FROM: Final = 0.5
OTHER: Final = ""
"""The name of the class that stands for every language which the model does not name."""

_LANGUAGE_READS: Final = 240
_HINT_BONUS: Final = 2.0
_CHUNK_CHARACTERS: Final = 100_000
_CHUNK_TEXTS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Features:
    """The hashed features of a batch: arrays of hashes (0 = none), each with the edges that part it into texts."""

    letters: list[Hashes]
    letter_edges: Positions
    words: list[Hashes]
    word_edges: Positions

    @classmethod
    def of(cls, characters: Characters) -> Self:
        """Hash everything that the two classifiers look at."""
        words: Words = read_words(characters)
        edges = np.searchsorted(words.text, np.arange(characters.texts + 1))
        return cls(
            letter_groups(characters, LONGEST_GROUP), characters.separators(), word_features(words), edges
        )

    def for_sentiment(self) -> list[tuple[Hashes, Positions]]:
        """Groups of 3 to 5 characters; words, words under negation, pairs."""
        letters = [(hashes, self.letter_edges) for hashes in self.letters[1:]]
        return letters + [(hashes, self.word_edges) for hashes in self.words]

    def for_language(self) -> list[tuple[Hashes, Positions]]:
        """Groups of 2 and 3 characters near the start, and words: enough to tell a language, and cheap."""
        place = np.arange(len(self.letters[0]))
        begin = np.repeat(self.letter_edges[:-1], np.diff(self.letter_edges))
        near = np.zeros(len(place), dtype=np.bool_)
        near[: len(begin)] = place[: len(begin)] - begin < _LANGUAGE_READS
        letters = [(np.where(near, hashes, np.uint64(0)), self.letter_edges) for hashes in self.letters[:2]]
        return [*letters, (self.words[0], self.word_edges)]


@dataclass(frozen=True, slots=True)
class HashedLinear:
    """Linear scores over hashed features: for each bucket one int8 weight for each class.

    A text scores `bias + scale * sum of its weights / sqrt(number of its features)` for each class.
    """

    weights: npt.NDArray[np.int8]
    scale: float
    bias: Floats

    @property
    def bits(self) -> int:
        """How many bits of a hash choose its bucket."""
        return int(self.weights.shape[0]).bit_length() - 1

    @classmethod
    def unpacked(cls, arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Self:
        """Build from stored arrays: `gaps` between used buckets, their `weights`, `scale`, `bias`, `bits`."""
        rows = arrays[f"{name}_weights"]
        weights = np.zeros((1 << int(arrays[f"{name}_bits"]), rows.shape[1]), dtype=np.int8)
        weights[np.cumsum(arrays[f"{name}_gaps"].astype(np.int64))] = rows
        return cls(weights, float(arrays[f"{name}_scale"]), arrays[f"{name}_bias"].astype(np.float64))

    def scores(self, features: Sequence[tuple[Hashes, Positions]]) -> Floats:
        """One row for each text, one column for each class."""
        texts = len(features[0][1]) - 1
        sums = np.zeros((texts, self.weights.shape[1]), dtype=np.int64)
        counts = np.zeros(texts, dtype=np.int64)
        for hashes, edges in features:
            used = np.flatnonzero(hashes)
            inner = np.searchsorted(used, edges)
            rows = self.weights[to_buckets(hashes[used], self.bits)]
            _add_by_text(sums, rows, inner)
            counts += np.diff(inner)
        return self.bias + self.scale * sums / np.sqrt(np.maximum(counts, 1))[:, None]


def _add_by_text(sums: npt.NDArray[np.int64], rows: npt.NDArray[np.int8], edges: Positions) -> None:
    """Add to each text the rows that lie between its edges. `reduceat` alone would misread texts without any."""
    filled = np.flatnonzero(np.diff(edges))
    if filled.size:
        sums[filled] += np.add.reduceat(rows, edges[filled], axis=0, dtype=np.int32)


def chances(scores: Floats, temperature: float) -> Floats:
    """Softmax of each row, after division by the temperature that was fitted on validation data."""
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) / temperature)
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


class LinearTextModel:
    """Language and sentiment of short texts from one array file. Holds no text, needs numpy only."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take the arrays that training stored."""
        self._version = str(arrays["version"])
        self._languages = [str(tag) for tag in arrays["languages"]]
        self._felt = frozenset(str(tag) for tag in arrays["sentiment_languages"])
        self._language = HashedLinear.unpacked(arrays, "language")
        self._sentiment = HashedLinear.unpacked(arrays, "sentiment")
        self._language_temperature = float(arrays["language_temperature"])
        self._sentiment_temperature = float(arrays["sentiment_temperature"])

    @property
    def version(self) -> str:
        """Name and version of the weights."""
        return self._version

    @property
    def languages(self) -> list[str]:
        """The languages that the classifier names; "" stands for all others."""
        return list(self._languages)

    def understand_many(
        self, texts: Sequence[str], language_hints: Sequence[str] | None = None
    ) -> list[Understanding]:
        """Language and sentiment of each text, in order; work is cut into pieces that stay in the cache."""
        hints = language_hints if language_hints is not None else [""] * len(texts)
        if len(hints) != len(texts):
            raise ValueError("language_hints must be as long as texts")
        understood: list[Understanding] = []
        for start, stop in pieces(texts):
            understood += self._piece(texts[start:stop], hints[start:stop])
        return understood

    def _piece(self, texts: Sequence[str], hints: Sequence[str]) -> list[Understanding]:
        characters = read_characters(texts)
        features = Features.of(characters)
        named = self._named(characters, features, hints)
        empty = np.diff(features.word_edges) == 0
        felt = self._felt_in(features)
        feelings = np.round(felt[:, 2] - felt[:, 0], 4).tolist()
        best = felt.argmax(axis=1).tolist()
        sure = np.where(empty, 0.0, np.round(felt.max(axis=1), 4)).tolist()
        return [
            self._understanding(language, feeling, LABELS[label], confidence)
            for language, feeling, label, confidence in zip(named, feelings, best, sure, strict=True)
        ]

    def sentiment_chances(self, texts: Sequence[str]) -> Floats:
        """The chances of negative, neutral and positive for each text, also where none is sure enough to be said."""
        parts = [Features.of(read_characters(texts[start:stop])) for start, stop in pieces(texts)]
        return (
            np.concatenate([self._felt_in(part) for part in parts]) if parts else np.zeros((0, len(LABELS)))
        )

    def _felt_in(self, features: Features) -> Floats:
        felt = chances(self._sentiment.scores(features.for_sentiment()), self._sentiment_temperature)
        felt[np.diff(features.word_edges) == 0] = 1 / len(LABELS)
        return felt

    def _understanding(
        self, language: tuple[str, float], feeling: float, label: SentimentLabel, confidence: float
    ) -> Understanding:
        """A feeling in a language that the classifier never learned is a guess, and is marked as one."""
        if language[0] and language[0] not in self._felt:
            confidence = min(confidence, SURE_FROM / 2)
        if confidence < SURE_FROM:
            label = "unsure"
        return Understanding(language[0], language[1], feeling, label, confidence, self._version)

    def _named(
        self, characters: Characters, features: Features, hints: Sequence[str]
    ) -> list[tuple[str, float]]:
        """The language of each text with its confidence: by script, else by classifier, else as hinted."""
        scores = self._language.scores(features.for_language())
        claimed = [hint.replace("_", "-").split("-")[0].lower() for hint in hints]
        for row, hint in enumerate(claimed):
            if hint and hint in self._languages:
                scores[row, self._languages.index(hint)] += _HINT_BONUS
        likely = chances(scores, self._language_temperature)
        best, sure = likely.argmax(axis=1).tolist(), np.round(likely.max(axis=1), 4).tolist()
        words = np.diff(features.word_edges).tolist()
        scripts = languages_by_script(characters)
        return [
            _language_of(script, self._languages[place] if count else OTHER, confidence, hint)
            for script, place, confidence, hint, count in zip(
                scripts, best, sure, claimed, words, strict=True
            )
        ]


def _language_of(script: str, guess: str, confidence: float, hint: str) -> tuple[str, float]:
    if script:
        return script, 1.0
    if guess != OTHER and confidence >= LANGUAGE_SURE_FROM:
        return guess, confidence
    return (hint, LANGUAGE_SURE_FROM) if hint else (OTHER, 0.0)


def pieces(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Cut a batch into runs (start, stop) of at most 1,000 texts and, where several, 100,000 characters."""
    found: list[tuple[int, int]] = []
    start = size = 0
    for place, text in enumerate(texts):
        if place > start and (size + len(text) > _CHUNK_CHARACTERS or place - start >= _CHUNK_TEXTS):
            found.append((start, place))
            start, size = place, 0
        size += len(text)
    if start < len(texts):
        found.append((start, len(texts)))
    return found
