"""Mails that somebody means ill with, or that come from odd programs, walk the whole corridor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

import pytest

from amity.activity.models import Activity, ActivityKey, DailyCount
from amity.channels import accounts
from amity.channels.adapters import RawItem, live_adapter
from amity.channels.adapters.email.reader import MAIL_ITEM
from amity.channels.models import Account
from amity.channels.records import Direction
from amity.conversations import services
from amity.conversations.models import Conversation, ConversationThread
from amity.conversations.tests.factories import a_colleague, an_actor
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.site import ingest

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
_number = count(1)


def a_mailbox(
    at: datetime, address: str, *, actor: Actor = SYSTEM, personal: bool = False, aliases: Sequence[str] = ()
) -> Account:
    servers = {
        name: {"host": "mail.tamp.example", "port": 993, "security": "tls"} for name in ("imap", "smtp")
    }
    return accounts.connect(
        adapter="email", address=address, name=address, actor=actor, at=at, personal=personal,
        settings={**servers, "user": address, "aliases": list(aliases)}, secret={"password": "secret"},
    )  # fmt: skip


def a_mail(
    at: datetime, text: str = "Where is my order?", *, sender: str = "hanna@roast.example",
    to: str = "support@tamp.example", id: str = "", answers: Sequence[str] = (), above: str = "",
) -> bytes:  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Order"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = id or f"<mail-{next(_number)}@roast.example>"
    if answers:
        mail["In-Reply-To"], mail["References"] = answers[-1], " ".join(answers)
    mail.set_content(text)
    return above.encode() + mail.as_bytes()


def comes(account: Account, at: datetime, *mails: bytes) -> dict[str, int]:
    """These come into a mailbox."""
    adapter = live_adapter("email")
    assert adapter is not None
    reader = adapter.account_reader(accounts.login_of(account), own=accounts.own_addresses(), at=at)
    return ingest.deliver(account.source, [RawItem(next(_number), raw, MAIL_ITEM) for raw in mails], reader)


def talk_of(id: str) -> Conversation:
    thread = Activity.objects.get(external_id=id).thread_id
    assert thread is not None
    return Conversation.objects.get(pk=ConversationThread.objects.get(thread_id=thread).conversation_id)


def test_an_answer_through_another_account_is_on_record_once(at: datetime) -> None:
    own, other = a_mailbox(at, "support@tamp.example"), a_mailbox(at, "orders@tamp.example")
    comes(own, at, a_mail(at, id="<asked@roast.example>"))
    ines = an_actor()
    sent = services.reply(
        talk_of("<asked@roast.example>").id, actor=ines, at=at + MINUTE, text="Tomorrow", via=other.pk
    ).message
    copy = a_mail(
        at + MINUTE, "Tomorrow", sender="orders@tamp.example", to="hanna@roast.example", id=sent.external_id,
        answers=["<asked@roast.example>"],
    )  # fmt: skip
    comes(other, at + 2 * MINUTE, copy)
    assert Activity.objects.filter(external_id=sent.external_id).count() == 1
    assert sum(DailyCount.objects.filter(direction=Direction.OUT).values_list("count", flat=True)) == 1
    services.withdraw_reply(sent.id, actor=ines, at=at + 2 * MINUTE)
    assert not ActivityKey.objects.filter(external_id=sent.external_id).exists()


def test_a_stranger_cannot_make_one_conversation_of_those_of_others(at: datetime) -> None:
    box = a_mailbox(at, "support@tamp.example")
    comes(box, at, a_mail(at, id="<order-1@shop.example>"))
    comes(box, at, a_mail(at, id="<order-2@shop.example>", sender="noor@cup.example"))
    forged = a_mail(
        at + MINUTE,
        sender="mallory@evil.example",
        answers=["<order-1@shop.example>", "<order-2@shop.example>"],
    )
    comes(box, at + MINUTE, forged)
    for answers in (["<order-1@shop.example>"], ["<order-2@shop.example>"]):
        comes(box, at + MINUTE, a_mail(at + MINUTE, sender="mallory@evil.example", answers=answers))
    again = a_mail(
        at + MINUTE,
        sender="mallory@evil.example",
        answers=["<order-1@shop.example>", "<order-2@shop.example>"],
    )
    comes(box, at + MINUTE, again, a_mail(at, id="<order-4@shop.example>", sender="eve@evil.example"))
    assert talk_of("<order-1@shop.example>") != talk_of("<order-2@shop.example>")
    assert Activity.objects.count() == 7
    own = a_mail(at + MINUTE, id="<order-3@shop.example>")
    joined = a_mail(at + 2 * MINUTE, answers=["<order-1@shop.example>", "<order-3@shop.example>"])
    comes(box, at + 2 * MINUTE, own)
    comes(box, at + 2 * MINUTE, joined)
    assert talk_of("<order-1@shop.example>") == talk_of(
        "<order-3@shop.example>"
    )  # their own two they may join


def test_another_mail_under_a_used_id_is_not_lost(at: datetime) -> None:
    box = a_mailbox(at, "support@tamp.example")
    comes(box, at, a_mail(at, "My grinder is broken", id="<form@site.example>"))
    later = a_mail(at + MINUTE, "Where is my refund?", id="<form@site.example>", sender="noor@cup.example")
    comes(box, at + MINUTE, later)
    moved = b"Received: from another folder\n" + later
    comes(box, at + 2 * MINUTE, moved)
    assert sorted(one.text.strip() for one in Activity.objects.all()) == [
        "My grinder is broken",
        "Where is my refund?",
    ]
    assert Conversation.objects.count() == 2


def test_who_only_says_to_be_one_of_us_is_none_of_us(at: datetime) -> None:
    box = a_mailbox(at, "support@tamp.example")
    boss = a_colleague("Bela Kiss")
    a_mailbox(at, boss.email, actor=boss.actor(), personal=True)
    comes(box, at, a_mail(at, id="<asked@roast.example>"))
    failed = (
        "Authentication-Results: mx.tamp.example; spf=fail; dkim=none; dmarc=fail header.from=tamp.example\n"
    )
    forged = a_mail(
        at + MINUTE, "Send it to this account", sender=boss.email, to="hanna@roast.example",
        id="<forged@evil.example>", answers=["<asked@roast.example>"], above=failed,
    )  # fmt: skip
    comes(box, at + MINUTE, forged)
    said = Activity.objects.get(external_id="<forged@evil.example>")
    assert said.staff_id is None
    assert said.direction != Direction.OUT
    assert talk_of("<asked@roast.example>").waiting_since is not None


def test_a_colleague_cannot_make_a_customer_ours_by_their_own_mailbox(at: datetime) -> None:
    box, agent = a_mailbox(at, "support@tamp.example"), a_colleague(role=Role.AGENT)
    a_mailbox(at, agent.email, actor=agent.actor(), personal=True, aliases=["hanna@roast.example"])
    a_mailbox(at, "noor@cup.example", actor=an_actor(), personal=True)
    comes(
        box,
        at,
        a_mail(at, id="<one@roast.example>"),
        a_mail(at, sender="noor@cup.example", id="<two@cup.example>"),
    )
    comes(box, at, a_mail(at, sender=agent.email, id="<three@tamp.example>"))
    assert Activity.objects.get(external_id="<one@roast.example>").direction == Direction.IN
    assert Activity.objects.get(external_id="<two@cup.example>").direction == Direction.IN
    assert Activity.objects.get(external_id="<three@tamp.example>").direction == Direction.INTERNAL
