"""Where typed words stand in a label."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from amity.site.domain.highlight import Piece, holds_all, pieces


def test_the_typed_part_is_marked_without_regard_to_case() -> None:
    assert pieces("Hannah Vogel", "hann") == [Piece("Hann", True), Piece("ah Vogel", False)]


def test_every_word_is_marked_wherever_it_stands() -> None:
    assert [piece.text for piece in pieces("Café Lindero, Porto", "porto café") if piece.matches] == [
        "Café",
        "Porto",
    ]


def test_what_is_typed_is_text_and_not_a_pattern() -> None:
    assert pieces("a.b", ".") == [Piece("a", False), Piece(".", True), Piece("b", False)]


def marked(label: str, typed: str, with_similar: bool = False) -> list[str]:
    return [piece.text for piece in pieces(label, typed, with_similar) if piece.matches]


def test_accents_do_not_matter_on_either_side() -> None:
    assert marked("Tomás Núñez", "nunez TOMAS") == ["Tomás", "Núñez"]
    assert marked("Straße, Łódź, Ørsted", "strasse lodz orsted") == ["Straße", "Łódź", "Ørsted"]
    assert marked("N\u0303un\u0303ez", "nunez") == [
        "N\u0303un\u0303ez"
    ]  # marks of their own stay with their letter
    assert marked("Nunez", "núñez") == ["Nunez"]


def test_one_or_two_letters_are_marked_where_a_word_begins() -> None:
    assert marked("Anna Vogel, Canada", "a vo") == ["A", "Vo"]


def test_of_a_word_that_is_spelt_alike_all_is_marked() -> None:
    assert marked("Hannah Vogel", "hanah vogl") == []
    assert marked("Hannah Vogel", "hanah vogl", with_similar=True) == ["Hannah", "Vogel"]
    assert marked("Hannah Vogel", "hann zzz", with_similar=True) == ["Hann"]


def test_a_number_is_marked_however_it_is_written() -> None:
    assert marked("+49 341 12345", "0341/12345") == ["341 12345"]
    assert marked("K-20418", "0418") == ["0418"]
    assert marked("+49 341 12345", "999 12345") == ["12345"]


@given(st.text(), st.text(), st.booleans())
def test_pieces_joined_are_the_label_again(label: str, typed: str, with_similar: bool) -> None:
    found = pieces(label, typed, with_similar)
    assert "".join(piece.text for piece in found) == label
    assert all(piece.text for piece in found)


def test_a_label_fits_when_it_holds_the_beginning_of_every_word() -> None:
    assert holds_all("Import a file", "fi im")
    assert holds_all("Waiting on us Inbox", "")
    assert not holds_all("Import a file", "le")
    assert holds_all("Import a file", "port")
