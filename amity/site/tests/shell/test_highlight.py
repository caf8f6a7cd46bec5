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


@given(st.text(), st.text())
def test_pieces_joined_are_the_label_again(label: str, typed: str) -> None:
    found = pieces(label, typed)
    assert "".join(piece.text for piece in found) == label
    assert all(piece.text for piece in found)


def test_a_label_fits_when_it_holds_the_beginning_of_every_word() -> None:
    assert holds_all("Import a file", "fi im")
    assert holds_all("Waiting on us Inbox", "")
    assert not holds_all("Import a file", "le")
    assert holds_all("Import a file", "port")
