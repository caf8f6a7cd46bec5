"""A conversation is told from its messages alone: however they came, it is the same conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.activity.models import Activity
from amity.channels.records import Direction, Handle, MessageRecord, PersonRecord, Record
from amity.commerce.domain.tiers import Rule
from amity.commerce.tiering import change_tiers, choose_tier
from amity.conversations import refreshing, services
from amity.conversations.models import Conversation, ConversationThread
from amity.conversations.queries.lists import rows_of
from amity.conversations.tests.factories import (
    a_conversation,
    a_message,
    an_actor,
    an_order,
    arrive,
)
from amity.kernel.actor import SYSTEM
from amity.people.models import Link

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
TOLD = (
    "subject", "preview", "channel", "channels_count", "state", "opened_at", "last_activity_at", "last_inbound_at",
    "last_outbound_at", "waiting_since", "due_at", "first_inbound_at", "first_answer_at", "messages", "sentiment",
    "language", "closed_at",
)  # fmt: skip


def _chain(kinds: list[tuple[str, str]]) -> list[MessageRecord]:
    """Messages that answer each other, a minute apart: (direction, channel) of each."""
    return [
        a_message(
            AT - timedelta(hours=2) + timedelta(minutes=number),
            f"Message number {number}",
            id=f"<{number}>",
            answers=[f"<{number - 1}>"] if number else [],
            direction=Direction(direction),
            channel=channel,
            feels=(number / 10 - 0.5, 0.9),
        )
        for number, (direction, channel) in enumerate(kinds)
    ]


def _told(batches: list[list[MessageRecord]], open_after: datetime | None) -> list[tuple[object, ...]]:
    """What the conversations say after these batches came, then everything is as before."""
    with transaction.atomic():
        for batch in batches:
            if batch:
                arrive(*batch, at=AT, open_after=open_after)
        rows = list(Conversation.objects.order_by("opened_at").values_list(*TOLD, "customer__address"))
        transaction.set_rollback(True)
    return rows


kinds = st.lists(
    st.tuples(st.sampled_from(["in", "out"]), st.sampled_from(["email", "chat"])), min_size=1, max_size=6
).filter(lambda told: any(direction == "in" for direction, _ in told))


@settings(max_examples=15)
@given(kinds, st.randoms(use_true_random=False), st.integers(1, 3), st.integers(0, 7))
def test_any_order_of_arrival_in_any_batches_gives_the_same_conversation(
    told: list[tuple[str, str]], order: Random, parts: int, open_from: int
) -> None:
    messages = _chain(told)
    shuffled = list(messages)
    order.shuffle(shuffled)
    batches = [shuffled[part::parts] for part in range(parts)]
    open_after = AT - timedelta(hours=2) + timedelta(minutes=open_from)
    expected = _told([messages], open_after)
    assert len(expected) == 1
    assert _told(batches, open_after) == expected


def test_two_threads_become_one_when_the_message_between_them_arrives(at: datetime) -> None:
    first, between, last = _chain([("in", "email"), ("out", "email"), ("in", "chat")])
    arrive(first, at=at)
    arrive(last, at=at)
    assert Conversation.objects.count() == 2
    older = Conversation.objects.get(preview="Message number 0")
    keeper = an_actor()
    services.assign(older.id, actor=keeper, at=at, assignee_id=keeper.staff_id)
    arrive(between, at=at)
    one = Conversation.objects.get()
    assert (one.messages, one.channels_count, one.assignee_id) == (3, 2, keeper.staff_id)
    threads = set(ConversationThread.objects.values_list("thread_id", flat=True))
    assert set(Activity.objects.values_list("thread_id", flat=True)) <= threads


def test_what_only_we_said_waits_for_nobody(at: datetime) -> None:
    arrive(a_message(at, "Our news", direction=Direction.OUT), at=at)
    alone = Conversation.objects.get()
    assert (alone.state, alone.waiting_since) == ("closed", None)


def test_who_bought_much_is_answered_sooner(at: datetime) -> None:
    arrive(an_order(at - timedelta(days=3), "3200.00"), at=at)
    gold = a_conversation(at, waits=timedelta(minutes=10))
    plain = a_conversation(at, who="uwe@roast.example", waits=timedelta(minutes=10))
    assert gold.due_at is not None
    assert plain.due_at is not None
    assert gold.due_at < plain.due_at
    tiers = {row.name: row.tier for row in rows_of([gold, plain], actor=an_actor())}
    assert list(tiers.values()) == ["gold", ""]


def _clocks(*batches: list[Record]) -> list[tuple[object, ...]]:
    """When whoever waits is due after these batches came, then everything is as before."""
    with transaction.atomic():
        for batch in batches:
            arrive(*batch, at=AT, open_after=AT - timedelta(days=1))
        told = Conversation.objects.order_by("opened_at").values_list("opened_at", "state", "due_at")
        rows: list[tuple[object, ...]] = list(told)
        transaction.set_rollback(True)
    return rows


@pytest.mark.parametrize("days", [0, 9])
def test_an_order_that_comes_later_counts_as_one_that_came_before(days: int) -> None:
    """Also for a conversation that began closed, because it is old; also added up over several orders."""
    asked = a_message(AT - timedelta(days=days, minutes=10), channel="post")
    other = a_message(AT - timedelta(minutes=5), who="uwe@roast.example")
    bought: list[Record] = [an_order(AT - timedelta(days=30), "1600.00") for _ in range(2)]
    expected = _clocks([*bought], [asked, other])
    assert expected != _clocks([asked, other])
    assert _clocks([asked, other], [*bought]) == expected
    assert _clocks([asked, other], bought[:1], bought[1:]) == expected
    assert _clocks(bought[:1], [asked, bought[1], other]) == expected


def test_an_order_over_another_handle_of_the_customer_counts_too() -> None:
    asked = a_message(AT - timedelta(minutes=10))
    bought = an_order(AT - timedelta(days=3), "3200.00")
    bought = replace(bought, buyer=(Handle("customer:shop", "77"), Handle("email", "hanna@roast.example")))
    assert _clocks([asked], [bought]) == _clocks([bought], [asked])
    assert _clocks([asked], [bought]) != _clocks([asked])


def test_whom_a_later_record_makes_the_buyer_is_due_sooner_from_then_on() -> None:
    """Also where nothing is said or bought in that record: the one who waits was nobody's since a link was revoked."""
    asked = a_message(AT - timedelta(minutes=10))
    hanna, account = Handle("email", "hanna@roast.example"), Handle("customer:shop", "77")
    bought = replace(an_order(AT - timedelta(days=3), "3200.00"), buyer=(account,))
    together = PersonRecord("77", AT, (account, hanna))
    with transaction.atomic():
        arrive(asked, bought, at=AT)
        before = Conversation.objects.get().due_at
        Link.objects.filter(identity__address=hanna.address).update(revoked_at=AT)
        arrive(together, at=AT)
        after = Conversation.objects.get().due_at
        transaction.set_rollback(True)
    assert before is not None
    assert after is not None
    assert after < before
    assert [(*_clocks([together], [asked, bought])[0][:2], after)] == _clocks([together], [bought], [asked])


def test_what_is_given_back_is_taken_off_the_clock_again() -> None:
    asked = a_message(AT - timedelta(minutes=10))
    bought = an_order(AT - timedelta(days=3), "3200.00")
    given_back = replace(bought, status="refunded")
    assert _clocks([asked], [bought], [given_back]) == _clocks([asked])
    assert _clocks([bought], [asked], [given_back]) == _clocks([asked])


def test_an_order_in_another_currency_or_of_another_customer_leaves_the_clock_alone() -> None:
    asked = a_message(AT - timedelta(minutes=10))
    foreign = replace(an_order(AT - timedelta(days=3), "3200.00"), currency="USD")
    others = an_order(AT - timedelta(days=3), "3200.00", who="uwe@roast.example")
    assert _clocks([asked], [foreign, others]) == _clocks([asked])


def test_who_bought_since_stays_asleep_and_is_due_sooner(at: datetime) -> None:
    one = a_conversation(at)
    services.snooze(one.id, actor=an_actor(), at=at, until=at + timedelta(hours=3))
    arrive(an_order(at - timedelta(days=3), "3200.00"), at=at)
    now = Conversation.objects.get()
    assert (now.state, now.snoozed_until, now.waiting_since) == (
        "snoozed",
        at + timedelta(hours=3),
        one.waiting_since,
    )
    assert now.due_at is not None
    assert one.due_at is not None
    assert now.due_at < one.due_at


def test_whom_an_order_makes_urgent_is_announced(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    one = a_conversation(at)
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(refreshing, "announce", lambda topic, *, source_id: told.append((topic, source_id)))
    arrive(an_order(at - timedelta(days=3), "10.00"), at=at)
    assert told == []
    arrive(an_order(at - timedelta(days=3), "3200.00"), at=at)
    assert told == [("inbox", one.source_id)]


@pytest.mark.parametrize(
    ("rule", "is_sooner"),
    [
        (Rule("vip", "VIP", is_vip=True, bought_from=100, days=30), True),
        (Rule("vip", "VIP", is_vip=True, bought_from=100, days=2), False),
        (Rule("vip", "VIP", is_vip=True, orders_from=1), True),
        (Rule("vip", "VIP", is_vip=False, orders_from=1), False),
        (Rule("vip", "VIP", is_vip=True, reach_from=1), False),
        (Rule("vip", "VIP", is_vip=True), False),
    ],
)
def test_every_tier_of_vips_is_answered_sooner_whatever_it_asks_for(
    at: datetime, rule: Rule, *, is_sooner: bool
) -> None:
    arrive(an_order(at - timedelta(days=3), "200.00"), at=at)
    before = a_conversation(at, waits=timedelta(minutes=10))
    change_tiers([rule], actor=SYSTEM, at=at)
    refreshing.reset_clocks([before.id])
    after = Conversation.objects.get(pk=before.id)
    assert before.due_at is not None
    assert after.due_at is not None
    assert (after.due_at < before.due_at) is is_sooner
    assert before.customer_id is not None
    person = Link.objects.get(identity_id=before.customer_id, revoked_at__isnull=True).person_id
    choose_tier(person, "vip", reason="A friend", until_on=None, actor=SYSTEM, at=at)
    refreshing.reset_clocks([before.id])
    chosen = Conversation.objects.get(pk=before.id)
    assert chosen.due_at is not None
    assert (chosen.due_at < before.due_at) is rule.is_vip
