"""An IMAP server, only ever looked at: folders are opened read-only and mails are peeked at, nothing is marked.

The one exception is `append`, which lays a copy of what we sent into the folder of sent mail.
"""

from __future__ import annotations

import imaplib
import re
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from imap_tools import BaseMailBox, MailboxLoginError
from imap_tools.errors import ImapToolsError
from imap_tools.utils import encode_folder

from amity.channels.adapters import Trouble
from amity.channels.adapters.email.dialling import TIMEOUT_S, TimeLimit, Unencrypted, context, dial
from amity.channels.adapters.email.servers import STARTTLS, MailSettings
from amity.kernel.http import Refused, TimedOut, Unreachable

_UID_SIZE = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_NUMBER = re.compile(r"\d+")
BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError, Refused, Unreachable, TimedOut)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # whatever the locale
HEAD_BYTES = 64 * 1024


class _Client(imaplib.IMAP4):
    """The standard library's client over a line that was checked before."""

    def __init__(self, settings: MailSettings, limit: TimeLimit | None) -> None:
        self._settings, self._limit = settings, limit
        super().__init__(settings.imap.host, settings.imap.port, TIMEOUT_S)

    def _create_socket(self, timeout: float | None) -> socket.socket:  # noqa: ARG002  # dial knows it
        return dial(self._settings.imap, self._settings, self._limit)


class _MailBox(BaseMailBox):
    def __init__(self, settings: MailSettings, limit: TimeLimit | None) -> None:
        self._settings, self._limit = settings, limit
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _Client(self._settings, self._limit)
        if self._settings.imap.security == STARTTLS:
            client.starttls(context(self._settings))
        return client


class Mailbox:
    """A signed-in connection. Every method may raise one of `BROKEN`; then it is of no more use."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box
        self.uid_validity = 0
        self.uid_next = 0

    @property
    def _client(self) -> Any:
        return self._box.client

    def close(self) -> None:
        """Leave without waiting for anybody."""
        with suppress(*BROKEN):
            self._client.shutdown()

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._client.capabilities

    def folders(self) -> list[tuple[str, tuple[str, ...]]]:
        """Names and flags of all folders."""
        return [(one.name, tuple(one.flags)) for one in self._box.folder.list()]

    def sent_folder(self) -> str:
        """The folder of sent mail: the one that says so (RFC 6154), else one of the usual names, else empty."""
        found = self.folders()
        for name, flags in found:
            if "\\Sent" in flags:
                return name
        usual = {"sent", "sent items", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte",
                 "envoyés", "enviados", "inbox.sent"}  # fmt: skip
        return next((name for name, _flags in found if name.lower() in usual), "")

    def open(self, folder: str) -> None:
        """Look into a folder; sets `uid_validity` and `uid_next`."""
        status, _lines = self._client.select(encode_folder(folder), readonly=True)
        if status != "OK":
            raise Trouble("mail.no_folder", folder)
        self.uid_validity = _number(self._client.response("UIDVALIDITY")[1])
        self.uid_next = _number(self._client.response("UIDNEXT")[1])

    def uids(self, *, since: datetime | None = None, above: int = 0) -> list[int]:
        """Ids of what lies in the open folder, in order: of mails that came since a day, above an id."""
        criteria = []
        if above:
            criteria.append(f"UID {above + 1}:*")
        if since is not None:
            day = since.astimezone(UTC)
            criteria.append(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")
        status, lines = self._client.uid("SEARCH", *(criteria or ["ALL"]))
        if status != "OK":
            raise imaplib.IMAP4.error("SEARCH was refused")
        found = sorted({int(uid) for line in lines if line for uid in line.split()})
        return [uid for uid in found if uid > above]  # "n:*" also names the last one when it is below n

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Bytes of each of these mails that is still there."""
        found = {}
        for part in self._fetch(uids, "(UID RFC822.SIZE)"):
            line = part[0] if isinstance(part, tuple) else part
            uid, size = _UID_SIZE.search(line), _SIZE.search(line)
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return found

    def mails(self, uids: Sequence[int], *, head_only: bool = False) -> dict[int, bytes]:
        """The bytes of each of these mails that is still there, as the server has them."""
        what = f"BODY.PEEK[]<0.{HEAD_BYTES}>" if head_only else "BODY.PEEK[]"
        found: dict[int, bytes] = {}
        parts = self._fetch(uids, f"(UID {what})")
        for index, part in enumerate(parts):
            if not isinstance(part, tuple):
                continue
            # A server may name the UID before the literal or behind it.
            behind = parts[index + 1] if index + 1 < len(parts) else b""
            uid = _UID_SIZE.search(part[0]) or (
                _UID_SIZE.search(behind) if isinstance(behind, bytes) else None
            )
            if uid:
                found[int(uid[1])] = bytes(part[1])
        return found

    def _fetch(self, uids: Sequence[int], what: str) -> list[Any]:
        if not uids:
            return []
        status, parts = self._client.uid("FETCH", ",".join(map(str, uids)), what)
        if status != "OK":
            raise imaplib.IMAP4.error("FETCH was refused")
        return [part for part in parts if part is not None]

    def has_message(self, folder: str, message_id: str) -> bool:
        """Whether a mail with this Message-ID lies in a folder."""
        self.open(folder)
        quoted = '"' + message_id.replace("\\", "\\\\").replace('"', '\\"') + '"'
        status, lines = self._client.uid("SEARCH", "HEADER", "Message-ID", quoted)
        return status == "OK" and any(line for line in lines)

    def append(self, folder: str, mail: bytes, at: datetime) -> None:
        """Lay a copy into a folder, marked as seen."""
        status, _lines = self._client.append(
            encode_folder(folder), "(\\Seen)", imaplib.Time2Internaldate(at.astimezone(UTC)), mail
        )
        if status != "OK":
            raise imaplib.IMAP4.error("APPEND was refused")

    def wait(self, stopping: threading.Event, at_most_s: float) -> bool:
        """Wait until the server tells of a change in the open folder (True) or the time is over."""
        self._box.idle.start()  # type: ignore[no-untyped-call]
        until = time.monotonic() + at_most_s
        changed = False
        while not changed and not stopping.is_set() and (left := until - time.monotonic()) > 0:
            changed = self._has_something(min(left, 2.0))
        self._box.idle.stop()  # type: ignore[no-untyped-call]
        return changed

    def _has_something(self, timeout_s: float) -> bool:
        """Whether a line came. What came together with the answer to IDLE lies in a buffer, where no poll sees it."""
        line = self._client.sock
        line.settimeout(0)
        try:
            if self._client.file.peek(1):
                return True
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            line.settimeout(TIMEOUT_S)
        started = time.monotonic()
        heard = self._box.idle.poll(timeout=timeout_s)
        # An early end without a line is the end of the connection: leaving IDLE will say so.
        return bool(heard) or time.monotonic() - started < timeout_s * 0.9


def sign_in(settings: MailSettings, *, secret: str, limit: TimeLimit | None = None) -> Mailbox:
    """Connect and sign in. `secret` is the password, or the access token of OAuth2. Raises `Trouble`."""
    box = None
    try:
        box = _MailBox(settings, limit)
        if settings.sign_in == "oauth2":
            box.xoauth2(settings.user, secret, initial_folder=None)
        elif settings.user.isascii() and secret.isascii():
            box.login(settings.user, secret, initial_folder=None)
        else:
            box.login_utf8(settings.user, secret, initial_folder=None)
        box.client._get_capabilities()  # servers say more after the login
    except BROKEN as error:
        if box is not None:
            Mailbox(box).close()
        raise trouble_of(error, settings.imap.host, limit) from error
    return Mailbox(box)


def trouble_of(error: Exception, host: str, limit: TimeLimit | None = None) -> Trouble:
    """What a failure of the line means, as a code that the screens put into words."""
    if limit is not None and limit.is_over:
        return Trouble("mail.silent", host)
    if isinstance(error, Trouble):
        return error
    if isinstance(error, Unencrypted):
        return Trouble("mail.unencrypted", host)
    if isinstance(error, Refused):
        return Trouble("mail.private_address", error.message)
    if isinstance(error, Unreachable | TimedOut):
        return Trouble("mail.unreachable", error.message)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble("mail.certificate", error.verify_message)
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError) or "TLS not supported" in str(error):
        return Trouble("mail.no_tls", host)
    if isinstance(error, MailboxLoginError) or (
        isinstance(error, imaplib.IMAP4.error)
        and not isinstance(error, imaplib.IMAP4.abort)
        and ("AUTH" in str(error).upper() or "LOGIN" in str(error).upper())
    ):
        return Trouble("mail.sign_in", _said(error))
    if isinstance(error, TimeoutError):
        return Trouble("mail.silent", host)
    return Trouble("mail.broken", _said(error))


def _said(error: Exception) -> str:
    """What the server said, without what a program made of it."""
    found = re.search(r"\[b?['\"](.*)['\"]\]", str(error)) or re.search(r"b['\"](.*)['\"]", str(error))
    return (found[1] if found else str(error))[:300]


def _number(lines: Iterator[Any] | Sequence[Any] | None) -> int:
    said = b"".join(line for line in lines or () if isinstance(line, bytes)).decode("ascii", "ignore")
    found = _NUMBER.search(said)
    return int(found[0]) if found else 0
