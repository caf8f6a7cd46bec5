"""Answers by mail: they arrive once, in their thread, and Amity never pretends to know more than it does."""

from __future__ import annotations

import email
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.utils import timezone

from amity.activity.models import Activity
from amity.channels import accounts, outbox
from amity.channels.models import Account, OutboundMessage, OutboundState
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Invalid
from amity.site.bench.mail_servers import MailServers, letter
from tests.flows.mailing import a_mailbox, arrived, look
from tests.flows.stories import colleague

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=11)


def asked(mail: MailServers, at: datetime, who: str, **more: Any) -> tuple[Account, Actor, Conversation]:
    """A customer's mail, taken in."""
    account = a_mailbox(mail, at, **more)
    told = letter("Mill", "Where?", sender=f"Hanna <{who}>", to=account.address, message_id=f"<q-{who}>",
                  References="<older@mail.example>")  # fmt: skip
    mail.deliver(told, to=account.address, sender=who)
    arrived(mail, account.address)
    look(account)
    return account, colleague().actor(), Conversation.objects.get()


def thanks_of(who: str, account: Account, for_what: str) -> EmailMessage:
    return letter("Re: Mill", "Thanks", sender=who, to=account.address, In_Reply_To=for_what)


def send(message: OutboundMessage) -> OutboundState:
    return outbox.deliver(message.id, at=timezone.now())


def test_an_answer_arrives_in_the_customers_thread_and_comes_back_into_ours(
    mail: MailServers, at: datetime
) -> None:
    account, ines, talk = asked(mail, at, "hanna1@mail.example")
    sent = services.reply(talk.id, actor=ines, at=timezone.now(), text="Morgen, Grüße").message
    assert send(sent) is OutboundState.SENT
    [raw] = arrived(mail, "hanna1@mail.example")
    got = email.message_from_bytes(raw, policy=default)
    assert got["Subject"] == "Re: Mill"
    assert got["In-Reply-To"] == "<q-hanna1@mail.example>"
    assert got["References"].split() == ["<older@mail.example>", "<q-hanna1@mail.example>"]
    assert got["Message-ID"] == f"<{sent.id}@tamp.example>"
    assert got["From"].addresses[0].addr_spec == account.address
    assert got.get_content().strip() == "Morgen, Grüße"
    thanks = thanks_of("hanna1@mail.example", account, got["Message-ID"])
    mail.deliver(thanks, to=account.address)
    arrived(mail, account.address, 2)
    look(account)  # also the copy in the folder of sent mail
    assert Conversation.objects.count() == 1
    assert sorted(Activity.objects.values_list("text", flat=True)) == ["Morgen, Grüße", "Thanks", "Where?"]
    assert len(mail.mails_of(account.address, ".Sent")) == 1


def test_an_answer_written_elsewhere_is_on_record_as_ours(mail: MailServers, at: datetime) -> None:
    account, _ines, talk = asked(mail, at, "hanna2@mail.example")
    from amity.channels.adapters.email import imap
    from amity.channels.adapters.email.servers import MailSettings

    box = imap.sign_in(MailSettings.from_json(account.settings), secret=mail.password)
    elsewhere = letter("Re: Mill", "From my phone", sender=account.address, to="hanna2@mail.example",
                       In_Reply_To="<q-hanna2@mail.example>")  # fmt: skip
    box.append("Sent", elsewhere.as_bytes(), timezone.now())
    box.close()
    look(account)
    said = Activity.objects.get(text="From my phone")
    assert said.direction == "out"
    assert said.thread_id in {thread.thread_id for thread in talk.threads.all()}


def test_an_answer_without_any_header_of_the_thread_finds_it_by_its_address(
    mail: MailServers, at: datetime
) -> None:
    account, ines, talk = asked(mail, at, "hanna3@mail.example", name="s", thread_by_address=True)
    send(services.reply(talk.id, actor=ines, at=timezone.now(), text="Tomorrow").message)
    got = email.message_from_bytes(arrived(mail, "hanna3@mail.example")[0], policy=default)
    reply_to = got["Reply-To"].addresses[0].addr_spec
    assert re.fullmatch(r"s\d+\+[a-z2-7]{36}@tamp\.example", reply_to)
    mail.deliver(letter("Mill", "Thanks", sender="hanna3@mail.example", to=reply_to), to=reply_to)
    forged = reply_to[:-14].rstrip("abcdefg234567")[:20] + "a" * 18 + "@tamp.example"
    mail.deliver(letter("Psst", "Let me in", sender="eve@mail.example", to=forged), to=account.address)
    arrived(mail, account.address, 3)
    look(account)
    assert Activity.objects.get(text="Thanks").thread_id == Activity.objects.get(text="Where?").thread_id
    assert Activity.objects.get(text="Let me in").thread_id != Activity.objects.get(text="Where?").thread_id


@contextmanager
def a_server_that(says: list[str], *, breaks_after: str) -> Iterator[int]:
    """A mail server of a few lines that hangs up when it has read a line that starts with `breaks_after`."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()

    def serve() -> None:
        line, _ = listening.accept()
        with line, line.makefile("rb") as heard:
            line.sendall(b"220 hello\r\n")
            for answer in says:
                while not (said := heard.readline().upper()).startswith(
                    (b"EHLO", b"MAIL", b"RCPT", b"DATA", b".\r\n")
                ):
                    if not said:
                        return
                if said.startswith(breaks_after.encode()):
                    return
                line.sendall(answer.encode() + b"\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join(timeout=5)


@pytest.mark.parametrize(
    ("says", "breaks_after", "state"),
    [
        (["250 here", "250 ok", "250 ok", "354 go"], ".", OutboundState.UNKNOWN),
        (["250 here", "250 ok", "250 ok"], "DATA", OutboundState.QUEUED),  # certainly not sent: tried again
        (["250 here", "250 ok", "451 later", "250 ok"], "DATA", OutboundState.QUEUED),  # greylisted
        (["250 here", "250 ok", "550 no such user", "250"], "DATA", OutboundState.FAILED),
        (["250 here", "250 ok", "250 ok", "354 go", "554 spam"], "never", OutboundState.FAILED),
    ],
)
def test_what_is_known_of_a_message_follows_from_where_the_line_broke(
    mail: MailServers, at: datetime, says: list[str], breaks_after: str, state: OutboundState
) -> None:
    account, ines, talk = asked(mail, at, "hanna4@mail.example")
    with a_server_that(says, breaks_after=breaks_after) as port:
        settings = {**account.settings, "smtp": {"host": "127.0.0.1", "port": port, "security": "plain"}}
        accounts.change(
            account.pk, actor=SYSTEM, at=at, settings=settings, secret={"password": mail.password}
        )
        sent = services.reply(talk.id, actor=ines, at=timezone.now(), text="Tomorrow").message
        assert send(sent) is state
    sent.refresh_from_db()
    assert sent.error


def test_a_copy_among_the_sent_mails_settles_what_was_unknown(mail: MailServers, at: datetime) -> None:
    account, ines, talk = asked(mail, at, "hanna5@mail.example")
    sent = services.reply(talk.id, actor=ines, at=timezone.now(), text="Tomorrow").message
    send(sent)
    OutboundMessage.objects.update(state=OutboundState.UNKNOWN)
    assert outbox.look_for(sent.id, at=timezone.now()) is OutboundState.SENT
    OutboundMessage.objects.update(state=OutboundState.UNKNOWN)
    thanks = thanks_of("hanna5@mail.example", account, sent.external_id)
    mail.deliver(thanks, to=account.address)
    arrived(mail, account.address, 2)
    look(account)
    sent.refresh_from_db()
    assert sent.state == OutboundState.SENT


def test_a_paused_account_refuses_answers_in_words(mail: MailServers, at: datetime) -> None:
    account, ines, talk = asked(mail, at, "hanna6@mail.example")
    accounts.pause(account.pk, actor=SYSTEM, at=at)
    with pytest.raises(Invalid, match="paused"):
        services.reply(talk.id, actor=ines, at=timezone.now(), text="Tomorrow")


def test_another_account_that_the_same_people_see_may_answer_and_the_thread_stays_one(
    mail: MailServers, at: datetime
) -> None:
    account, ines, talk = asked(mail, at, "hanna7@mail.example")
    other, own = a_mailbox(mail, at, name="sales"), a_mailbox(mail, at, actor=ines, personal=True)
    with pytest.raises(Invalid):
        services.reply(talk.id, actor=ines, at=timezone.now(), text="No", via=own.pk)
    sent = services.reply(talk.id, actor=ines, at=timezone.now(), text="Tomorrow", via=other.pk).message
    assert send(sent) is OutboundState.SENT
    got = email.message_from_bytes(arrived(mail, "hanna7@mail.example")[0], policy=default)
    assert got["From"].addresses[0].addr_spec == other.address
    assert got["Reply-To"].addresses[0].addr_spec == account.address
    thanks = letter(
        "Re: Mill", "Thanks", sender="hanna7@mail.example", to=other.address, In_Reply_To=got["Message-ID"]
    )
    mail.deliver(thanks, to=other.address)
    arrived(mail, other.address)
    look(other)
    assert Conversation.objects.count() == 1
