"""Trains the sentiment classifier."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from amity.listening.domain.characters import read_characters
from amity.listening.domain.hashing import read_words, to_buckets, under_negation
from amity.listening.domain.linear import LABELS, Features, HashedLinear
from amity.listening.training.corpora import Post
from amity.listening.training.fitting import (
    Fitted,
    Floats32,
    count_features,
    document_counts,
    fit,
    pack,
    temperature,
)

NEGATED_WORTH: Final = -0.74
"""What is left of a word's worth under negation (the constant of Hutto and Gilbert, ICWSM 2014)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was chosen on validation posts."""

    bits: int = 21
    keep: int = 110_000
    rarest: int = 4
    strength: float = 0.4
    rounds: int = 100
    phrase_weight: float = 5.0
    small_language_power: float = 0.5


def train_sentiment(
    posts: Sequence[Post], phrases: Sequence[Post], held_out: Sequence[Post], recipe: Recipe | None = None
) -> dict[str, npt.NDArray[Any]]:
    """The packed arrays of a classifier that learned from posts and phrases, its chances set on held-out posts."""
    recipe = recipe or Recipe()
    everything = [*posts, *phrases]
    matrix = count_features([post.text for post in everything], Features.for_sentiment, recipe.bits)
    fitted, importance = _fit_with_lexicon(matrix, everything, len(posts), recipe)
    arrays = pack("sentiment", fitted, importance, recipe.bits, recipe.keep)
    arrays["sentiment_temperature"] = np.array(_temperature(arrays, held_out), dtype=np.float32)
    arrays["sentiment_languages"] = np.array(sorted({post.language for post in everything}))
    return arrays


def _fit_with_lexicon(
    matrix: Any, posts: Sequence[Post], from_phrases: int, recipe: Recipe
) -> tuple[Fitted, Floats32]:
    """Fit with the English lexicon as one more column, then fold that column into the weights of its words."""
    seen = document_counts(matrix)
    in_phrases = document_counts(matrix[from_phrases:])
    used = np.flatnonzero((seen >= recipe.rarest) | ((in_phrases > 0) & (seen > 1)))
    rarity = (np.log(len(posts) / np.maximum(seen, 1)) / 5)[used].astype(np.float32)
    worth = lexicon_worth(recipe.bits)
    narrow = matrix.tocsc()[:, used] @ sparse.diags(rarity)
    joint = sparse.hstack([narrow, sparse.csr_matrix((matrix @ worth)[:, None])]).tocsr().astype(np.float32)
    labels = np.array([post.label for post in posts])
    weights = balance([*posts[:from_phrases]], recipe.small_language_power)
    weights = np.concatenate([weights, np.full(len(posts) - from_phrases, recipe.phrase_weight, np.float32)])
    learned = fit(joint, labels, weights, len(LABELS), strength=recipe.strength, rounds=recipe.rounds)
    table = np.outer(worth, learned.weights[-1]).astype(np.float32)
    table[used] += learned.weights[:-1] * rarity[:, None]
    spread = np.abs(table - table.mean(axis=1, keepdims=True)).max(axis=1)
    importance = spread * np.sqrt(np.maximum(seen, 1)).astype(np.float32)
    return Fitted(table, learned.bias), importance


def balance(posts: Sequence[Post], power: float) -> Floats32:
    """Weights under which the labels of a language count alike, and small languages more than their size."""
    by_label = Counter((post.language, post.label) for post in posts)
    by_language = Counter(post.language for post in posts)
    largest = max(by_language.values())
    return np.array(
        [
            by_language[post.language]
            / (len(LABELS) * by_label[post.language, post.label])
            * (largest / by_language[post.language]) ** power
            for post in posts
        ],
        dtype=np.float32,
    )


def lexicon_worth(bits: int) -> Floats32:
    """How good or bad (-4 to 4) the word of each bucket is by the VADER lexicon (MIT), 0 where it says nothing."""
    vader = import_module("vaderSentiment.vaderSentiment")  # it has no types
    lexicon: Mapping[str, float] = vader.SentimentIntensityAnalyzer().lexicon
    entries = list(lexicon)
    words = read_words(read_characters(entries))
    single = np.bincount(words.text, minlength=len(entries))[words.text] == 1
    values = np.array([lexicon[entries[place]] for place in words.text[single]], dtype=np.float32)
    worth = np.zeros(1 << bits, dtype=np.float32)
    hashes = words.hashes[single]
    worth[to_buckets(hashes, bits)] = values
    worth[to_buckets(under_negation(hashes), bits)] = values * (NEGATED_WORTH - 1)
    return worth


def _temperature(arrays: Mapping[str, npt.NDArray[Any]], held_out: Sequence[Post]) -> float:
    features = Features.of(read_characters([post.text for post in held_out]))
    scores = HashedLinear.unpacked(arrays, "sentiment").scores(features.for_sentiment())
    return temperature(scores, np.array([post.label for post in held_out]), balance(held_out, 0.5))
