"""Words in what was said: lately, and in all years."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from amity.activity.models import Activity
from amity.activity.partitions import ensure_months
from amity.activity.words import FEW, LATELY, threads_saying
from amity.kernel.ids import stable_id, uuid7

pytestmark = pytest.mark.django_db
SHOP, DESK = stable_id("source", "shop"), stable_id("source", "desk")


def said(text: str, at: datetime, *, source: UUID = SHOP, times: int = 1) -> UUID:
    """So many messages of one thread with these words, a minute apart; the thread."""
    ensure_months([at], at)
    thread = uuid7(at)
    Activity.objects.bulk_create(
        Activity(
            id=uuid7(at), occurred_at=at - timedelta(minutes=n), recorded_at=at, source_id=source,
            external_id=f"{thread}{n}", thread_id=thread, direction="in", channel="email", verb="create",
            object_type="note", text=text,
        )
        for n in range(times)
    )  # fmt: skip
    return thread


def found(typed: str, at: datetime, *, most: int = 100, hidden: tuple[UUID, ...] = ()) -> set[UUID]:
    return threads_saying(typed, hidden=hidden, most=most, at=at)


@pytest.mark.parametrize("often", [1, FEW, FEW + 20])
def test_a_word_is_found_in_all_years_however_often_it_is_said_lately(at: datetime, often: int) -> None:
    lately = said("the burr chirps", at - timedelta(days=1), times=often)
    before = said("a burr chirped", at - LATELY[-1] + timedelta(days=2))
    ages_ago = said("our burr is dull", at - timedelta(days=1_200))
    assert found("burr", at) == {lately, before, ages_ago}
    assert found("burr chirp", at) == {lately, before}


def test_of_a_word_that_is_said_all_the_time_the_newest_are_enough(at: datetime) -> None:
    lately = said("burr", at - timedelta(days=1), times=FEW)
    said("burr", at - timedelta(days=30))
    assert found("burr", at, most=FEW) == {lately}


def test_what_hidden_sources_said_is_not_found_and_takes_no_place(at: datetime) -> None:
    said("burr", at - timedelta(days=1), source=DESK, times=FEW)
    ours = said("burr", at - timedelta(days=900))
    assert found("burr", at, most=FEW, hidden=(DESK,)) == {ours}


def test_a_clock_that_was_wrong_hides_nothing(at: datetime) -> None:
    assert found("burr", at - timedelta(days=400)) == set()
    tomorrow = said("burr", at + timedelta(days=40))
    assert found("burr", at) == {tomorrow}
