"""What follows from an attempt: times of the specification, and rest for those who ask for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.webhooks.domain.delivering import RETRIES, Outcome, next_attempt, outcome_of, rest_until


def test_retries_come_after_the_times_of_the_specification_and_then_end(at: datetime) -> None:
    waits = [(next_attempt(n, at, 0.0) or at) - at for n in range(1, 10)]
    assert [wait.total_seconds() for wait in waits] == [
        5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]  # fmt: skip
    assert next_attempt(10, at, 0.0) is None
    assert sum(RETRIES, timedelta()) > timedelta(days=3)


@given(st.integers(1, 9), st.floats(0, 1))
def test_jitter_only_ever_waits_longer_and_by_a_fifth_at_most(attempts: int, chance: float) -> None:
    at = datetime(2026, 3, 17, tzinfo=UTC)
    plain, spread = next_attempt(attempts, at, 0), next_attempt(attempts, at, chance)
    assert plain
    assert spread
    assert plain <= spread <= at + (plain - at) * 1.2001


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.ARRIVED),
        (204, Outcome.ARRIVED),
        (299, Outcome.ARRIVED),
        (301, Outcome.REDIRECTED),
        (304, Outcome.REDIRECTED),
        (410, Outcome.GONE),
        (404, Outcome.FAILED),
        (429, Outcome.THROTTLED),
        (502, Outcome.THROTTLED),
        (503, Outcome.THROTTLED),
        (504, Outcome.THROTTLED),
        (500, Outcome.FAILED),
        (999, Outcome.FAILED),
    ],
)
def test_only_two_hundreds_are_a_success(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("", 60),
        ("soon", 60),
        ("-3", 60),
        ("9" * 40, 86_400),
        ("Tue, 17 Mar 2026 09:40:00 GMT", 600),
        ("Tue, 17 Mar 2020 09:40:00 GMT", 1),
    ],
)
def test_one_that_throttles_is_left_alone_for_as_long_as_it_asks(
    asked: str, seconds: int, at: datetime
) -> None:
    until = rest_until(Outcome.THROTTLED, 1, asked, at)
    assert until is not None
    assert (until - at).total_seconds() == seconds


def test_one_that_fails_gets_a_little_more_rest_each_time_but_never_much(at: datetime) -> None:
    rests = [((rest_until(Outcome.FAILED, n, "900", at) or at) - at).total_seconds() for n in range(1, 9)]
    assert rests == [5, 10, 20, 40, 80, 160, 300, 300]
    assert rest_until(Outcome.FAILED, 10**6, "", at) == at + timedelta(minutes=5)
    assert rest_until(Outcome.ARRIVED, 0, "", at) is None
