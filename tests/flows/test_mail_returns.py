"""What programs send back to us over real servers: mails that were not delivered, and answers of machines."""

from __future__ import annotations

import email
from datetime import datetime
from email.message import EmailMessage
from email.policy import default

import pytest
from django.utils import timezone

from amity.activity.models import Activity
from amity.channels import outbox
from amity.channels.models import Account, OutboundMessage, OutboundState
from amity.channels.records import Direction
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import Actor
from amity.people.models import Identity
from amity.people.queries.reach import unreachable
from amity.site.bench.mail_servers import REFUSING, MailServers, letter
from tests.flows.mailing import a_mailbox, arrived, look
from tests.flows.stories import colleague

pytestmark = pytest.mark.django_db


def answered(mail: MailServers, at: datetime, who: str) -> tuple[Account, Actor, OutboundMessage]:
    """A customer wrote, and our answer has left."""
    account, ines = a_mailbox(mail, at), colleague().actor()
    asked = letter(
        "Mill", "Where?", sender=who, to=account.address, message_id=f"<q-{account.pk}@mail.example>"
    )
    mail.deliver(asked, to=account.address, sender=who)
    arrived(mail, account.address)
    look(account)
    talk = Conversation.objects.get()
    sent = services.reply(talk.id, actor=ines, at=timezone.now(), text="Tomorrow").message
    assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.SENT
    assert Conversation.objects.get().waiting_since is None
    return account, ines, sent


def dead_ones(actor: Actor) -> list[str]:
    ids = dict(Identity.objects.filter(is_ours=False).values_list("id", "address"))
    return [ids[one] for one in unreachable(ids, actor=actor)]


def test_an_answer_that_the_other_server_sends_back_is_returned_and_waits_again(
    mail: MailServers, at: datetime
) -> None:
    account, ines, sent = answered(mail, at, REFUSING)
    arrived(mail, account.address, 2)
    look(account)
    sent.refresh_from_db()
    assert (sent.state, bool(sent.error)) == (OutboundState.RETURNED, True)
    talk = Conversation.objects.get()
    assert talk.waiting_since is not None
    assert Activity.objects.filter(direction=Direction.AUTO, thread_id=sent.thread_id).count() == 1
    assert talk.customer is not None
    assert talk.customer.address == REFUSING
    assert not Identity.objects.filter(address__icontains="daemon").exists()
    assert dead_ones(ines) in ([REFUSING], [])  # whether it is dead is for the server to say


def test_a_report_on_an_address_that_we_did_not_write_to_takes_nothing_back(
    mail: MailServers, at: datetime
) -> None:
    account, ines, sent = answered(mail, at, "hanna20@mail.example")
    [raw] = arrived(mail, "hanna20@mail.example")
    passed_on = email.message_from_bytes(raw, policy=default)
    mail.deliver(
        passed_on, to=REFUSING, sender=account.address
    )  # as a server passes it on, with our envelope
    arrived(mail, account.address, 2)
    look(account)
    sent.refresh_from_db()
    assert sent.state == OutboundState.SENT
    assert Activity.objects.filter(direction=Direction.AUTO, thread_id=sent.thread_id).exists()
    assert Conversation.objects.get().waiting_since is None
    assert dead_ones(ines) == []


class Responder:
    """A customer's program that answers each mail by itself, in whatever way it knows."""

    def __init__(self, mail: MailServers, who: str, account: Account, **fields: str) -> None:
        self._mail, self._who, self._account, self._fields = mail, who, account, fields
        self.answered = 0

    def run(self) -> None:
        """Answer what is new."""
        for raw in self._mail.mails_of(self._who)[self.answered :]:
            got = email.message_from_bytes(raw, policy=default)
            self._mail.deliver(self._answer_to(got), to=self._account.address, sender=self._who)
            self.answered += 1

    def _answer_to(self, got: EmailMessage) -> EmailMessage:
        return letter(
            f"Automatic reply: {got['Subject']}", "I am away until Monday.", sender=self._who,
            to=self._account.address, In_Reply_To=got["Message-ID"], References=got["Message-ID"], **self._fields,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "fields"),
    [
        ("hanna21@mail.example", {"Auto-Submitted": "auto-replied"}),
        ("hanna22@mail.example", {"X-Autoreply": "yes", "Precedence": "bulk"}),
    ],
)
def test_a_program_that_answers_us_is_answered_by_nobody(
    mail: MailServers, at: datetime, who: str, fields: dict[str, str]
) -> None:
    account, _ines, sent = answered(mail, at, who)
    arrived(mail, who)
    away = Responder(mail, who, account, **fields)
    for _round in range(3):
        away.run()
        arrived(mail, account.address, 1 + away.answered)
        look(account)
        for waiting in OutboundMessage.objects.filter(state=OutboundState.QUEUED):
            outbox.deliver(waiting.id, at=timezone.now())
    assert away.answered == 1
    assert len(mail.mails_of(who)) == 1
    assert OutboundMessage.objects.get().id == sent.id
    assert Activity.objects.get(direction=Direction.AUTO).thread_id == sent.thread_id
    assert Conversation.objects.get().waiting_since is None
