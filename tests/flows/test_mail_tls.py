"""Mail over TLS: taken from an authority that is known, refused in words from all others, and never without."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from amity.channels import accounts, outbox
from amity.channels.adapters.email.servers import MailSettings
from amity.channels.adapters.email.trial import try_out
from amity.channels.models import Account, OutboundMessage, OutboundState
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM
from amity.site.bench.mail_servers import MAILER, MailServers, letter
from amity.site.tests.certificates import make_certificates
from amity.site.web.channel_words import TROUBLE
from tests.flows.mailing import arrived, look
from tests.flows.stories import colleague

pytestmark = pytest.mark.django_db


def over_tls(
    mail: MailServers, *, imap: str = "tls", smtp: str = "starttls", trust: str | None = None
) -> dict[str, Any]:
    """Settings of an account whose servers are reached like this; `trust` is an authority, by default the right one."""
    ports = {"tls": (mail.imaps, mail.smtps), "starttls": (mail.imap, mail.submission)}
    return {
        **mail.settings(MAILER),
        "imap": {"host": "127.0.0.1", "port": ports[imap][0], "security": imap},
        "smtp": {"host": "127.0.0.1", "port": ports[smtp][1], "security": smtp},
        "trust": (mail.home / "ca.pem").read_text() if trust is None else trust,
    }


def tried(mail: MailServers, settings: dict[str, Any]) -> dict[str, str]:
    """What is wrong with each step of a trial."""
    return {step.name: step.problem for step in try_out(MailSettings.from_json(settings), mail.password)}


def connected(mail: MailServers, at: datetime, settings: dict[str, Any]) -> Account:
    return accounts.connect(
        adapter="email", address=MAILER, name=MAILER, settings=settings, secret={"password": mail.password},
        actor=SYSTEM, at=at,
    )  # fmt: skip


def an_answer(mail: MailServers, account: Account) -> OutboundMessage:
    """Our answer to what a customer wrote, not sent yet."""
    mail.deliver(letter("Mill", "Where?", sender="hanna30@mail.example", to=MAILER), to=MAILER)
    arrived(mail, MAILER)
    look(account)
    talk = Conversation.objects.latest("opened_at")
    return services.reply(talk.id, actor=colleague().actor(), at=timezone.now(), text="Tomorrow").message


@pytest.mark.parametrize(("imap", "smtp"), [("tls", "starttls"), ("starttls", "tls")])
def test_with_a_certificate_of_a_known_authority_mail_comes_and_goes(
    mail: MailServers, at: datetime, imap: str, smtp: str
) -> None:
    account = connected(mail, at, over_tls(mail, imap=imap, smtp=smtp))
    before = len(mail.mails_of("hanna30@mail.example"))
    sent = an_answer(mail, account)
    assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.SENT
    assert arrived(mail, "hanna30@mail.example", before + 1)


@pytest.mark.parametrize(("imap", "smtp"), [("tls", "starttls"), ("starttls", "tls")])
@pytest.mark.parametrize("whose", ["nobody's", "another's"])
def test_an_unknown_authority_is_refused_in_words(
    mail: MailServers, tmp_path: Any, imap: str, smtp: str, whose: str
) -> None:
    make_certificates(tmp_path)
    trust = "" if whose == "nobody's" else (tmp_path / "ca.pem").read_text()
    found = tried(mail, over_tls(mail, imap=imap, smtp=smtp, trust=trust))
    assert found == {"incoming": "mail.certificate", "outgoing": "mail.certificate"}
    assert "cannot be trusted" in str(TROUBLE["mail.certificate"][0])


def test_an_answer_is_not_given_to_a_server_that_nobody_vouches_for(mail: MailServers, at: datetime) -> None:
    account = connected(mail, at, over_tls(mail))
    sent = an_answer(mail, account)
    before = len(mail.mails_of("hanna30@mail.example"))
    secret = {"password": mail.password}
    accounts.change(account.pk, actor=SYSTEM, at=at, settings=over_tls(mail, trust=""), secret=secret)
    assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.FAILED
    sent.refresh_from_db()
    assert "does not let us in" in sent.error
    assert "certificate" in sent.error
    assert len(mail.mails_of("hanna30@mail.example")) == before


@contextmanager
def somebody_between(
    hello: bytes, answers: Sequence[tuple[bytes, bytes]]
) -> Iterator[tuple[int, list[bytes]]]:
    """Who sits on the line, has taken STARTTLS out of what the server can do, and hears all that is said."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listening.accept()
        with line, line.makefile("rb") as said:
            line.sendall(hello)
            for words in said:
                heard.append(words)
                tag = words.split()[0]
                answer = next(
                    (answer for start, answer in answers if start in words.upper()), b"%s BAD no\r\n"
                )
                line.sendall(answer.replace(b"%s", tag))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], heard
    listening.close()
    thread.join(timeout=5)


SMTP_BETWEEN = (b"220 here\r\n", [(b"EHLO", b"250-here\r\n250 AUTH PLAIN LOGIN\r\n"), (b"STARTTLS", b"502 no\r\n"),
                                  (b"AUTH", b"235 thank you\r\n")])  # fmt: skip
IMAP_BETWEEN = (b"* OK here\r\n", [(b"CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%s OK done\r\n"),
                                   (b"LOGIN", b"%s OK thank you\r\n")])  # fmt: skip


@pytest.mark.parametrize(("step", "kind"), [("outgoing", SMTP_BETWEEN), ("incoming", IMAP_BETWEEN)])
def test_no_password_is_sent_where_somebody_took_starttls_away(
    mail: MailServers, step: str, kind: tuple[bytes, Sequence[tuple[bytes, bytes]]]
) -> None:
    with somebody_between(*kind) as (port, heard):
        settings = over_tls(mail)
        settings["smtp" if step == "outgoing" else "imap"] = {
            "host": "127.0.0.1", "port": port, "security": "starttls",
        }  # fmt: skip
        assert tried(mail, settings)[step] == "mail.no_tls"
    assert heard
    assert not [words for words in heard if b"AUTH" in words.upper() or b"LOGIN" in words.upper()]
    assert "does not speak TLS" in str(TROUBLE["mail.no_tls"][0])
