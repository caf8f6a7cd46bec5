"""Files by mail: whole, under their names, once; and where they cannot go, nothing goes."""

from __future__ import annotations

import email
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.policy import default
from pathlib import Path

import pytest
from django.utils import timezone

from amity.activity.models import Activity, Attachment
from amity.channels import accounts, outbox
from amity.channels.adapters.email import smtp
from amity.channels.models import Account, OutboundMessage, OutboundState
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.filestore import path_of
from amity.site.bench.mail_servers import MailServers, letter
from tests.flows.mailing import a_mailbox, arrived, look
from tests.flows.stories import colleague

pytestmark = pytest.mark.django_db
FILES = {
    "Rechnung März №5.pdf": b"%PDF-1.4 " + bytes(range(256)) * 40,
    "请求 报告 " + "長" * 60 + ".txt": b"line\r\n.dot\rlone\n.\r\nend",
    'quo"te; x=1.png': b"\x89PNG\r\n\x1a\n" + bytes(1_000),
}


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path / "files")


def asked(mail: MailServers, at: datetime, who: str) -> tuple[Account, Actor, Conversation]:
    account = a_mailbox(mail, at)
    told = letter("Mill", "Where?", sender=f"Hanna <{who}>", to=account.address, message_id=f"<q-{who}>")
    mail.deliver(told, to=account.address, sender=who)
    arrived(mail, account.address)
    look(account)
    return account, colleague().actor(), Conversation.objects.get()


def answered(talk: Conversation, ines: Actor, files: dict[str, bytes]) -> OutboundMessage:
    waiting = [
        services.attach(talk.id, actor=ines, at=timezone.now(), filename=name, content=content)
        for name, content in files.items()
    ]
    return services.reply(
        talk.id, actor=ines, at=timezone.now(), text="Hier, Grüße", files=[one.id for one in waiting]
    ).message


def test_files_arrive_whole_under_their_names_and_once_in_the_thread(mail: MailServers, at: datetime) -> None:
    account, ines, talk = asked(mail, at, "hanna50@mail.example")
    sent = answered(talk, ines, FILES)
    assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.SENT
    assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.SENT  # and not again
    [raw] = arrived(mail, "hanna50@mail.example")
    got = email.message_from_bytes(raw, policy=default)
    assert got.get_content_type() == "multipart/mixed"
    body = got.get_body()
    assert body is not None
    assert body.get_content().strip() == "Hier, Grüße"
    parts = list(got.iter_attachments())
    kept = {one.filename for one in Attachment.objects.filter(activity_id=sent.activity_id)}
    assert {one.get_filename() for one in parts} == kept
    assert [one.get_payload(decode=True) for one in parts] == list(FILES.values())
    assert [one.get_content_type() for one in parts] == [
        "application/pdf",
        "application/octet-stream",
        "image/png",
    ]
    assert all(one.get_content_disposition() == "attachment" for one in parts)
    assert all(line.isascii() and len(line) < 1_000 for line in raw.splitlines())
    arrived(mail, account.address, 1, ".Sent")
    look(account)  # the copy in the folder of sent mail is the same message
    assert Activity.objects.count() == 2
    assert Attachment.objects.count() == len(FILES)


@contextmanager
def a_server(size: str, heard: list[bytes], *, slow_s: float = 0.0) -> Iterator[int]:
    """A mail server of a few lines that takes `size` bytes, and notes what it was told before the mail."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()

    def serve() -> None:
        line, _ = listening.accept()
        with line, line.makefile("rb") as coming:
            line.sendall(b"220 hello\r\n")
            while said := coming.readline():
                heard.append(said)
                verb = said[:4].upper()
                if verb == b"EHLO":
                    line.sendall(b"250-here\r\n250 SIZE " + size.encode() + b"\r\n")
                elif verb == b"DATA":
                    line.sendall(b"354 go\r\n")
                    while (data := coming.readline()) and data != b".\r\n":
                        time.sleep(slow_s)
                    line.sendall(b"250 taken\r\n")
                elif verb == b"QUIT":
                    line.sendall(b"221 bye\r\n")
                    return
                else:
                    line.sendall(b"250 ok\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join(timeout=5)


def through(account: Account, port: int, password: str, at: datetime) -> None:
    found = {**account.settings, "smtp": {"host": "127.0.0.1", "port": port, "security": "plain"}}
    accounts.change(account.pk, actor=SYSTEM, at=at, settings=found, secret={"password": password})


@pytest.mark.parametrize(
    ("size", "state"),
    [
        ("5000", OutboundState.FAILED),
        ("500000", OutboundState.SENT),
        ("0", OutboundState.SENT),
        ("", OutboundState.SENT),
    ],
)
def test_a_mail_larger_than_the_server_takes_is_not_sent_and_says_so(
    mail: MailServers, at: datetime, size: str, state: OutboundState
) -> None:
    account, ines, talk = asked(mail, at, "hanna51@mail.example")
    heard: list[bytes] = []
    with a_server(size, heard) as port:
        through(account, port, mail.password, at)
        sent = answered(talk, ines, {"a.bin": bytes(9_000)})
        assert outbox.deliver(sent.id, at=timezone.now()) is state
    sent.refresh_from_db()
    told = [line for line in heard if line.upper().startswith(b"MAIL")]
    if state is OutboundState.FAILED:
        assert "takes 0.0 MB" in sent.error
        assert told == []  # nothing of it travelled
    else:
        assert b"size=" in told[0].lower()


def test_the_line_has_its_time_for_each_piece_and_not_for_all_of_it(
    mail: MailServers, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 1.0)
    monkeypatch.setattr("amity.channels.adapters.email.dialling.TIMEOUT_S", 1.0)
    account, ines, talk = asked(mail, at, "hanna52@mail.example")
    with a_server("0", [], slow_s=0.00003) as port:
        through(account, port, mail.password, at)
        sent = answered(talk, ines, {"a.bin": bytes(4_000_000)})
        started = time.monotonic()
        assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.SENT
        assert time.monotonic() - started > 1.0


def test_a_mail_whose_file_is_lost_does_not_leave_without_it(mail: MailServers, at: datetime) -> None:
    _account, ines, talk = asked(mail, at, "hanna53@mail.example")
    sent = answered(talk, ines, {"bill.pdf": b"%PDF"})
    path_of(str(sent.files[0]["digest"])).unlink()
    assert outbox.deliver(sent.id, at=timezone.now()) is OutboundState.FAILED
    sent.refresh_from_db()
    assert sent.error == "The file “bill.pdf” is not here any more. Write again and attach it anew."
    assert mail.mails_of("hanna53@mail.example", "") == []
