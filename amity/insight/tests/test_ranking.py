"""What comes first, and that every place is explained."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from amity.insight.domain import ranking
from amity.insight.domain.ranking import POINTS, Item, Kind, Pledge, Talk, Why, ranked

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)


def talk(number: int = 1, **fields: object) -> Talk:
    given = {
        "id": UUID(int=number), "name": "Hannah", "channel": "email", "is_public": False, "words": "Where?",
        "since": AT - timedelta(hours=1), "due_at": AT + timedelta(hours=3), "tier": "", "mood": "", "messages": 1,
        "is_mine": False,
    } | fields  # fmt: skip
    return Talk(**given)  # type: ignore[arg-type]  # the fields of a talk


talks = st.builds(
    Talk,
    id=st.uuids(),
    name=st.text(max_size=5),
    channel=st.sampled_from(["email", "post", "call", "fax"]),
    is_public=st.booleans(),
    words=st.text(max_size=20),
    since=st.integers(0, 5_000).map(lambda minutes: AT - timedelta(minutes=minutes)),
    due_at=st.none() | st.integers(-5_000, 5_000).map(lambda minutes: AT + timedelta(minutes=minutes)),
    tier=st.sampled_from(["", "silver", "gold"]),
    mood=st.sampled_from(["", "angry", "unhappy", "neutral", "pleased", "delighted"]),
    messages=st.integers(0, 50),
    is_mine=st.booleans(),
    promise_due_at=st.none() | st.integers(-500, 500).map(lambda minutes: AT + timedelta(minutes=minutes)),
)


@given(st.lists(talks, max_size=12, unique_by=lambda one: one.id), st.randoms(use_true_random=False))
def test_the_order_depends_on_nothing_but_the_things_themselves(
    found: list[Talk], dice: random.Random
) -> None:
    items = [ranking.answer(one, AT) for one in found]
    shuffled = items[:]
    dice.shuffle(shuffled)
    assert ranked(items) == ranked(shuffled)


@given(talks)
def test_the_points_of_an_item_are_the_sum_of_its_reasons_and_each_reason_is_told_once(one: Talk) -> None:
    item = ranking.answer(one, AT)
    whys = [reason.why for reason in item.reasons]
    assert item.points == sum(reason.points for reason in item.reasons)
    assert len(whys) == len(set(whys))
    assert all(reason.points for reason in item.reasons)


@given(talks, st.integers(1, 3_000))
def test_waiting_longer_never_moves_a_conversation_down(one: Talk, minutes: int) -> None:
    later = AT + timedelta(minutes=minutes)
    assert ranking.answer(one, later).points >= ranking.answer(one, AT).points


def test_late_and_angry_in_public_comes_before_everything_calm() -> None:
    burning = talk(1, due_at=AT - timedelta(minutes=22), mood="angry", is_public=True, tier="gold")
    calm = [talk(number) for number in range(2, 9)]
    first = ranked(ranking.answer(one, AT) for one in [*calm, burning])[0]
    assert first.id == burning.id
    assert [reason.why for reason in first.reasons] == [Why.LATE, Why.GOLD, Why.MOOD_ANGRY, Why.PUBLIC]
    assert first.reasons[0].amount == timedelta(minutes=22)


def test_delay_counts_up_to_a_bound_so_that_an_old_letter_does_not_hide_an_angry_customer() -> None:
    old = ranking.answer(talk(1, due_at=AT - timedelta(days=30)), AT)
    angry = ranking.answer(talk(2, due_at=AT - timedelta(minutes=5), mood="angry", tier="gold"), AT)
    assert old.points == POINTS[Why.LATE] + ranking.MOST_FOR_DELAY
    assert ranked([old, angry])[0] == angry


def test_thanks_can_wait() -> None:
    assert ranking.answer(talk(mood="pleased"), AT).points < ranking.answer(talk(mood=""), AT).points


def test_with_equal_points_whoever_waits_longest_comes_first() -> None:
    short, long = talk(1, since=AT - timedelta(minutes=5)), talk(2, since=AT - timedelta(minutes=50))
    assert [one.id for one in ranked(ranking.answer(one, AT) for one in (short, long))] == [long.id, short.id]


def test_a_broken_promise_comes_before_one_that_is_due_tonight() -> None:
    broken = ranking.keep(Pledge(UUID(int=1), "Refund", "Hannah", AT - timedelta(minutes=1)), AT)
    tonight = ranking.keep(Pledge(UUID(int=2), "Burrs", "Jørn", AT + timedelta(hours=8)), AT)
    assert ranked([tonight, broken])[0] == broken
    assert broken.kind is Kind.PROMISE


def test_a_group_is_as_urgent_as_its_most_urgent_member_and_a_little_more() -> None:
    members = [talk(number, mood="angry" if number == 3 else "") for number in range(1, 6)]
    group = ranking.answer_together(members, ("batch", "number"), "Where is the batch number?", AT)
    assert group.points == POINTS[Why.MOOD_ANGRY] + 4 * POINTS[Why.MANY]
    assert group.ids == tuple(one.id for one in members)
    assert isinstance(group, Item)


def test_minutes_grow_with_what_must_be_read_first_and_stay_bounded() -> None:
    assert ranking.minutes_for_answer("chat", 1) == 5
    assert ranking.minutes_for_answer("chat", 5) == 7
    assert ranking.minutes_for_answer("chat", 500) == 12
    assert ranking.minutes_for_group(9) == 19
