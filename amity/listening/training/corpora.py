"""Reads labelled posts (the layout of the public data sets), and keeps training apart from what measures it."""

import csv
import gzip
import html
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

LABEL_NUMBERS: Final = {"negative": 0, "neutral": 1, "positive": 2}
TAGS: Final = {
    "english": "en",
    "german": "de",
    "spanish": "es",
    "french": "fr",
    "italian": "it",
    "portuguese": "pt",
    "hindi": "hi",
    "arabic": "ar",
}
"""Names of the languages in the multilingual set, and their BCP 47 tags."""

_MASKED = re.compile(r"@\w+|https?\S*")
_NOT_LETTERS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Post:
    """A text with its label (0 negative, 1 neutral, 2 positive) and language."""

    text: str
    label: int
    language: str


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a gzipped CSV file with a header."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def multilingual(data: Path, split: str) -> list[Post]:
    """Posts of eight languages; split is train, val or test."""
    rows = read_rows(data / "umsab" / f"{split}.csv.gz")
    return [Post(html.unescape(row["text"]), int(row["label"]), TAGS[row["language"]]) for row in rows]


def english(data: Path, split: str) -> list[Post]:
    """English posts; split is train, val or test."""
    rows = read_rows(data / "tweeteval" / f"sentiment_{split}.csv.gz")
    return [Post(html.unescape(row["text"]), int(row["label"]), "en") for row in rows]


def phrases() -> list[Post]:
    """The short remarks of customers that were invented for this project."""
    source = files("amity.listening.training").joinpath("phrases.toml").read_text(encoding="utf-8")
    return [
        Post(text, LABEL_NUMBERS[label], language)
        for language, by_label in tomllib.loads(source).items()
        for label, texts in by_label.items()
        for text in texts
    ]


def likeness(text: str) -> str:
    """What two copies of a post share whatever was masked, escaped, spaced or capitalised."""
    return _NOT_LETTERS.sub("", _MASKED.sub("", html.unescape(text))).lower()


def training_posts(data: Path) -> list[Post]:
    """All posts to learn from: none twice, and none that also stands in a validation or test file.

    The English part of the multilingual set shares most of its posts with the English validation file.
    """
    held_out = {likeness(post.text) for split in ("val", "test") for post in multilingual(data, split)}
    held_out |= {likeness(post.text) for split in ("val", "test") for post in english(data, split)}
    return list(_new([*multilingual(data, "train"), *english(data, "train")], held_out))


def _new(posts: Iterable[Post], seen: set[str]) -> Iterable[Post]:
    for post in posts:
        mark = likeness(post.text)
        if mark not in seen:
            seen.add(mark)
            yield post
