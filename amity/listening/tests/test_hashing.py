import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from amity.listening.domain.characters import LONGEST_TEXT, SEPARATOR, read_characters
from amity.listening.domain.hashing import letter_groups, negated, read_words, to_buckets, word_features
from amity.listening.domain.linear import Features, pieces


def _folded(text: str) -> str:
    return "".join(chr(code) for code in read_characters([text]).codes).strip("\x00 ")


def _words(text: str) -> list[int]:
    return [int(value) for value in read_words(read_characters([text])).hashes]


def test_hashes_are_the_same_on_every_machine_and_in_every_run() -> None:
    assert _words("grinder kaputt ñandú 😀 !!") == [
        17113487677287333067,
        10577768817975146173,
        13986513135938175453,
        9213121070273771293,
        16053950342953168385,
    ]
    groups = letter_groups(read_characters(["aß"]), 3)
    assert [[int(value) for value in group if value] for group in groups] == [
        [
            7933800248129343131,
            10899030939458372803,
            9526750661270093979,
        ],
        [
            18431876734996464259,
            5579880910486403887,
        ],
    ]


def test_case_links_mentions_and_long_repeats_do_not_matter() -> None:
    assert _folded("Sooooo GOOD @tamp https://example.org/a?b=c now") == "soo good now"


def test_an_apostrophe_before_the_last_letter_closes_up_and_elsewhere_parts_words() -> None:
    assert _folded("Don't l'amore I’m 'so'") == "dont l amore im 'so'"


def test_compatibility_forms_are_read_as_the_plain_letters() -> None:
    assert _folded("Ｇｒｅａｔ 𝐠𝐫𝐞𝐚𝐭") == "great great"


def test_a_negation_marks_three_words_up_to_punctuation_in_the_same_text() -> None:
    words = read_words(read_characters(["not a good grinder today", "not, good", "never", "good"]))
    assert negated(words).tolist() == [False, True, True, True, False, False, False, False, False, False]


def test_a_group_of_letters_never_spans_a_space() -> None:
    apart = {int(value) for group in letter_groups(read_characters(["ab cd"]), 5) for value in group if value}
    alone = {
        int(v) for text in ("ab", "cd") for g in letter_groups(read_characters([text]), 5) for v in g if v
    }
    assert apart == alone


def test_words_of_different_texts_make_no_pair() -> None:
    pairs = word_features(read_words(read_characters(["one", "two"])))[2]
    assert not pairs.any()


def test_only_the_first_two_thousand_characters_are_read() -> None:
    assert len(read_characters(["ab" * 50_000]).codes) == LONGEST_TEXT + 4


def test_buckets_stay_inside_their_table() -> None:
    hashes = np.array([0, 1, 2**64 - 1], dtype=np.uint64)
    assert to_buckets(hashes, 15).tolist() == [0, 0, 2**15 - 1]


@given(st.lists(st.text(max_size=60), max_size=12))
def test_a_text_is_hashed_the_same_alone_and_among_others(texts: list[str]) -> None:
    together = Features.of(read_characters(texts)) if texts else None
    for place, text in enumerate(texts):
        assert together is not None
        alone = Features.of(read_characters([text]))
        for many, one in zip(together.for_sentiment(), alone.for_sentiment(), strict=True):
            part = many[0][many[1][place] : many[1][place + 1]]
            assert part[part > 0].tolist() == one[0][one[0] > 0].tolist()


@given(st.lists(st.text(max_size=60), max_size=12))
def test_every_text_keeps_its_place_between_two_separators(texts: list[str]) -> None:
    characters = read_characters(texts)
    assert int((characters.classes == SEPARATOR).sum()) == max(len(texts), 1) + 1


@given(st.lists(st.integers(0, 150_000), max_size=2_500))
def test_pieces_cover_a_batch_in_order(lengths: list[int]) -> None:
    blank = " " * 150_000
    found = pieces([blank[:length] for length in lengths[:40]])
    assert [place for start, stop in found for place in range(start, stop)] == list(range(len(lengths[:40])))
