"""Hand a mail to the account's own server, knowing afterwards whether it was taken, refused, or nobody knows.

A server takes a mail with its answer to the dot behind it. Until that dot leaves us the mail has certainly not been
sent; when the line breaks between the dot and the answer, nobody can tell.
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
from contextlib import suppress

from django.utils.translation import gettext as _

from amity.channels.adapters import NotSent, Trouble
from amity.channels.adapters.email.dialling import TIMEOUT_S, TimeLimit, context, dial
from amity.channels.adapters.email.imap import BROKEN, trouble_of
from amity.channels.adapters.email.servers import STARTTLS, MailSettings

_LINE_END = re.compile(rb"\r\n|\r|\n")
PIECE_BYTES = 65_536
ANSWER_WITHIN_S = 120.0  # servers look a mail over before they answer to the dot
SEND_WITHIN_S = 600.0  # for all that comes before the dot, however slow the line is


class _Client(smtplib.SMTP):
    """The standard library's client over a line that was checked before."""

    def __init__(self, settings: MailSettings, hello: str, limit: TimeLimit) -> None:
        self._settings, self.limit = settings, limit
        super().__init__(settings.smtp.host, settings.smtp.port, local_hostname=hello, timeout=TIMEOUT_S)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002  # dial knows
        return dial(self._settings.smtp, self._settings, self.limit)


def connect(settings: MailSettings, secret: str, *, hello: str, limit: TimeLimit) -> smtplib.SMTP:
    """Connect and sign in. Raises `Trouble`."""
    client = None
    try:
        client = _Client(settings, hello, limit)
        client.ehlo()
        if settings.smtp.security == STARTTLS:
            client.starttls(context=context(settings))
            client.ehlo()
        if client.has_extn("auth"):
            _sign_in(client, settings, secret)
    except (*BROKEN, smtplib.SMTPException, UnicodeError) as error:
        if client is not None:
            client.close()
        if isinstance(error, smtplib.SMTPAuthenticationError):
            raise Trouble("mail.sign_in", _words(error.smtp_error)) from error
        if isinstance(error, smtplib.SMTPResponseException) and not limit.is_over:
            raise Trouble("mail.broken", _words(error.smtp_error)) from error
        raise trouble_of(error, settings.smtp.host, limit) from error
    return client


def _sign_in(client: smtplib.SMTP, settings: MailSettings, secret: str) -> None:
    if settings.sign_in != "oauth2":
        client.login(settings.user, secret)
        return
    said = base64.b64encode(f"user={settings.user}\1auth=Bearer {secret}\1\1".encode()).decode()
    code, answer = client.docmd("AUTH", f"XOAUTH2 {said}")
    if code == 334:  # the reason, after which the server wants an empty line
        code, answer = client.docmd("")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def send(client: smtplib.SMTP, *, sender: str, recipient: str, mail: bytes, limit: TimeLimit) -> None:
    """Hand over one mail. Raises `NotSent` where it certainly did not leave; any other exception: nobody knows.

    `limit` is that of the connection; when the mail is there as a whole, the server has `ANSWER_WITHIN_S` to answer.
    """
    body = _LINE_END.sub(b"\r\n", mail)
    _require_taken(client, len(body))
    options = ["BODY=8BITMIME"] if client.has_extn("8bitmime") else []
    options += [f"SIZE={len(body)}"] if client.has_extn("size") else []
    try:
        _expect(client.mail(sender, options))
        _expect(client.rcpt(recipient))
        _expect(client.docmd("DATA"), 354)
        body = re.sub(rb"(?m)^\.", b"..", body) + (b"" if body.endswith(b"\r\n") else b"\r\n")
        for start in range(
            0, len(body), PIECE_BYTES
        ):  # each has the time of the line, however large the files
            client.send(body[start : start + PIECE_BYTES])
        limit.renew(ANSWER_WITHIN_S)
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise NotSent(_("The line to the mail server broke before it was sent."), passing=True) from error
    assert client.sock is not None
    client.sock.settimeout(ANSWER_WITHIN_S)
    client.send(b".\r\n")  # from here to the answer nobody knows
    _expect(client.getreply())
    with suppress(OSError, smtplib.SMTPException):
        client.quit()


def _require_taken(client: smtplib.SMTP, size_bytes: int) -> None:
    """Refuse what the server said it does not take (RFC 1870), before all of it travels there."""
    most = client.esmtp_features.get("size", "")
    if most.isdecimal() and 0 < int(most) < size_bytes:
        raise NotSent(
            _(
                "The mail has %(size)s MB with its files; its mail server takes %(most)s MB. Send smaller files."
            )
            % {"size": f"{size_bytes / 1_000_000:.1f}", "most": f"{int(most) / 1_000_000:.1f}"}
        )


def _expect(answer: tuple[int, bytes], code: int = 250) -> None:
    """Raise `NotSent` with the words of the server unless it said yes. Refusals below 500 pass."""
    found, said = answer
    if found == code or (code == 250 and found in {251, 252}):
        return
    words = _words(said)
    if found == -1:  # smtplib's number for a line that is gone
        raise smtplib.SMTPServerDisconnected(words)
    is_passing = 400 <= found < 500
    reason = (
        _("The mail server put it off: %(words)s")
        if is_passing
        else _("The mail server refused it: %(words)s")
    )
    raise NotSent(reason % {"words": f"{found} {words}"}, passing=is_passing)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]
