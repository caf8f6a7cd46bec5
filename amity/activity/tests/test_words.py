"""Words in what was said: lately, and in all years."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from amity.activity.models import Activity
from amity.activity.partitions import ensure_months
from amity.activity.words import notes_saying, threads_saying
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
    return threads_saying(typed, hidden=hidden, most=most, at=at)[0]


@pytest.mark.parametrize("often", [1, 50, 99])
def test_a_word_is_found_in_all_years_however_often_it_is_said_lately(at: datetime, often: int) -> None:
    lately = said("the burr chirps", at - timedelta(days=1), times=often)
    before = said("a burr chirped", at - timedelta(days=58))
    ages_ago = said("our burr is dull", at - timedelta(days=1_200))
    assert found("burr", at, most=200) == {lately, before, ages_ago}
    assert found("burr chirp", at) == {lately, before}


def test_of_a_word_that_is_said_all_the_time_the_newest_are_enough(at: datetime) -> None:
    lately = said("burr", at - timedelta(days=1), times=40)
    before = said("burr", at - timedelta(days=30))
    assert threads_saying("burr", hidden=(), most=40, at=at) == ({lately}, False)
    assert threads_saying("burr", hidden=(), most=42, at=at) == ({lately, before}, True)


def test_what_hidden_sources_said_is_not_found_and_takes_no_place(at: datetime) -> None:
    said("burr", at - timedelta(days=1), source=DESK, times=40)
    ours = said("burr", at - timedelta(days=900))
    assert found("burr", at, most=40, hidden=(DESK,)) == {ours}


def test_what_is_in_no_thread_takes_no_place(at: datetime) -> None:
    said("burr", at - timedelta(days=1), times=40)
    Activity.objects.update(thread_id=None)
    ours = said("burr", at - timedelta(days=900))
    assert found("burr", at, most=40) == {ours}


def test_a_clock_that_was_wrong_hides_nothing(at: datetime) -> None:
    assert found("burr", at - timedelta(days=400)) == set()
    tomorrow = said("burr", at + timedelta(days=40))
    assert found("burr", at) == {tomorrow}


@pytest.mark.parametrize(
    "typed",
    ["shop.example/a?id=5", "https://shop.example/a?id=5&x=y#b", "x.example/it's", "T-Shi", "t-shirt", "burr-car",
     "mill.example/burr", "Dr.Smith", "red/green", "coffee/tea", "12-3", "ana.b@mill.example"],
)  # fmt: skip
def test_links_and_words_with_a_sign_are_found_whole_and_by_their_parts(at: datetime, typed: str) -> None:
    thread = said(
        "https://shop.example/a?id=5&x=y#b http://x.example/it's T-Shirt burr-carrier mill.example/burr-3 Dr. Smith "
        "red / green coffee and tea between 12 and 3 ana.b@mill.example",
        at,
    )
    assert found(typed, at) == {thread}
    assert found(f"{typed} nobody", at) == set()


def test_no_text_is_cut_again_for_a_word_with_a_hyphen() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT activity_words(%s, %s, %s)::text", ["follow-up", "shop.example/a?id=5", ""])
        (query,) = cursor.fetchone() or ("",)
    assert "<->" not in query, "the index cannot answer a phrase"


def test_the_newest_notes_about_people_come_first(at: datetime) -> None:
    for days in (3, 900, 100):
        said(f"note of {days} days", at - timedelta(days=days))
    Activity.objects.update(thread_id=None, channel="note", direction="internal")
    asked = [notes_saying("note", hidden=(), most=most, at=at) for most in (1, 2, 5)]
    told = [[words for _id, _about, words in one] for one in asked]
    assert told == [
        ["note of 3 days"],
        ["note of 3 days", "note of 100 days"],
        ["note of 3 days", "note of 100 days", "note of 900 days"],
    ]
