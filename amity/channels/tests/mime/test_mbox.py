"""An mbox gives exactly its messages."""

from __future__ import annotations

import io
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.mime import iter_mbox
from amity.channels.records import Unreadable

ENVELOPE = b"From lena@example.org Tue Mar  3 10:00:00 2026\n"


def messages(content: bytes) -> list[bytes]:
    return [raw for _, raw in iter_mbox(io.BytesIO(content))]


def test_offsets_point_at_the_from_lines() -> None:
    content = (ENVELOPE + b"Subject: a\n\none\n\n") * 3
    offsets = [offset for offset, _ in iter_mbox(io.BytesIO(content))]
    assert offsets == [0, len(content) // 3, 2 * len(content) // 3]
    assert all(content[offset:].startswith(ENVELOPE) for offset in offsets)


def test_a_sentence_that_begins_with_from_is_no_separator() -> None:
    body = b"Subject: a\n\nDear shop,\n\nFrom now on I drink tea.\nYours\n\nFrom 10:00 I am at home.\nBye\n"
    assert messages(ENVELOPE + body + b"\n" + ENVELOPE + b"Subject: b\n\nx\n") == [body, b"Subject: b\n\nx\n"]


def test_quoted_from_lines_lose_one_mark() -> None:
    assert messages(ENVELOPE + b"Subject: a\n\n>From here\n>>From there\n> From a quote\n") == [
        b"Subject: a\n\nFrom here\n>From there\n> From a quote\n"
    ]


def test_a_strict_separator_counts_without_the_blank_line() -> None:
    assert len(messages(ENVELOPE + b"Subject: a\n\none\n" + ENVELOPE + b"Subject: b\n\ntwo\n")) == 2


def test_windows_line_ends_are_fine() -> None:
    content = (ENVELOPE + b"Subject: a\n\none\n\n").replace(b"\n", b"\r\n") * 2
    assert messages(content)[0] == b"Subject: a\r\n\r\none\r\n"


def test_what_is_no_mbox_is_refused_and_nothing_is_nothing() -> None:
    assert messages(b"") == messages(b"\n\n") == []
    with pytest.raises(Unreadable) as refused:
        messages(b"id,text\n1,From me\n")
    assert refused.value.code == "mbox.not_mbox"


BODY_LINES = st.sampled_from(
    [b"", b"Hello", b"From lena@example.org Tue Mar  3 10:00:00 2026", b">From x", b"A: b"]
)


@given(st.lists(st.lists(BODY_LINES, max_size=6), min_size=1, max_size=5))
def test_what_an_mboxrd_writer_wrote_comes_back(bodies: list[list[bytes]]) -> None:
    written = []
    for lines in bodies:
        quoted = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines]
        written.append(ENVELOPE + b"Subject: s\n\n" + b"".join(line + b"\n" for line in quoted) + b"\n")
    expected = [b"Subject: s\n\n" + b"".join(line + b"\n" for line in lines) for lines in bodies]
    found = messages(b"".join(written))
    assert [BytesParser().parsebytes(raw)["Subject"] for raw in found] == ["s"] * len(bodies)
    assert found == expected
