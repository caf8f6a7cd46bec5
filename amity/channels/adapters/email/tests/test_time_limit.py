"""Servers that say a little every now and then: no wait is too long, and all of it comes to an end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

import pytest

from amity.channels.adapters import NotSent
from amity.channels.adapters.email import adapter, smtp
from amity.channels.adapters.email.dialling import TimeLimit
from amity.channels.adapters.email.servers import PLAIN, MailSettings, Server
from amity.channels.adapters.email.trial import try_out

A_LITTLE = 0.05
MAIL = b"Subject: Grinder\r\n\r\nIt is loud.\r\n"
LONG_MAIL = MAIL * 500_000  # more than the machine keeps on the way


@contextmanager
def server(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[Server]:
    """One that behaves like this on each line, until the test is over."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                line, _ = listening.accept()
                threading.Thread(target=behaved, args=(line,), daemon=True).start()

    def behaved(line: socket.socket) -> None:
        with line, suppress(OSError):
            behave(line, over)

    threading.Thread(target=serve, daemon=True).start()
    yield Server("127.0.0.1", listening.getsockname()[1], PLAIN)
    over.set()
    listening.close()


def trickle(line: socket.socket, over: threading.Event) -> None:
    """A greeting that never comes to its end."""
    while not over.wait(A_LITTLE):
        line.sendall(b"*")


def folders_without_end(line: socket.socket, over: threading.Event) -> None:
    """Lets in whoever comes, then tells of folders for ever."""
    line.sendall(b"* OK here\r\n")
    for said in line.makefile("rb"):
        tag, _space, words = said.partition(b" ")
        if words.upper().startswith(b"LIST"):
            while not over.wait(A_LITTLE):
                line.sendall(b'* LIST () "/" "one more"\r\n')
        told = b"* CAPABILITY IMAP4rev1\r\n" if words.upper().startswith(b"CAPABILITY") else b""
        line.sendall(told + tag + b" OK done\r\n")


def reads_slowly(line: socket.socket, over: threading.Event) -> None:
    """Takes a mail a few bytes at a time."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    _until_data(line)
    while not over.wait(A_LITTLE):
        line.recv(200)


def answers_slowly(line: socket.socket, over: threading.Event) -> None:
    """Takes the whole mail, and has much to say of it."""
    _until_data(line)
    heard = b""
    while not heard.endswith(b"\r\n.\r\n"):
        heard = heard[-4:] + line.recv(1_000_000)
    while not over.wait(A_LITTLE):
        line.sendall(b"250-well\r\n")


def _until_data(line: socket.socket) -> None:
    line.sendall(b"220 here\r\n")
    said = line.makefile("rb", buffering=0)
    while not (words := said.readline()).startswith(b"DATA"):
        line.sendall(b"250 fine\r\n" if words else b"")
    line.sendall(b"354 go on\r\n")


def settings(imap: Server, outgoing: Server) -> MailSettings:
    return MailSettings(imap=imap, smtp=outgoing, user="ines@tamp.example", allow=("127.0.0.1",))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


def test_a_trial_of_servers_that_never_come_to_an_end_ends() -> None:
    with ExitStack() as around:
        both = around.enter_context(server(trickle))
        around.enter_context(within(4))
        steps = try_out(settings(both, both), "hush", within_s=0.9)
    assert {step.name: step.problem for step in steps} == {
        "incoming": "mail.silent", "outgoing": "mail.silent",
    }  # fmt: skip


def test_a_trial_ends_also_after_the_sign_in() -> None:
    with server(folders_without_end) as box, server(trickle) as other, within(4):
        steps = try_out(settings(box, other), "hush", within_s=0.9)
    assert [(step.name, step.problem) for step in steps[:2]] == [
        ("incoming", ""), ("folders", "mail.silent"),
    ]  # fmt: skip


def test_the_copy_of_a_mail_that_left_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "COPY_WITHIN_S", 0.8)
    at = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
    with server(folders_without_end) as box, within(4):
        adapter._keep_copy(settings(box, box), "hush", MAIL, at)


def handed_over(outgoing: Server, mail: bytes, seconds: float) -> None:
    known = settings(outgoing, outgoing)
    with TimeLimit(seconds) as limit:
        client = smtp.connect(known, "hush", hello="tamp.example", limit=limit)
        try:
            smtp.send(
                client, sender="ines@tamp.example", recipient="hanna@vogel.example", mail=mail, limit=limit
            )
        finally:
            client.close()


def test_a_mail_that_a_server_takes_a_byte_at_a_time_certainly_did_not_leave() -> None:
    with server(reads_slowly) as outgoing, within(4), pytest.raises(NotSent) as refused:
        handed_over(outgoing, LONG_MAIL, 0.8)
    assert refused.value.passing


def test_of_a_mail_that_is_there_as_a_whole_nobody_knows_and_the_answer_has_time_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_WITHIN_S", 0.8)
    with server(answers_slowly) as outgoing, within(8), pytest.raises(Exception) as broken:
        handed_over(outgoing, MAIL, 5)
    assert not isinstance(broken.value, NotSent)


def test_time_that_is_over_is_not_renewed_and_lets_nobody_dial() -> None:
    with TimeLimit(0.01) as limit:
        time.sleep(0.1)
        for ask in (limit.left, lambda: limit.renew(5), lambda: limit.holds(socket.socket())):
            with pytest.raises(TimeoutError):
                ask()
