"""Words that are spelt alike, and the keys by which they are found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amity.people.domain.patterns import Term, beginning, digits_of, exact, fits, similar
from amity.people.domain.spelling import distance, keys_of, may_differ, wrong_letters

WORDS = st.text(alphabet="abé1", max_size=12)
NEAR = st.text(alphabet="abc", min_size=4, max_size=11)


def reference(one: str, other: str) -> int:
    """The restricted Damerau-Levenshtein distance by the book: the whole table."""
    table = {(0, place): place for place in range(len(other) + 1)}
    for at in range(len(one) + 1):
        table[at, 0] = at
    for at in range(1, len(one) + 1):
        for place in range(1, len(other) + 1):
            changed = table[at - 1, place - 1] + (one[at - 1] != other[place - 1])
            table[at, place] = min(table[at - 1, place] + 1, table[at, place - 1] + 1, changed)
            if at > 1 and place > 1 and one[at - 2 : at] == other[place - 2 : place][::-1]:
                table[at, place] = min(table[at, place], table[at - 2, place - 2] + 1)
    return table[len(one), len(other)]


@given(WORDS, WORDS)
def test_the_distance_is_that_of_the_whole_table_as_far_as_it_is_asked_for(one: str, other: str) -> None:
    assert distance(one, other, 2) == min(3, reference(one, other))


@given(NEAR, st.data())
def test_words_that_are_alike_share_a_key(word: str, data: st.DataObject) -> None:
    other = word
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(other)))
        ways = [other[:place] + "c" + other[place:], other[:place] + other[place + 1 :]]
        ways += [other[:place] + "b" + other[place + 1 :]]
        ways += [other[:place] + other[place : place + 2][::-1] + other[place + 2 :]]
        other = data.draw(st.sampled_from(ways))
    if wrong_letters(word, other) is not None and may_differ(word) and may_differ(other):
        assert set(keys_of(word)) & set(keys_of(other))
    if wrong_letters(word, other) == 1:
        assert set(keys_of(word, 1)) & set(keys_of(other))


def test_short_words_and_numbers_have_to_be_right() -> None:
    assert [may_differ(word) for word in ("jon", "4711", "anna", "k4711", "vogelsang", "vogelsang1")] == [
        0,
        0,
        1,
        1,
        2,
        1,
    ]
    assert keys_of("jon") == keys_of("47110815") == []
    assert wrong_letters("jon", "jan") is None
    assert wrong_letters("hannah", "hanah") == 1
    assert wrong_letters("anna", "hannah") is None  # two letters, and one of the words is short
    assert wrong_letters("fruheibulski", "fruheibulkskig") == 2


def test_a_long_word_has_no_more_than_some_dozens_of_keys() -> None:
    assert len(keys_of("abcdefghijklmnopqrstuvwxyz")) == 1 + 7 + 21
    assert all(-(2**31) <= key < 2**31 for key in keys_of("abcdefghijk"))


def test_a_number_is_read_in_any_notation() -> None:
    same = {digits_of(typed) for typed in ("+49 341 12345", "0049 (341) 123-45", "49341.12345")}
    assert same == {"4934112345"}
    assert digits_of("0341/12345") == "34112345"
    assert digits_of("A-20418") == digits_of("123") == digits_of("") == ""


def test_patterns_say_the_same_of_words_as_what_they_are_asked_of_postgresql() -> None:
    words = ["hannah", "vogel", "example"]
    assert fits(exact("Hannah VOGEL"), words)
    assert not fits(exact("hann vogel"), words)
    assert fits(beginning("hann vog"), words)
    assert Term(words=("anna", "hanna"), start="vo").query() == "('anna' | 'hanna' | 'vo':*)"
    assert Term(words=("anna",), start="vo").expression() == "(^| )(anna( |$)|vo)"
    assert [len(exact(typed)) for typed in ("0341 12345", "hannah vogel", "?!")] == [2, 1, 0]


def test_fewest_wrong_letters_come_first_and_never_more_than_three() -> None:
    meant = {"hanah": {1: ["hannah"], 2: ["hannas"]}, "vogl": {1: ["vogel"]}}
    levels = [similar(["hanah", "vogl"], meant, {"hanah"}, wrong) for wrong in (1, 2, 3)]
    assert levels == [
        [(Term(words=("hannah",)), Term(start="vogl"))],
        [(Term(words=("hannah",)), Term(words=("vogel",))), (Term(words=("hannas",)), Term(start="vogl"))],
        [(Term(words=("hannas",)), Term(words=("vogel",)))],
    ]
