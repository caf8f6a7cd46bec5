import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from amity.listening.bench import macro_f1, macro_recall
from amity.listening.domain.characters import read_characters
from amity.listening.domain.linear import Features, HashedLinear
from amity.listening.training.corpora import Post, likeness, training_posts
from amity.listening.training.fitting import Fitted, count_features, fit, pack, temperature
from amity.listening.training.language import shortened
from amity.listening.training.sentiment import balance

GLAD = ["lovely cup", "lovely taste today", "what a lovely morning", "lovely machine"]
SAD = ["rotten cup", "rotten taste today", "what a rotten morning", "rotten machine"]
BITS = 12


def _small_model() -> HashedLinear:
    matrix = count_features(SAD + GLAD, Features.for_sentiment, BITS)
    labels = np.array([0] * len(SAD) + [1] * len(GLAD))
    fitted = fit(matrix, labels, np.ones(8, np.float32), 2, strength=10.0, rounds=40)
    importance = np.abs(fitted.weights).max(axis=1)
    return HashedLinear.unpacked(pack("tiny", fitted, importance, BITS, 2_000), "tiny")


def test_a_small_model_learns_the_obvious_and_carries_it_to_new_sentences() -> None:
    scores = _small_model().scores(
        Features.of(read_characters(["a lovely grinder", "a rotten grinder"])).for_sentiment()
    )
    assert scores.argmax(axis=1).tolist() == [1, 0]


def test_training_twice_gives_the_same_weights() -> None:
    assert np.array_equal(_small_model().weights, _small_model().weights)


def test_packing_keeps_the_important_buckets_within_half_a_step() -> None:
    table = np.zeros((1 << 4, 2), dtype=np.float32)
    table[3], table[9], table[12] = (1.0, -1.0), (0.5, -0.5), (0.001, -0.001)
    fitted = Fitted(table, np.zeros(2, dtype=np.float32))
    model = HashedLinear.unpacked(pack("m", fitted, np.abs(table).max(axis=1), 4, 2), "m")
    assert np.flatnonzero(model.weights.any(axis=1)).tolist() == [3, 9]
    assert np.abs(model.weights[[3, 9]] * model.scale - table[[3, 9]]).max() <= model.scale / 2 + 1e-6


def test_counts_in_training_are_what_the_model_sees_in_use() -> None:
    texts = ["not good at all", "", "good good 😀"]
    matrix = count_features(texts, Features.for_sentiment, BITS)
    weights = np.random.default_rng(3).integers(-9, 9, size=(1 << BITS, 2)).astype(np.int8)
    used = HashedLinear(weights, 0.5, np.array([0.1, -0.1])).scores(
        Features.of(read_characters(texts)).for_sentiment()
    )
    assert np.allclose(matrix @ weights * 0.5 + np.array([0.1, -0.1]), used, atol=1e-4)


def test_overconfident_scores_get_a_temperature_above_one() -> None:
    scores = np.array([[6.0, 0.0]] * 10)
    labels = np.array([0] * 7 + [1] * 3)
    assert temperature(scores, labels, np.ones(10)) > 1.5


def test_balance_lets_every_label_of_a_language_weigh_the_same() -> None:
    posts = [Post("a", 0, "en"), Post("b", 1, "en"), Post("c", 1, "en"), Post("d", 2, "en")]
    weights = balance(posts, 0.5)
    assert weights[0] == pytest.approx(weights[1] + weights[2]) == pytest.approx(weights[3])


def test_cuts_of_a_text_are_the_same_each_time() -> None:
    texts = [("one two three four five six seven eight", "en")]
    assert list(shortened(texts, 7)) == list(shortened(texts, 7))
    assert len(list(shortened(texts, 7))) == 2


def test_copies_of_a_post_are_alike_whatever_was_masked() -> None:
    assert likeness("@anna Look &amp; listen https://example.org") == likeness("@user look &  LISTEN http")


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["language", "text", "label"])
        writer.writeheader()
        writer.writerows(rows)


def test_nothing_that_measures_the_model_is_learned_from(tmp_path: Path) -> None:
    def row(text: str) -> dict[str, str]:
        return {"language": "english", "text": text, "label": "1"}

    several, one = tmp_path / "umsab", tmp_path / "tweeteval"
    _write(several / "train.csv.gz", [row("kept alone"), row("in val"), row("in test")])
    _write(several / "val.csv.gz", [row("In VAL")])
    _write(several / "test.csv.gz", [row("unseen")])
    _write(one / "sentiment_train.csv.gz", [row("kept alone"), row("unseen"), row("kept too")])
    _write(one / "sentiment_val.csv.gz", [row("other")])
    _write(one / "sentiment_test.csv.gz", [row("@user in test")])
    assert [post.text for post in training_posts(tmp_path)] == ["kept alone", "kept too"]


def test_the_measures_know_a_perfect_and_a_constant_guess() -> None:
    posts = [Post("", label, "en") for label in (0, 1, 2)]
    assert macro_recall(posts, [0, 1, 2]) == macro_f1(posts, [0, 1, 2]) == 1.0
    assert macro_recall(posts, [1, 1, 1]) == pytest.approx(1 / 3, abs=1e-3)
    assert macro_f1(posts, [1, 1, 1]) == pytest.approx(0.5 / 3, abs=1e-3)
