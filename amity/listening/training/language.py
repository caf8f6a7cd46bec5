"""Trains the language classifier."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from amity.listening.domain.characters import read_characters
from amity.listening.domain.linear import OTHER, Features, HashedLinear
from amity.listening.training.catalogues import NAMED, UNNAMED, messages
from amity.listening.training.corpora import Post
from amity.listening.training.fitting import count_features, fit, pack, temperature

Named = tuple[str, str]
"""A text and its language, "" for one that the classifier does not name."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What was chosen on validation posts. Romanised Hindi posts are half English, so they count less."""

    bits: int = 15
    keep: int = 13_000
    strength: float = 3.0
    rounds: int = 60
    romanised_hindi: float = 0.3
    english: float = 2.0


def train_language(
    posts: Sequence[Post], held_out: Sequence[Post], recipe: Recipe | None = None
) -> dict[str, npt.NDArray[Any]]:
    """The packed arrays of a classifier that learned from posts and message catalogues."""
    recipe = recipe or Recipe()
    learn, check = catalogue_texts()
    texts = [*shortened([(post.text, post.language) for post in posts], seed=7), *learn]
    classes = [*NAMED, OTHER]
    labels = np.array([classes.index(language) for _, language in texts])
    matrix = count_features([text for text, _ in texts], Features.for_language, recipe.bits)
    fitted = fit(
        matrix, labels, _weights(texts, recipe), len(classes), strength=recipe.strength, rounds=recipe.rounds
    )
    spread = np.abs(fitted.weights - fitted.weights.mean(axis=1, keepdims=True)).max(axis=1)
    arrays = pack("language", fitted, spread, recipe.bits, recipe.keep)
    arrays["languages"] = np.array(classes)
    validation = [*((post.text, post.language) for post in held_out if post.language != "hi"), *check]
    arrays["language_temperature"] = np.array(_temperature(arrays, validation), dtype=np.float32)
    return arrays


def catalogue_texts() -> tuple[list[Named], list[Named]]:
    """Catalogue messages to learn from and, every tenth, to check with."""
    texts = [(text, language) for language in NAMED for text in messages(language)]
    texts += [(text, OTHER) for language in UNNAMED for text in messages(language)]
    return [pair for place, pair in enumerate(texts) if place % 10], texts[::10]


def shortened(texts: Sequence[Named], seed: int) -> Iterator[Named]:
    """Each text, and two to six words cut out of it: messages to a shop are shorter than posts."""
    chance = Random(seed)  # noqa: S311 - chooses examples, guards nothing
    for text, language in texts:
        yield text, language
        words = text.split()
        length = chance.randint(2, 6)
        if len(words) > length:
            start = chance.randrange(len(words) - length + 1)
            yield " ".join(words[start : start + length]), language


def _weights(texts: Sequence[Named], recipe: Recipe) -> npt.NDArray[np.float32]:
    """Languages count alike, but for English and for posts in romanised Hindi."""
    sizes = Counter(language for _, language in texts)
    share = {language: 2_000 / size for language, size in sizes.items()}
    share["en"] *= recipe.english
    return np.array(
        [
            share[lang] * (recipe.romanised_hindi if lang == "hi" and text.isascii() else 1.0)
            for text, lang in texts
        ],
        dtype=np.float32,
    )


def _temperature(arrays: dict[str, npt.NDArray[Any]], texts: Sequence[Named]) -> float:
    classes = [str(tag) for tag in arrays["languages"]]
    features = Features.of(read_characters([text for text, _ in texts]))
    scores = HashedLinear.unpacked(arrays, "language").scores(features.for_language())
    labels = np.array([classes.index(language) for _, language in texts])
    return temperature(scores, labels, np.ones(len(labels)))
