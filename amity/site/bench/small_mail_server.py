"""A mail server of a hundred lines, for what OpenSMTPD cannot do: it hands a mail on by LMTP before it says yes.

It stands in for OpenSMTPD in the tests of people who are not root, and speaks TLS: from the first byte, or by STARTTLS;
there one has to sign in. A mail to `refusing` is taken, and comes back with a report.
"""

from __future__ import annotations

import base64
import smtplib  # noqa: TID251  # to a server of our own, on the loopback
import socketserver
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

_REPORT = """\
From: Mailer Daemon <MAILER-DAEMON@{host}>\r
To: {sender}\r
Subject: Delivery status notification: error\r
Message-ID: <report-{number}@{host}>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b{number}\r
\r
--b{number}\r
Content-Type: text/plain\r
\r
An error has occurred while attempting to deliver a message to {recipient}: no such user\r
--b{number}\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; {host}\r
\r
Final-Recipient: rfc822; {recipient}\r
Action: failed\r
Status: 5.1.1\r
\r
--b{number}\r
Content-Type: text/rfc822-headers\r
\r
{head}\r
--b{number}--\r
"""


@dataclass(frozen=True, slots=True)
class Rules:
    """Where mails go on to, which user may sign in, whose mail comes back, and the certificate (with its key)."""

    lmtp: int
    user: str
    password: str
    refusing: str
    certificate: Path | None
    host: str = "mx.example"


class SmallMailServer:
    """Listens on the loopback until it is stopped: `plain`, and with a certificate `starttls` and `tls`."""

    def __init__(self, rules: Rules, *, plain: int | None, starttls: int, tls: int) -> None:
        ports: list[tuple[int, ssl.SSLContext | None, bool]] = []
        if plain is not None:
            ports.append((plain, None, False))
        if rules.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(rules.certificate)
            ports += [(starttls, context, False), (tls, context, True)]
        self._listening = [_Listening(port, rules, context, at_once) for port, context, at_once in ports]
        for one in self._listening:
            threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        for one in self._listening:
            one.shutdown()
            one.server_close()


class _Listening(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, rules: Rules, context: ssl.SSLContext | None, at_once: bool) -> None:
        self.rules, self.context, self.at_once = rules, context, at_once
        super().__init__(("127.0.0.1", port), _Talk)

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that breaks is the business of the other side."""


class _Talk(socketserver.StreamRequestHandler):
    server: _Listening

    def setup(self) -> None:
        if self.server.at_once and self.server.context:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self._is_safe, self._may_send = self.server.at_once, self.server.context is None
        self._sender, self._to = "", list[str]()
        super().setup()

    def handle(self) -> None:
        self._say(f"220 {self.server.rules.host} here")
        while line := self.rfile.readline():
            words = line.decode("utf-8", "replace").strip()
            verb = words.partition(" ")[0].upper()
            if verb == "QUIT":
                return self._say("221 bye")
            answer = getattr(self, f"_on_{verb.lower()}", None)
            self._say(answer(words) if answer else "502 not known here")
        return None

    def _say(self, answer: str) -> None:
        if answer:
            self.wfile.write(answer.encode() + b"\r\n")

    def _on_ehlo(self, _words: str) -> str:
        more = ["8BITMIME"]
        if self.server.context and not self._is_safe:
            more.append("STARTTLS")
        if self._is_safe:
            more.append("AUTH PLAIN")
        return "\r\n".join([*(f"250-{one}" for one in [self.server.rules.host, *more]), "250 HELP"])

    def _on_starttls(self, _words: str) -> str:
        if not self.server.context or self._is_safe:
            return "502 not here"
        self._say("220 go on")
        self.request = self.connection = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self._is_safe = True
        return ""

    def _on_auth(self, words: str) -> str:
        rules, said = self.server.rules, words.split()
        wanted = base64.b64encode(f"\0{rules.user}\0{rules.password}".encode()).decode()
        self._may_send = self._is_safe and said[1:] == ["PLAIN", wanted]
        return "235 welcome" if self._may_send else "535 no"

    def _on_mail(self, words: str) -> str:
        if not self._may_send:
            return "530 sign in first"
        self._sender, self._to = _address(words), []
        return "250 ok"

    def _on_rcpt(self, words: str) -> str:
        self._to.append(_address(words))
        return "250 ok"

    def _on_data(self, _words: str) -> str:
        self._say("354 go")
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b"..") else line)
        try:
            self._pass_on(b"".join(lines))
        except (OSError, smtplib.SMTPException):
            return "451 later"
        return "250 taken"

    def _on_rset(self, _words: str) -> str:
        self._to = []
        return "250 ok"

    def _pass_on(self, mail: bytes) -> None:
        rules = self.server.rules
        with smtplib.LMTP("127.0.0.1", rules.lmtp) as client:
            if there := [one for one in self._to if one != rules.refusing]:
                client.sendmail(self._sender, there, mail)
            if self._sender and rules.refusing in self._to:
                client.sendmail("", [self._sender], _report(mail, self._sender, rules))

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()


def _address(words: str) -> str:
    return words.partition("<")[2].partition(">")[0]


def _report(mail: bytes, sender: str, rules: Rules) -> bytes:
    head = "\r\n".join(f"{name}: {value}" for name, value in message_from_bytes(mail).items())
    return _REPORT.format(
        host=rules.host, sender=sender, recipient=rules.refusing, number=time.time_ns(), head=head
    ).encode()
