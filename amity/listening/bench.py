"""Measures the shipped model on labelled public posts: quality, speed, size (`amity bench sentiment`)."""

import gc
import os
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import mean, median
from typing import Any, Final, Protocol

import numpy as np

from amity.listening.domain.linear import LABELS
from amity.listening.models_data import model_bytes, shipped_model
from amity.listening.training.corpora import LABEL_NUMBERS, Post, english, multilingual, read_rows
from amity.listening.understander import Understander

ROUNDS: Final = 3
Guess = Sequence[int]


class _Lexicon(Protocol):
    def polarity_scores(self, text: str) -> dict[str, float]: ...


def run(data: Path) -> dict[str, float]:
    """Figures on the test files below `data` (layout of the public sets).

    Recall and F1 are macro averages over negative, neutral, positive. `posts_per_s` is processor time of one
    thread, median of three, over the multilingual test posts; `rss_mb_added` is what loading and a first batch add.
    With vaderSentiment installed, its figures stand beside as `vader_…` (English only).
    """
    before = _resident_mb()
    understander = Understander()
    tweets, several, airline = english(data, "test"), multilingual(data, "test"), airline_posts(data)
    base = _resident_mb()
    understander.understand_many([post.text for post in tweets[:1_000]])
    figures = {"rss_mb_added": round(_resident_mb() - base, 1), "rss_mb_test_posts": round(base - before, 1)}
    figures |= quality(understander, tweets, several, airline)
    figures |= {
        "posts_per_s": _rate(understander, [post.text for post in several]),
        "model_bytes": model_bytes(),
    }
    figures["mean_characters"] = round(mean(len(post.text) for post in several), 1)
    return figures | _beside(tweets, airline)


def quality(
    understander: Understander, tweets: Sequence[Post], several: Sequence[Post], airline: Sequence[Post]
) -> dict[str, float]:
    """How often the model is right, by set and by language."""
    read = understander.understand_many([post.text for post in several])
    guesses = _guesses(several)
    figures = {"tweeteval_macro_recall": macro_recall(tweets, _guesses(tweets))}
    figures["airline_macro_f1"] = macro_f1(airline, _guesses(airline))
    named: list[float] = []
    for language in sorted({post.language for post in several}):
        places = [place for place, post in enumerate(several) if post.language == language]
        own = [several[place] for place in places]
        figures[f"umsab_{language}_macro_f1"] = macro_f1(own, [guesses[place] for place in places])
        named.append(mean(read[place].language == language for place in places))
        figures[f"language_{language}_recall"] = round(named[-1], 4)
    figures["umsab_macro_f1"] = round(
        mean(value for key, value in figures.items() if key.startswith("umsab_")), 4
    )
    figures["language_accuracy"] = round(mean(named), 4)
    figures["unsure_share"] = round(mean(one.sentiment_label == "unsure" for one in read), 4)
    return figures


def airline_posts(data: Path) -> list[Post]:
    """Complaints and praise to airlines, a field that the model never saw."""
    rows = read_rows(data / "airline_tweets" / "tweets.csv.gz")
    return [Post(row["text"], LABEL_NUMBERS[row["airline_sentiment"]], "en") for row in rows]


def macro_recall(posts: Sequence[Post], guesses: Guess) -> float:
    """Mean over the labels of the share of their posts that was found."""
    truth, guess = _arrays(posts, guesses)
    return round(mean(float((guess[truth == label] == label).mean()) for label in range(len(LABELS))), 4)


def macro_f1(posts: Sequence[Post], guesses: Guess) -> float:
    """Mean over the labels of the harmonic mean of precision and recall."""
    truth, guess = _arrays(posts, guesses)
    parts: list[float] = []
    for label in range(len(LABELS)):
        right = float(((truth == label) & (guess == label)).sum())
        parts.append(2 * right / max(1.0, float((truth == label).sum() + (guess == label).sum())))
    return round(mean(parts), 4)


def _arrays(posts: Sequence[Post], guesses: Guess) -> tuple[Any, Any]:
    return np.array([post.label for post in posts]), np.array(guesses)


def _guesses(posts: Sequence[Post]) -> Guess:
    """The most likely label of each post, also where the model would say "unsure": the measures know only three."""
    guesses: list[int] = (
        shipped_model().sentiment_chances([post.text for post in posts]).argmax(axis=1).tolist()
    )
    return guesses


def _rate(understander: Understander, texts: Sequence[str]) -> float:
    def once() -> float:
        start = time.process_time()
        understander.understand_many(texts)
        return time.process_time() - start

    return round(len(texts) / median(once() for _ in range(ROUNDS)), 1)


def _beside(tweets: Sequence[Post], airline: Sequence[Post]) -> dict[str, float]:
    """The figures of the VADER lexicon, if it is installed, at its authors' thresholds of ±0.05."""
    lexicon = _vader()
    if lexicon is None:
        return {}

    def guesses(posts: Sequence[Post]) -> Guess:
        scores = [lexicon.polarity_scores(post.text)["compound"] for post in posts]
        return [2 if score >= 0.05 else 0 if score <= -0.05 else 1 for score in scores]

    return {
        "vader_tweeteval_macro_recall": macro_recall(tweets, guesses(tweets)),
        "vader_airline_macro_f1": macro_f1(airline, guesses(airline)),
    }


def _vader() -> _Lexicon | None:
    try:
        vader = import_module("vaderSentiment.vaderSentiment")
    except ImportError:
        return None
    make: Callable[[], _Lexicon] = vader.SentimentIntensityAnalyzer
    return make()


def _resident_mb() -> float:
    """Resident memory of this process in MB (Linux; 0 where the system does not tell)."""
    gc.collect()
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if statm.exists() else 0.0
