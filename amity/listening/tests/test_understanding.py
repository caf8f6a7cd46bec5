from collections.abc import Sequence
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.listening.domain.understanding import SURE_FROM, TextModel, Understanding, mood
from amity.listening.models_data import model_bytes, shipped_model
from amity.listening.tests.sentences import CLEAR_FEELINGS, OTHER_LANGUAGES, SHORT_SENTENCES
from amity.listening.training.corpora import likeness, phrases
from amity.listening.understander import Understander

UNDERSTANDER = Understander()


@pytest.mark.parametrize(("language", "label", "text"), CLEAR_FEELINGS)
def test_clear_sentences_are_understood(language: str, label: str, text: str) -> None:
    read = UNDERSTANDER.understand(text)
    assert (read.language, read.sentiment_label) == (language, label)
    assert (read.sentiment > 0) == (label == "positive")


def test_the_language_of_short_messages_is_told_and_hardly_ever_wrong() -> None:
    read = UNDERSTANDER.understand_many([text for _, text in SHORT_SENTENCES])
    told = [(one.language, language) for one, (language, _) in zip(read, SHORT_SENTENCES, strict=True)]
    assert sum(found == truth for found, truth in told) >= 0.92 * len(told)
    assert sum(found not in ("", truth) for found, truth in told) <= 1


def test_most_texts_in_a_language_without_a_name_are_left_without_one() -> None:
    read = UNDERSTANDER.understand_many(OTHER_LANGUAGES)
    assert sum(one.language == "" for one in read) >= len(OTHER_LANGUAGES) - 3


@pytest.mark.parametrize("text", ["", " ", "\x00", "\x00\x00 \n", "\u200f", "\ud800"])
def test_a_text_without_words_has_no_language_and_no_feeling(text: str) -> None:
    read = UNDERSTANDER.understand(text)
    assert (read.language, read.sentiment, read.sentiment_label, read.confidence) == ("", 0.0, "unsure", 0.0)


def test_pictures_alone_carry_a_feeling_and_no_language() -> None:
    glad, sad = UNDERSTANDER.understand_many(["😍😍😍", "😡😡😡"])
    assert glad.sentiment > 0 > sad.sentiment
    assert {glad.language, sad.language} == {""}


def test_hostile_texts_are_read_without_harm_to_their_neighbours() -> None:
    plain = "Thank you so much for the great help"
    odd = [
        "a" * 100_000,
        "word " * 20_000,
        "İ" * 3_000,
        "ﷺ" * 2_500,
        "\u202eabc\u202c",
        "nul\x00inside",
        "😀" * 5_000,
        "'",
    ]
    read = UNDERSTANDER.understand_many([part for text in odd for part in (text, plain)])
    assert set(read[1::2]) == {UNDERSTANDER.understand(plain)}


def test_text_written_from_right_to_left_is_read_through_its_direction_marks() -> None:
    plain, marked = UNDERSTANDER.understand_many(["خدمة سيئة جدا", "\u202bخدمة سيئة جدا\u202c\u200f"])
    assert plain == marked
    assert plain.language == "ar"


@given(st.lists(st.text(max_size=80), max_size=8))
def test_a_batch_gives_what_single_texts_give_within_range(texts: list[str]) -> None:
    read = UNDERSTANDER.understand_many(texts)
    assert read == [UNDERSTANDER.understand(text) for text in texts]
    for one in read:
        assert -1 <= one.sentiment <= 1
        assert 0 <= one.confidence <= 1
        assert 0 <= one.language_confidence <= 1
        assert (one.confidence < SURE_FROM) == (one.sentiment_label == "unsure")


def test_a_batch_that_is_cut_into_pieces_keeps_its_order() -> None:
    texts = [text for _, _, text in CLEAR_FEELINGS] * 70
    read = UNDERSTANDER.understand_many(texts)
    assert read == UNDERSTANDER.understand_many(texts[: len(CLEAR_FEELINGS)]) * 70


def test_a_hint_decides_where_the_text_does_not_tell() -> None:
    assert UNDERSTANDER.understand("😀", "de-AT").language == "de"
    assert UNDERSTANDER.understand("4711", "pt_BR").language == "pt"
    assert UNDERSTANDER.understand("Könnten Sie mir bitte die Rechnung schicken", "en").language == "de"


def test_hints_must_match_the_texts() -> None:
    with pytest.raises(ValueError, match="as long as"):
        UNDERSTANDER.understand_many(["a", "b"], ["en"])


def test_a_feeling_in_a_language_never_learned_is_not_claimed() -> None:
    read = UNDERSTANDER.understand("Спасибо за быстрый ответ, всё отлично работает")
    assert (read.language, read.sentiment_label) == ("ru", "unsure")


@pytest.mark.parametrize(
    ("score", "confidence", "word"),
    [
        (-0.9, 0.9, "angry"),
        (-0.4, 0.6, "unhappy"),
        (0.0, 0.6, "neutral"),
        (0.4, 0.6, "pleased"),
        (0.9, 0.9, "delighted"),
        (-0.9, 0.2, ""),
    ],
)
def test_a_score_has_a_word_when_it_is_sure_enough(score: float, confidence: float, word: str) -> None:
    assert mood(score, confidence) == word


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_a_better_score_never_has_a_worse_word(first: float, second: float) -> None:
    order = ["angry", "unhappy", "neutral", "pleased", "delighted"]
    low, high = sorted((first, second))
    assert order.index(mood(low, 1.0)) <= order.index(mood(high, 1.0))


def test_threads_that_ask_at_once_load_the_model_once() -> None:
    loads: list[int] = []
    together = Barrier(8)

    def load() -> TextModel:
        loads.append(1)
        return shipped_model()

    shared = Understander(load)

    def ask() -> None:
        together.wait()
        shared.understand("hello")

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [1]


def test_another_model_can_take_the_place_of_the_shipped_one() -> None:
    class Echo:
        version = "echo-1"

        def understand_many(
            self, texts: Sequence[str], language_hints: Sequence[str] | None = None
        ) -> list[Understanding]:
            return [Understanding("en", 1.0, 0.0, "neutral", 1.0, self.version) for _ in texts]

    assert Understander(Echo).understand("anything").model == "echo-1"


def test_the_shipped_arrays_are_small_and_hold_no_text_but_language_tags() -> None:
    model = shipped_model()
    assert model_bytes() <= 1_000_000
    assert model.version.startswith("amity-linear-")
    assert all(len(tag) <= 3 for tag in model.languages)


def test_no_test_sentence_was_learned_from() -> None:
    learned = {likeness(post.text) for post in phrases()}
    tested = [text for _, _, text in CLEAR_FEELINGS] + [text for _, text in SHORT_SENTENCES]
    assert not learned & {likeness(text) for text in tested}
