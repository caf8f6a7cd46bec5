"""Times, numbers and money as a reader writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.written import EUROPEAN_ENGLISH, reader
from amity.site.templatetags import wording

NOW = datetime(2026, 3, 12, 14, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 min"),
        (14, "14 min"),
        (60, "1 h"),
        (112, "1 h 52"),
        (65, "1 h 05"),
        (1620, "1 d 3 h"),
        (10_080, "7 d"),
    ],
)
def test_a_duration_is_as_short_as_it_can_be_read(minutes: int, words: str) -> None:
    assert wording.duration(timedelta(minutes=minutes)) == words


def test_a_few_seconds_are_a_minute() -> None:
    assert wording.duration(timedelta(seconds=5)) == "1 min"


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=14), "14 min"),
        (timedelta(hours=11), "11 h"),
        (timedelta(hours=20), "Yesterday"),
        (timedelta(days=3), "3 days"),
        (timedelta(days=9), "3 Mar"),
        (timedelta(days=400), "5 Feb 2025"),
        (timedelta(minutes=-5), "0 min"),
    ],
)
def test_waiting_is_told_in_the_words_that_fit_its_length(ago: timedelta, words: str) -> None:
    assert wording.waited(NOW - ago, NOW) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=-22), "Late by 22 min"),
        (timedelta(minutes=46), "Reply in 46 min"),
        (timedelta(hours=18, minutes=28), "Reply tomorrow 09:20"),
        (timedelta(days=4), "Reply by 16 Mar"),
    ],
)
def test_a_deadline_says_what_the_clock_says(left: timedelta, words: str) -> None:
    assert wording.until(NOW + left, NOW) == words


def test_days_have_the_headings_of_a_diary() -> None:
    labels = [wording.day_label((NOW - timedelta(days=days)).date(), NOW.date()) for days in (0, 1, 2, 100)]
    assert labels == ["Today, Thu 12 Mar", "Yesterday, Wed 11 Mar", "Tue 10 Mar", "2 Dec 2025"]


def test_money_is_written_as_the_reader_writes_it() -> None:
    assert wording.money(Decimal("24.8"), "EUR") == "24.80\xa0€"
    assert wording.money(Decimal(1213), "EUR") == "1,213\xa0€"
    assert wording.money(Decimal("-1213.5"), "EUR") == "−1,213.50\xa0€"
    assert "1,500" in wording.money(Decimal(1500), "JPY")
    with translation.override("de"):
        assert wording.money(Decimal("24.8"), "EUR") == "24,80\xa0€"
    with translation.override("en-us"):
        assert wording.money(Decimal("24.8"), "USD") == "$24.80"


def test_numbers_follow_the_language() -> None:
    assert wording.number(12480) == "12,480"
    assert wording.number(-3.25, 1) == "−3.2"
    assert wording.share(0.88) == "88\xa0%"
    with translation.override("de"):
        assert wording.number(12480) == "12.480"
        assert wording.day_label(NOW.date(), NOW.date()).endswith("Do. 12. März")


def test_a_count_stops_counting() -> None:
    assert wording.capped(38) == "38"
    assert wording.capped(10_000) == "10,000"
    assert wording.capped(10_001) == "10,000+"


def test_a_language_that_nobody_knows_reads_like_english() -> None:
    assert str(reader("xx-nowhere")) == EUROPEAN_ENGLISH


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_every_wait_has_words(ago: timedelta) -> None:
    assert wording.waited(NOW - ago, NOW)
