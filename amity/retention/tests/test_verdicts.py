"""Who goes, and what keeps the others, in which order."""

from __future__ import annotations

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from amity.retention.domain.verdicts import Standing, Verdict, decide, room

STANDINGS = st.builds(Standing, **{field.name: st.booleans() for field in fields(Standing)})


@given(STANDINGS)
def test_nobody_goes_whom_anything_keeps(one: Standing) -> None:
    keeps = (one.is_held, one.is_kept, one.has_bought, one.is_closed, one.is_asked, one.is_touched)
    assert (decide(one) is Verdict.GOES) == (one.is_in and one.is_root and not any(keeps))


def test_a_legal_hold_is_told_before_what_a_colleague_said() -> None:
    assert decide(Standing(is_in=True, is_held=True, is_kept=True)) is Verdict.HELD
    assert decide(Standing(is_in=False, is_touched=True)) is Verdict.LATER
    assert decide(Standing(is_in=False)) is Verdict.LEFT


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 50))
def test_a_night_never_does_more_than_it_may(most: int, done: int, wanted: int) -> None:
    assert done + room(most, done, wanted) <= max(most, done)
