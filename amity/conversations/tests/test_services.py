"""The verbs of the inbox against a real database."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from amity.activity.models import Activity
from amity.channels import outbox
from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.records import NOBODY, Direction
from amity.conversations import jobs, services
from amity.conversations.models import Conversation, ConversationState
from amity.conversations.services import AnsweredMeanwhile
from amity.conversations.tests.factories import (
    a_conversation,
    a_message,
    a_source,
    an_actor,
    arrive,
    colleague_id,
)
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.models import Team, Timer, Transition
from amity.kernel.timers import wake_due
from amity.teamwork.models import Promise

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def ines() -> Actor:
    return an_actor("Ines Okafor")


def _counts() -> tuple[int, ...]:
    return (
        Activity.objects.count(),
        OutboundMessage.objects.count(),
        Transition.objects.count(),
        Promise.objects.count(),
        Timer.objects.count(),
    )


def test_an_answer_ends_the_wait_and_waits_in_the_outbox(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    answer = services.reply(waiting.id, actor=ines, at=at, text="  It is not. ")
    assert answer.conversation.waiting_since is None
    assert answer.conversation.first_answer_at == at
    assert answer.conversation.assignee_id == ines.staff_id
    assert (answer.message.state, answer.message.address) == ("queued", "hanna@roast.example")
    assert answer.message.send_at == at + outbox.TIME_TO_UNDO
    said = Activity.objects.get(direction=Direction.OUT)
    assert (said.text, said.staff_id, said.thread_id) == (
        "It is not.",
        ines.staff_id,
        answer.message.thread_id,
    )


def test_a_withdrawn_answer_was_never_said(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    answer = services.reply(waiting.id, actor=ines, at=at, text="It is not.", close=True)
    back = services.withdraw_reply(answer.message.id, actor=ines, at=at + 5 * timedelta(seconds=1))
    assert (back.state, back.waiting_since, back.due_at) == ("open", waiting.waiting_since, waiting.due_at)
    assert not Activity.objects.filter(direction=Direction.OUT).exists()
    assert outbox.deliver(answer.message.id, at=at + MINUTE) is OutboundState.WITHDRAWN


def test_what_has_left_cannot_be_withdrawn(at: datetime, ines: Actor) -> None:
    answer = services.reply(a_conversation(at).id, actor=ines, at=at, text="It is not.")
    assert outbox.deliver(answer.message.id, at=at + MINUTE) is OutboundState.SENT
    with pytest.raises(Conflict):
        services.withdraw_reply(answer.message.id, actor=ines, at=at + MINUTE)
    assert Activity.objects.filter(direction=Direction.OUT).count() == 1


def test_after_a_crash_between_claim_and_send_nobody_claims_to_know(at: datetime, ines: Actor) -> None:
    answer = services.reply(a_conversation(at).id, actor=ines, at=at, text="It is not.")
    OutboundMessage.objects.filter(pk=answer.message.id).update(state=OutboundState.SENDING)
    assert outbox.deliver(answer.message.id, at=at + MINUTE) is OutboundState.UNKNOWN
    assert outbox.deliver(answer.message.id, at=at + HOUR) is OutboundState.UNKNOWN
    services.confirm_sent(answer.message.id, actor=ines, at=at + HOUR)
    assert OutboundMessage.objects.get().state == OutboundState.SENT
    with pytest.raises(Conflict):
        services.confirm_sent(answer.message.id, actor=ines, at=at + HOUR)


def test_an_unknown_message_leaves_again_only_when_somebody_says_so(at: datetime, ines: Actor) -> None:
    answer = services.reply(a_conversation(at).id, actor=ines, at=at, text="It is not.")
    OutboundMessage.objects.filter(pk=answer.message.id).update(state=OutboundState.UNKNOWN)
    services.send_again(answer.message.id, actor=ines, at=at + HOUR)
    assert outbox.deliver(answer.message.id, at=at + HOUR) is OutboundState.SENT


def test_a_mail_without_a_sender_cannot_be_answered(at: datetime, ines: Actor) -> None:
    conversation = a_conversation(at, who=f"unknown-1@{NOBODY}")
    with pytest.raises(Invalid, match="without a sender"):
        services.reply(conversation.id, actor=ines, at=at, text="Thank you")
    assert not OutboundMessage.objects.exists()


def test_an_empty_answer_is_refused_beside_its_field(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    before = _counts()
    with pytest.raises(Invalid) as refused:
        services.reply(waiting.id, actor=ines, at=at, text=" \x00 ")
    assert "text" in refused.value.fields
    assert _counts() == before


def test_a_colleague_who_was_faster_is_named(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    jonas = an_actor("Jonas Brandt")
    services.reply(waiting.id, actor=jonas, at=at + MINUTE, text="It is.")
    with pytest.raises(AnsweredMeanwhile) as refused:
        services.reply(waiting.id, actor=ines, at=at + 2 * MINUTE, text="It is not.", seen_at=at)
    assert refused.value.context["name"] == "Jonas Brandt"
    services.reply(waiting.id, actor=ines, at=at + 2 * MINUTE, text="It is not.", seen_at=at + MINUTE)
    assert OutboundMessage.objects.count() == 2


def test_ones_own_answer_is_no_conflict(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    services.reply(waiting.id, actor=ines, at=at + MINUTE, text="One.")
    services.reply(waiting.id, actor=ines, at=at + 2 * MINUTE, text="Two.", seen_at=at)
    assert OutboundMessage.objects.count() == 2


def test_a_note_stays_inside_and_the_customer_still_waits(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    noted = services.note(waiting.id, actor=ines, at=at, text="Batch 2241.")
    assert noted.waiting_since == waiting.waiting_since
    assert noted.messages == 1
    assert not OutboundMessage.objects.exists()


def test_closing_and_reopening_are_written_down(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    assert services.close(waiting.id, actor=ines, at=at).closed_at == at
    with pytest.raises(Conflict):
        services.close(waiting.id, actor=ines, at=at)
    assert services.reopen(waiting.id, actor=ines, at=at + MINUTE).state == ConversationState.OPEN
    steps = Transition.objects.filter(subject="conversation").order_by("id")
    assert [(one.before, one.after, one.staff_id) for one in steps] == [
        ("open", "closed", ines.staff_id),
        ("closed", "open", ines.staff_id),
    ]


def test_a_closed_conversation_opens_when_the_customer_writes(at: datetime, ines: Actor) -> None:
    arrive(a_message(at - HOUR, id="m1"), at=at)
    first = Conversation.objects.get()
    services.close(first.id, actor=ines, at=at)
    arrive(a_message(at + MINUTE, "And?", id="m2", answers=["m1"]), at=at + MINUTE)
    again = Conversation.objects.get()
    assert (again.id, again.state, again.waiting_since) == (first.id, "open", at - HOUR)


def test_a_conversation_goes_to_a_colleague_or_to_nobody(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    jonas = an_actor("Jonas Brandt")
    given = services.assign(waiting.id, actor=ines, at=at, assignee_id=jonas.staff_id)
    assert given.assignee_id == jonas.staff_id
    assert services.assign(waiting.id, actor=ines, at=at, assignee_id=None).assignee_id is None
    with pytest.raises(Invalid):
        services.assign(waiting.id, actor=ines, at=at, assignee_id=uuid4())


def test_a_snoozed_conversation_comes_back_at_its_time_and_not_before(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    services.snooze(waiting.id, actor=ines, at=at, until=at + HOUR)
    assert callable(jobs.conversation_wakes)  # registered by being imported
    assert wake_due(at + 59 * MINUTE) == 0
    assert wake_due(at + HOUR) == 1
    back = Conversation.objects.get()
    assert (back.state, back.snoozed_until) == ("open", None)
    assert Transition.objects.get(before="snoozed").staff_id is None


def test_a_snoozed_conversation_wakes_when_the_customer_writes(at: datetime, ines: Actor) -> None:
    arrive(a_message(at - HOUR, id="m1"), at=at)
    services.snooze(Conversation.objects.get().id, actor=ines, at=at, until=at + 5 * HOUR)
    arrive(a_message(at + MINUTE, "Hello?", id="m2", answers=["m1"]), at=at + MINUTE)
    assert Conversation.objects.get().state == "open"


def test_nobody_snoozes_into_the_past_or_for_ever(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    for until in (at, at + timedelta(days=400)):
        with pytest.raises(Invalid):
            services.snooze(waiting.id, actor=ines, at=at, until=until)
    assert Conversation.objects.get().state == "open"


def test_a_promise_follows_the_customer(at: datetime, ines: Actor) -> None:
    waiting = a_conversation(at)
    made = services.promise(waiting.id, actor=ines, at=at, what="Burrs leave", due_at=at + HOUR)
    assert (made.about_id, made.owner_id, made.state) == (waiting.customer_id, ines.staff_id, "open")
    assert Activity.objects.get(verb="promise").object_id == made.id


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEGAL])
def test_who_may_only_read_changes_nothing(at: datetime, role: Role) -> None:
    waiting = a_conversation(at)
    reader = an_actor("Samir Patel", role)
    before = _counts()
    deeds = (
        lambda: services.reply(waiting.id, actor=reader, at=at, text="Hello"),
        lambda: services.note(waiting.id, actor=reader, at=at, text="Hello"),
        lambda: services.close(waiting.id, actor=reader, at=at),
        lambda: services.assign(waiting.id, actor=reader, at=at, assignee_id=colleague_id(reader)),
        lambda: services.snooze(waiting.id, actor=reader, at=at, until=at + HOUR),
        lambda: services.promise(waiting.id, actor=reader, at=at, what="x", due_at=at + HOUR),
        lambda: services.withdraw_reply(uuid4(), actor=reader, at=at),
        lambda: services.send_again(uuid4(), actor=reader, at=at),
    )
    for deed in deeds:
        with pytest.raises(Forbidden):
            deed()
    assert _counts() == before


def test_a_source_of_another_team_is_not_there(at: datetime, ines: Actor) -> None:
    legal = Team.objects.create(name="Legal")
    hidden = a_conversation(at, source=a_source(at, "complaints", legal))
    with pytest.raises(NotFound):
        services.reply(hidden.id, actor=ines, at=at, text="Hello")
    member = an_actor("Anke Weber", teams=[legal])
    assert services.reply(hidden.id, actor=member, at=at, text="Hello").conversation.id == hidden.id
