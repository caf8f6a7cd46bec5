"""Trains the shipped model again: `python -m amity.listening.training --data PATH [--out FILE]`."""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from amity.listening.models_data import SHIPPED
from amity.listening.training import corpora
from amity.listening.training.language import train_language
from amity.listening.training.sentiment import train_sentiment

VERSION = "amity-linear-1"


def main() -> int:
    """Read the data sets, train both classifiers (about a minute on one core), write one array file."""
    parser = argparse.ArgumentParser(description="Train the model for language and sentiment.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds umsab/ and tweeteval/")
    default = Path(__file__).parents[1] / "models_data" / SHIPPED
    parser.add_argument(
        "--out", type=Path, default=default, help="array file to write (default: the shipped one)"
    )
    asked = parser.parse_args()
    posts, phrases = corpora.training_posts(asked.data), corpora.phrases()
    several, one = corpora.multilingual(asked.data, "val"), corpora.english(asked.data, "val")
    sys.stdout.write(f"learning from {len(posts)} posts and {len(phrases)} phrases\n")
    feelings = train_sentiment(posts, phrases, [*several, *one])
    english_sample = [post for post in posts if post.language == "en"][::10]
    foreign = [post for post in posts if post.language != "en"]
    languages = train_language([*foreign, *english_sample, *phrases], several)
    arrays: dict[str, Any] = {"version": np.array(VERSION), **feelings, **languages}
    np.savez_compressed(asked.out, **arrays)
    sys.stdout.write(f"wrote {asked.out.name}, {asked.out.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
