"""Twice the input takes about twice the time, whatever the input is made of."""

from __future__ import annotations

import time
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.channels.mime import html_to_text, sanitise_html, split_reply, split_reply_html

TEXT_UNITS = st.lists(
    st.sampled_from(
        ["On ", "wrote:", "\n", " ", ">", "-", "_", "From:", "Subject: ", "*", "1:00", "2026", "a@b", "x"]
    ),
    min_size=1,
    max_size=4,
).map("".join)
HTML_UNITS = st.lists(
    st.sampled_from(["<div>", "</div>", "<b>", "</b>", "<p>", "<a href=x>", "<table>", "<td>", "<li>", "<", "<!--",
                     "<b a='", '<b ">', "&", "&amp;", "<hr>", "<blockquote>", "<script>", "<title", "x", " ", "\n"]),
    min_size=1,
    max_size=4,
).map("".join)  # fmt: skip
SMALL, LARGE = 40_000, 160_000
_NOISE_S, _TRIES = 0.3, 5


def seconds(work: Callable[[str], object], unit: str, size: int) -> float:
    content = (unit * (size // len(unit) + 1))[:size]
    started = time.process_time()
    work(content)
    return time.process_time() - started


def is_linear(work: Callable[[str], object], unit: str) -> bool:
    """Whether four times the input took less than eight times as long, in the best of a few tries: cores are shared."""
    return any(
        seconds(work, unit, LARGE) < 8 * seconds(work, unit, SMALL) + _NOISE_S for _try in range(_TRIES)
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXT_UNITS)
def test_splitting_text_is_linear(unit: str) -> None:
    assert is_linear(split_reply, unit)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HTML_UNITS, st.sampled_from([split_reply_html, html_to_text, sanitise_html]))
def test_reading_html_is_linear(unit: str, work: Callable[[str], object]) -> None:
    assert is_linear(work, unit)


def test_a_small_body_cannot_grow_into_a_huge_one() -> None:
    body = "".join(f"<p><b class=c{number}>" for number in range(3_000))
    assert len(sanitise_html(body)) < 10 * len(body)
