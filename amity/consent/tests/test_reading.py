"""What cells of a file say of consent, also where somebody wrote a sentence."""

from __future__ import annotations

import pytest

from amity.consent.domain.answering import Said
from amity.consent.domain.reading import read_refusal, read_said


@pytest.mark.parametrize(
    ("text", "said", "of_refusals"),
    [
        ("yes", Said.GIVEN, Said.OBJECTED),
        ("no", Said.WITHDRAWN, None),
        ("Opted out", Said.WITHDRAWN, Said.WITHDRAWN),
        ("", None, None),
        ("opt-out please", Said.WITHDRAWN, Said.WITHDRAWN),
        ("Objected on 3 May", Said.WITHDRAWN, Said.WITHDRAWN),
        ("Please do not contact her", Said.WITHDRAWN, Said.WITHDRAWN),
        ("No, thanks", Said.WITHDRAWN, Said.WITHDRAWN),
        ("Widerspruch vom 3.5.", Said.WITHDRAWN, Said.WITHDRAWN),
    ],
)
def test_a_sentence_in_which_only_a_refusing_word_stands_refuses(
    text: str, said: Said | None, of_refusals: Said | None
) -> None:
    assert (read_said(text), read_refusal(text)) == (said, of_refusals)


@pytest.mark.parametrize(
    "text", ["maybe", "not withdrawn", "no answer yet", "subscribed, unsubscribed in May"]
)
def test_what_could_be_either_is_nobodys_answer(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_said(text)


def test_in_a_column_of_refusals_a_sentence_with_a_yes_refuses() -> None:
    assert read_refusal("yes, since May") is Said.OBJECTED
    with pytest.raises(ValueError, match="perhaps"):
        read_refusal("perhaps")
