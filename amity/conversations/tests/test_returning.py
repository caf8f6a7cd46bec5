"""Programs answer mails of ours: what came back waits again, and nothing else that they write moves anything."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from amity.activity import queries as timelines
from amity.activity.models import Activity
from amity.activity.shaping import identity_id
from amity.channels import outbox
from amity.channels.machine_mail import as_written
from amity.channels.mime import parse_mail
from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.records import Direction, Handle, MessageRecord
from amity.channels.tests.mime import letters
from amity.channels.tests.mime.letters import OURS, letter, report
from amity.conversations import services
from amity.conversations.domain.loops import is_loop
from amity.conversations.models import Conversation, ConversationState
from amity.conversations.returning import is_cut
from amity.conversations.tests.factories import (
    a_colleague,
    a_conversation,
    a_message,
    an_actor,
    arrive,
    conversation_of,
    signed_in,
)
from amity.kernel.actor import Actor
from amity.kernel.models import Transition
from amity.people.models import Link
from amity.people.queries.reach import unreachable

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HANNA = identity_id(Handle("email", "hanna@roast.example"))
AWAY = "Subject: Automatic reply: Metal shavings\n"


def heard(raw: bytes, at: datetime) -> MessageRecord:
    """A mail as the mail channel hands it over."""
    mail = parse_mail(raw)
    record = MessageRecord(
        external_id=f"<{at.timestamp()}@mx.roast.example>",
        occurred_at=at,
        author=mail.sender,
        channel="email",
        text=mail.text,
        subject=mail.subject,
        in_reply_to=(*mail.in_reply_to, *mail.references),
        recipients=mail.to,
    )
    return as_written(record, mail)


def came_back(message: OutboundMessage, at: datetime, body: str = letters.EXIM) -> MessageRecord:
    return heard(letter(body.replace(OURS, message.external_id)), at)


def away(at: datetime, answers: str) -> MessageRecord:
    more = f"Auto-Submitted: auto-replied\nIn-Reply-To: {answers}\n"
    sender = "Hanna Roth <hanna@roast.example>"
    return heard(letter("I am away.", sender=sender, subject="Automatic reply: x", more=more), at)


def answered(at: datetime, actor: Actor, *, close: bool = False) -> OutboundMessage:
    """An answer to a customer that has left."""
    waiting = a_conversation(at)
    message = services.reply(waiting.id, actor=actor, at=at, text="It is not affected.", close=close).message
    assert outbox.deliver(message.id, at=at + MINUTE) == OutboundState.SENT
    return message


@pytest.fixture(autouse=True)
def home(settings: object, tmp_path: object) -> None:
    settings.HOME = str(tmp_path)  # type: ignore[attr-defined]


def test_an_answer_that_came_back_waits_again_and_says_why(at: datetime) -> None:
    ines = a_colleague()
    message = answered(at, ines.actor(), close=True)
    arrive(came_back(message, at + 5 * MINUTE), at=at + 6 * MINUTE)
    message.refresh_from_db()
    assert (message.state, message.error) == ("returned", "There is no mailbox with this address.")
    step = Transition.objects.get(subject="outbound_message", after="returned")
    assert (step.before, step.why) == ("sent", "There is no mailbox with this address.")
    conversation = conversation_of()
    assert (conversation.state, conversation.waiting_since) == (ConversationState.OPEN, at - 30 * MINUTE)
    assert (conversation.first_answer_at, conversation.messages) == (None, 2)
    page = signed_in(ines).get(f"/inbox/{conversation.id}/").content.decode()
    assert "Came back" in page
    assert "The last mail to this address came back on" in page
    assert "Reach Hanna on another way" in signed_in(ines).get("/").content.decode()


def test_what_came_back_is_done_with_when_somebody_writes_again(at: datetime) -> None:
    ines = a_colleague()
    message = answered(at, ines.actor())
    arrive(came_back(message, at + 5 * MINUTE), at=at + 6 * MINUTE)
    services.reply(conversation_of().id, actor=ines.actor(), at=at + 9 * MINUTE, text="Once more.")
    assert "your answer came back" not in signed_in(ines).get("/").content.decode()


def test_an_address_is_dead_until_it_writes(at: datetime) -> None:
    ines = an_actor()
    arrive(came_back(answered(at, ines), at + 5 * MINUTE), at=at + 6 * MINUTE)
    assert unreachable([HANNA], actor=ines)[HANNA].reason == "no_such_mailbox"
    arrive(a_message(at + 60 * MINUTE, "I am back"), at=at + 61 * MINUTE)
    assert unreachable([HANNA], actor=ines) == {}


def test_a_full_mailbox_returns_the_message_and_does_not_condemn_the_address(at: datetime) -> None:
    ines = an_actor()
    message = answered(at, ines)
    arrive(came_back(message, at + 5 * MINUTE, letters.SENDMAIL), at=at + 6 * MINUTE)
    message.refresh_from_db()
    assert (message.state, message.error) == ("returned", "The mailbox is full.")
    assert unreachable([HANNA], actor=ines) == {}


def test_a_report_about_another_address_takes_nothing_back_and_condemns_nobody(at: datetime) -> None:
    ines = an_actor()
    message = answered(at, ines)
    forwarded = letters.QMAIL.replace("<hanna@roast.example>:", "<box9@elsewhere.example>:")
    arrive(came_back(message, at + 5 * MINUTE, forwarded), at=at + 6 * MINUTE)
    message.refresh_from_db()
    assert message.state == "sent"
    assert unreachable([HANNA], actor=ines) == {}
    assert conversation_of().waiting_since is None
    arrive(came_back(message, at + 7 * MINUTE, letters.QMAIL), at=at + 8 * MINUTE)
    message.refresh_from_db()
    assert message.state == "returned"


def test_who_does_not_know_the_id_of_a_message_cannot_say_that_it_came_back(at: datetime) -> None:
    ines = an_actor()
    message = answered(at, ines)
    arrive(heard(letter(letters.EXIM), at + 5 * MINUTE), at=at + 6 * MINUTE)
    message.refresh_from_db()
    assert message.state == "sent"
    assert unreachable([HANNA], actor=ines) == {}
    assert not Conversation.objects.filter(waiting_since__isnull=False).exists()
    assert (
        Conversation.objects.exclude(state=ConversationState.OPEN).count() == 1
    )  # the forged one, by itself


def test_the_same_report_twice_is_one_step(at: datetime) -> None:
    message = answered(at, an_actor())
    for minutes in (5, 8):
        arrive(came_back(message, at + minutes * MINUTE), at=at + minutes * MINUTE)
    assert Transition.objects.filter(subject="outbound_message", after="returned").count() == 1


def test_a_message_that_comes_back_while_it_is_being_sent_stays_returned(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = a_conversation(at)
    message = services.reply(waiting.id, actor=an_actor(), at=at, text="It is not.").message
    OutboundMessage.objects.filter(pk=message.pk).update(state=OutboundState.SENDING)
    arrive(came_back(message, at + MINUTE), at=at + MINUTE)
    message.refresh_from_db()
    assert message.state == OutboundState.RETURNED
    assert outbox.deliver(message.id, at=at + 2 * MINUTE) == OutboundState.RETURNED


def test_an_automatic_answer_opens_nothing_and_waits_for_nobody(at: datetime) -> None:
    ines = a_colleague()
    message = answered(at, ines.actor(), close=True)
    before = Conversation.objects.values().get()
    arrive(away(at + 5 * MINUTE, message.external_id), at=at + 6 * MINUTE)
    assert Conversation.objects.values().get() == before
    said = Activity.objects.get(direction=Direction.AUTO)
    assert (said.sentiment, said.actor_id, said.about_id) == (None, HANNA, HANNA)
    page = signed_in(ines).get(f"/inbox/{before['id']}/").content.decode()
    assert "Automatic answer" in page
    assert "I am away." in page


def test_what_programs_write_stands_on_no_timeline(at: datetime) -> None:
    message = answered(at, an_actor())
    arrive(away(at + 5 * MINUTE, message.external_id), at=at + 6 * MINUTE)
    told = timelines.timeline(an_actor(), [HANNA]).moments
    assert [moment.direction for moment in told] == ["out", "in"]


def test_an_automatic_mail_out_of_nowhere_is_kept_and_closed(at: datetime) -> None:
    arrive(away(at, "<unknown@roast.example>"), at=at + MINUTE)
    found = conversation_of()
    assert (found.state, found.waiting_since, found.messages) == (ConversationState.CLOSED, None, 0)


def test_a_late_or_read_message_is_told_and_changes_nothing(at: datetime) -> None:
    ines = a_colleague()
    message = answered(at, ines.actor())
    ours = message.external_id
    read = f"Final-Recipient: rfc822; hanna@roast.example\nOriginal-Message-ID: {ours}\nDisposition: manual; displayed"
    arrive(came_back(message, at + 5 * MINUTE, letters.WARNING), at=at + 6 * MINUTE)
    arrive(
        heard(report(read, kind="disposition-notification", original="X: y\n"), at + 7 * MINUTE),
        at=at + 8 * MINUTE,
    )
    message.refresh_from_db()
    assert message.state == "sent"
    page = signed_in(ines).get(f"/inbox/{conversation_of().id}/").content.decode()
    assert "Not delivered yet" in page
    assert "Was read" in page


def test_programs_that_answer_each_other_are_cut_and_the_thread_says_so_once(at: datetime) -> None:
    ines = a_colleague()
    message = answered(at, ines.actor())
    ours = message.external_id
    conversation: UUID = conversation_of().id
    for minutes in range(1, 9):
        assert is_cut(conversation, at=at + minutes * MINUTE) is (minutes > 6)
        arrive(away(at + minutes * MINUTE, ours), at=at + minutes * MINUTE)
    assert Transition.objects.filter(subject="loop").count() == 1
    assert not is_cut(conversation, at=at + 90 * MINUTE)
    page = signed_in(ines).get(f"/inbox/{conversation}/").content.decode()
    assert "programs wrote to each other" in page


def test_a_loop_is_many_in_a_short_time_not_many_in_all(at: datetime) -> None:
    slow = [at + timedelta(minutes=13 * number) for number in range(40)]
    assert not is_loop(slow)
    assert is_loop([*slow, slow[3] + MINUTE, slow[3] + 2 * MINUTE])


def test_the_person_page_says_that_nothing_reaches_an_address(at: datetime) -> None:
    ines = a_colleague()
    arrive(came_back(answered(at, ines.actor()), at + 5 * MINUTE), at=at + 6 * MINUTE)
    person = Link.objects.get(identity_id=HANNA).person_id
    page = signed_in(ines).get(f"/people/{person}/").content.decode()
    assert "Mails come back since" in page
