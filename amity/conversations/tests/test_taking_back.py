"""A reply that is taken back takes what it changed of its conversation with it, and nothing that others decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from amity.channels import outbox
from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.records import Direction
from amity.conversations import jobs, placing, returning, services
from amity.conversations.models import BeforeReply, Conversation, ConversationState
from amity.conversations.placing import Placement
from amity.conversations.tests.factories import a_conversation, a_message, an_actor, arrive, colleague_id
from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict
from amity.kernel.models import AuditEntry, Timer, Transition
from amity.kernel.timers import wake_due

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def ines() -> Actor:
    return an_actor("Ines Okafor")


@pytest.fixture
def jonas() -> Actor:
    return an_actor("Jonas Brandt")


def _stands() -> dict[str, object]:
    """All of the one conversation, and when it wakes."""
    (row,) = Conversation.objects.values()
    return row | {"timers": list(Timer.objects.values_list("kind", "subject_id", "wake_at"))}


def _waiting(at: datetime, ines: Actor) -> Conversation:
    return a_conversation(at)


def _snoozed(at: datetime, ines: Actor) -> Conversation:
    return services.snooze(a_conversation(at).id, actor=ines, at=at - MINUTE, until=at + HOUR)


def _closed(at: datetime, ines: Actor) -> Conversation:
    return services.close(a_conversation(at).id, actor=ines, at=at - MINUTE)


def _closed_by_its_age(at: datetime, ines: Actor) -> Conversation:
    arrive(a_message(at - HOUR), at=at, open_after=at)
    return Conversation.objects.get()


def _given(at: datetime, ines: Actor) -> Conversation:
    return services.assign(
        a_conversation(at).id, actor=ines, at=at - MINUTE, assignee_id=colleague_id(an_actor("Anke Weber"))
    )


BEGINNINGS = [_waiting, _snoozed, _closed, _closed_by_its_age, _given]
Beginning = Callable[[datetime, Actor], Conversation]


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("close", [False, True])
def test_a_conversation_is_as_before_when_its_reply_is_taken_back(
    at: datetime, ines: Actor, jonas: Actor, beginning: Beginning, close: bool
) -> None:
    one = beginning(at, ines)
    before = _stands()
    answer = services.reply(one.id, actor=jonas, at=at, text="It is not.", close=close)
    assert answer.conversation.state == ("closed" if close else "open")
    assert _stands() != before
    back = services.withdraw_reply(answer.message.id, actor=jonas, at=at + 5 * SECOND)
    assert back.state == one.state
    assert _stands() == before
    assert not BeforeReply.objects.exists()


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_replies_are_taken_back_in_any_order(
    at: datetime, ines: Actor, jonas: Actor, beginning: Beginning, order: tuple[int, ...]
) -> None:
    one = beginning(at, ines)
    before = _stands()
    answers = [
        services.reply(one.id, actor=actor, at=at + number * SECOND, text=f"Answer {number}", close=close)
        for number, (actor, close) in enumerate([(jonas, False), (ines, True), (jonas, False)])
    ]
    for number in order:
        services.withdraw_reply(answers[number].message.id, actor=ines, at=at + 5 * SECOND)
    assert _stands() == before


def test_a_snoozed_conversation_sleeps_on_and_wakes_at_its_time(at: datetime, ines: Actor) -> None:
    one = _snoozed(at, ines)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    assert not Timer.objects.exists()
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.snoozed_until) == ("snoozed", at + HOUR)
    assert callable(jobs.conversation_wakes)
    assert wake_due(at + 59 * MINUTE) == 0
    assert wake_due(at + HOUR) == 1
    assert Conversation.objects.get().state == "open"


def test_sleep_that_would_be_over_is_not_slept_again(at: datetime, ines: Actor) -> None:
    one = services.snooze(a_conversation(at).id, actor=ines, at=at - MINUTE, until=at + 3 * SECOND)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.", close=True)
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.snoozed_until) == ("open", None)
    assert not Timer.objects.exists()


def test_a_word_of_the_customer_in_between_has_woken_it(at: datetime, ines: Actor) -> None:
    arrive(a_message(at - HOUR, id="m1"), at=at)
    one = services.snooze(Conversation.objects.get().id, actor=ines, at=at - MINUTE, until=at + HOUR)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    arrive(a_message(at + SECOND, "And?", id="m2", answers=["m1"]), at=at + SECOND)
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.waiting_since, back.snoozed_until) == ("open", at - HOUR, None)
    assert not Timer.objects.exists()


def test_whom_a_colleague_gave_it_to_keeps_it(at: datetime, ines: Actor, jonas: Actor) -> None:
    one = a_conversation(at)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    services.assign(one.id, actor=ines, at=at + SECOND, assignee_id=jonas.staff_id)
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert back.assignee_id == jonas.staff_id


def test_who_was_given_what_they_answered_keeps_it_too(at: datetime, ines: Actor, jonas: Actor) -> None:
    one = a_conversation(at)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    services.assign(one.id, actor=jonas, at=at + SECOND, assignee_id=ines.staff_id)
    assert (
        services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND).assignee_id
        == ines.staff_id
    )


def test_a_state_that_somebody_chose_since_is_kept(at: datetime, ines: Actor, jonas: Actor) -> None:
    one = _snoozed(at, ines)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    services.close(one.id, actor=jonas, at=at + SECOND)
    services.reopen(one.id, actor=jonas, at=at + 2 * SECOND)
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.worked_at, back.assignee_id) == ("open", at + 2 * SECOND, None)
    assert not Timer.objects.exists()


def test_what_another_system_placed_since_is_kept(at: datetime, ines: Actor) -> None:
    arrive(a_message(at - HOUR, id="m1"), at=at)
    one = Conversation.objects.get()
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.", close=True)
    placed = Placement("m1", ConversationState.CLOSED, ines.staff_id)
    assert placing.place_many(one.source_id, [placed], actor=SYSTEM) == 1
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.assignee_id) == ("closed", ines.staff_id)


def test_a_note_in_between_stays_work_that_was_done(at: datetime, ines: Actor, jonas: Actor) -> None:
    one = _snoozed(at, ines)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    services.note(one.id, actor=jonas, at=at + SECOND, text="Batch 2241.")
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.snoozed_until, back.worked_at) == ("snoozed", at + HOUR, at + SECOND)


def test_what_has_left_stays_with_all_that_it_changed(at: datetime, ines: Actor) -> None:
    one = _snoozed(at, ines)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.")
    assert outbox.deliver(answer.message.id, at=at + 11 * SECOND) is OutboundState.SENT
    before = _stands()
    with pytest.raises(Conflict):
        services.withdraw_reply(answer.message.id, actor=ines, at=at + 12 * SECOND)
    assert _stands() == before


@pytest.mark.parametrize("close", [False, True])
def test_the_first_of_two_leaves_everything_to_the_second(
    at: datetime, ines: Actor, jonas: Actor, close: bool
) -> None:
    """As if only the second had been written."""
    one = _snoozed(at, ines)
    first = services.reply(one.id, actor=ines, at=at, text="It is not.", close=close)
    second = services.reply(one.id, actor=jonas, at=at + SECOND, text="It is.")
    back = services.withdraw_reply(first.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.assignee_id, back.waiting_since) == ("open", jonas.staff_id, None)
    assert (back.first_answer_at, back.messages) == (at + SECOND, 2)
    assert not Timer.objects.exists()
    outbox.deliver(second.message.id, at=at + MINUTE)
    assert _stands()["assignee_id"] == jonas.staff_id


def test_the_second_of_two_leaves_what_the_first_made(at: datetime, ines: Actor, jonas: Actor) -> None:
    one = _snoozed(at, ines)
    services.reply(one.id, actor=ines, at=at, text="It is not.")
    alone = _stands()
    second = services.reply(one.id, actor=jonas, at=at + SECOND, text="It is.", close=True)
    services.withdraw_reply(second.message.id, actor=jonas, at=at + 5 * SECOND)
    assert _stands() == alone


def test_a_reply_that_failed_is_taken_back_after_others_left(at: datetime, ines: Actor, jonas: Actor) -> None:
    """Two that were sent stand between: neither is forgotten, and the sleep that they ended stays ended."""
    one = _snoozed(at, ines)
    failed = services.reply(one.id, actor=ines, at=at, text="It is not.")
    OutboundMessage.objects.update(state=OutboundState.FAILED)
    returning.wait_for_another(failed.message.id, at + MINUTE)
    for number in (2, 3):
        sent = services.reply(one.id, actor=jonas, at=at + number * MINUTE, text=f"Answer {number}")
        outbox.deliver(sent.message.id, at=at + number * MINUTE + 11 * SECOND)
    last = services.reply(one.id, actor=jonas, at=at + 4 * MINUTE, text="Answer 4")
    services.withdraw_reply(failed.message.id, actor=ines, at=at + 5 * MINUTE)
    back = services.withdraw_reply(last.message.id, actor=jonas, at=at + 5 * MINUTE)
    assert (back.state, back.assignee_id) == ("open", jonas.staff_id)


def test_what_can_no_longer_be_taken_back_is_forgotten(at: datetime, ines: Actor) -> None:
    one = a_conversation(at)
    for number in range(3):
        answer = services.reply(one.id, actor=ines, at=at + number * MINUTE, text=f"Answer {number}")
        outbox.deliver(answer.message.id, at=at + number * MINUTE + 11 * SECOND)
        assert BeforeReply.objects.get().message_id == answer.message.id


def test_in_a_conversation_that_was_joined_to_another_somebody_waits_again(at: datetime, ines: Actor) -> None:
    first = a_message(at - 2 * HOUR, id="one")
    between = a_message(at - HOUR, id="between", answers=["one"], direction=Direction.OUT)
    last = a_message(at - MINUTE, id="last", answers=["between"])
    arrive(first, at=at)
    arrive(last, at=at)
    younger = Conversation.objects.get(opened_at=at - MINUTE)
    services.snooze(younger.id, actor=ines, at=at - SECOND, until=at + HOUR)
    answer = services.reply(younger.id, actor=ines, at=at, text="It is not.", close=True)
    for one in Conversation.objects.exclude(pk=younger.id):
        services.close(one.id, actor=ines, at=at)
    arrive(between, at=at)
    assert Conversation.objects.get().state == "closed"
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    assert (back.state, back.waiting_since) == ("open", at - MINUTE)


def test_the_way_back_is_written_down_and_in_the_trail(at: datetime, ines: Actor) -> None:
    one = _snoozed(at, ines)
    answer = services.reply(one.id, actor=ines, at=at, text="It is not.", close=True)
    known = Transition.objects.latest("id").id
    with acting(ines, via="page"):
        services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * SECOND)
    steps = Transition.objects.filter(id__gt=known, subject="conversation").order_by("id")
    assert [(step.before, step.after, step.staff_id) for step in steps] == [
        ("closed", "open", ines.staff_id),
        ("open", "snoozed", ines.staff_id),
    ]
    assert {step.why for step in steps} == {"A reply was taken back."}
    changed = AuditEntry.objects.get(subject="conversation", subject_id=str(one.id), actor_id=ines.staff_id)
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before["state"], changed.after["state"]) == ("closed", "snoozed")
    assert changed.after["assignee_id"] is None
    assert AuditEntry.objects.filter(subject="outboundmessage", subject_id=str(answer.message.id)).exists()
