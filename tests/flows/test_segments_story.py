"""Membership of segments equals what the records say, whatever happens, at any time."""

from __future__ import annotations

import os

import pytest

from amity.site.bench.segmenting.lives import live_through

pytestmark = pytest.mark.django_db

LIVES = int(os.environ.get("AMITY_SEGMENT_LIVES", "25"))


@pytest.mark.parametrize("first", range(0, LIVES, 5))
def test_membership_is_what_a_slow_count_of_the_records_says(first: int) -> None:
    report = live_through(5, seed=4, first=first)
    assert report.broken == []
    assert report.compared > 100
    assert report.moved > 10
