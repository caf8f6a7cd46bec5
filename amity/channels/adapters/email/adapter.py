"""The e-mail channel behind the common protocol of live adapters."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

import structlog
from django.conf import settings as django_settings
from django.utils.translation import gettext as _

from amity.channels.adapters import Description, Login, NotSent, Outgoing, Portion, RawItem, Reader, Trouble
from amity.channels.adapters.email import imap, smtp
from amity.channels.adapters.email.addresses import OurAddresses
from amity.channels.adapters.email.dialling import TimeLimit
from amity.channels.adapters.email.imap import BROKEN, Mailbox, trouble_of
from amity.channels.adapters.email.letter import letter_of
from amity.channels.adapters.email.oauth import access_of
from amity.channels.adapters.email.pulling import Folder
from amity.channels.adapters.email.reader import mail_reader
from amity.channels.adapters.email.servers import MailSettings
from amity.channels.records import Record, Unreadable

log = structlog.get_logger(__name__)

COPY_WITHIN_S = 120.0  # a copy in the folder of sent mail is laid, or looked for, in this time


class MailConnection:
    """One mailbox, watched in its first folder."""

    def __init__(self, box: Mailbox, settings: MailSettings) -> None:
        self._box = box
        self._settings = settings
        self._folders: dict[str, Folder] = {}
        self.can_watch = box.can_idle

    def feeds(self) -> list[str]:
        """The folders of the settings, and that of sent mail so that answers written elsewhere are on record."""
        with _troubles(self._settings.imap.host):
            sent = self._settings.sent_folder or self._box.sent_folder()
        return list(dict.fromkeys((*self._settings.folders, *((sent,) if sent else ()))))

    def pull(self, feed: str, cursor: dict[str, Any], *, at: datetime, sweep: bool) -> Portion:
        folder = self._folders.setdefault(feed, Folder(self._box, feed, self._settings.days))
        with _troubles(self._settings.imap.host):
            return folder.pull(cursor, at=at, sweep=sweep)

    def watch(self, stopping: Event, at_most_s: float) -> bool:
        if not self.can_watch:
            stopping.wait(min(at_most_s, self._settings.poll_s))
            return True
        with _troubles(self._settings.imap.host):
            first = self._settings.folders[0]
            self._box.open(first)
            if first in self._folders and self._box.uid_next > self._folders[first].seen_below:
                return (
                    True  # it came between the last look and this one: the server will not tell of it again
                )
            return self._box.wait(stopping, at_most_s)

    def close(self) -> None:
        self._box.close()


class _troubles:  # noqa: N801  # reads as a statement: with _troubles(host):
    """Failures of the line rise as `Trouble`."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BROKEN):
            raise trouble_of(error, self._host) from error


class EmailAdapter:
    """Mailboxes: IMAP in, SMTP out."""

    def describe(
        self,
        path: Path,  # noqa: ARG002
        saved: Sequence[dict[str, Any]] = (),  # noqa: ARG002
        member: str = "",  # noqa: ARG002
    ) -> Description:
        raise Unreadable("channel", "A mailbox is connected in the settings; it is not read from a file.")

    def open(
        self,
        path: Path,  # noqa: ARG002
        config: dict[str, Any],  # noqa: ARG002
        cursor: Sequence[int | None] | None,  # noqa: ARG002
    ) -> Iterator[RawItem]:
        raise Unreadable("channel", "A mailbox is connected in the settings; it is not read from a file.")

    def reader(self, config: dict[str, Any]) -> Callable[[RawItem], list[Record]]:  # noqa: ARG002
        raise Unreadable("channel", "A mailbox is connected in the settings; it is not read from a file.")

    def connect(self, login: Login) -> MailConnection:
        settings = MailSettings.from_json(login.settings)
        return MailConnection(imap.sign_in(settings, secret=access_of(login, settings)), settings)

    def account_reader(self, login: Login, *, own: Sequence[str], at: datetime) -> Reader:
        return mail_reader(
            own=OurAddresses([*own, *own_addresses(login)]),
            domain=_domain(login.address),
            key=_key(),
            received_at=at,
        )

    def message_id(self, login: Login, key: str) -> str:
        return f"<{key}@{_domain(login.address)}>"

    def carries_files(self, network: str) -> bool:
        return network == "email"

    def send(self, login: Login, message: Outgoing) -> None:
        """Hand it to the account's own server; then lay a copy into the folder of sent mail."""
        settings = MailSettings.from_json(login.settings)
        try:
            mail = letter_of(message, settings, login.address, _key())
        except ValueError as error:
            raise NotSent(_("This is not an address that mail can be sent to.")) from error
        with TimeLimit(smtp.SEND_WITHIN_S) as limit:
            client, secret = _signed_in(login, settings, limit)
            try:
                smtp.send(client, sender=login.address, recipient=message.address, mail=mail, limit=limit)
            finally:
                client.close()
        if settings.append_sent:
            _keep_copy(settings, secret, mail, datetime.fromisoformat(message.sent_at))

    def find_sent(self, login: Login, message: Outgoing) -> bool | None:
        """Whether a copy lies in the folder of sent mail; a missing one says nothing."""
        settings = MailSettings.from_json(login.settings)
        with TimeLimit(COPY_WITHIN_S) as limit:
            box = imap.sign_in(settings, secret=access_of(login, settings), limit=limit)
            try:
                with _troubles(settings.imap.host):
                    folder = settings.sent_folder or box.sent_folder()
                    return True if folder and box.has_message(folder, message.message_id) else None
            finally:
                box.close()


def _signed_in(login: Login, settings: MailSettings, limit: TimeLimit) -> tuple[smtplib.SMTP, str]:
    """A connection to the server for outgoing mail, and what it was opened with. Raises `NotSent`."""
    try:
        secret = access_of(login, settings)
        return smtp.connect(settings, secret, hello=_domain(login.address), limit=limit), secret
    except Trouble as trouble:
        passing = trouble.code in {"mail.silent", "mail.broken", "mail.unreachable"}
        raise NotSent(
            _("The mail server could not be reached: %(words)s") % {"words": trouble.detail}
            if passing
            else _("The mail server does not let us in: %(words)s") % {"words": trouble.detail},
            passing=passing,
        ) from trouble


def own_addresses(login: Login) -> list[str]:
    """The address of an account and its aliases."""
    return [login.address, *MailSettings.from_json(login.settings).aliases]


def _keep_copy(settings: MailSettings, secret: str, mail: bytes, at: datetime) -> None:
    """A copy is a courtesy: the mail has left, so a failure here is logged and nothing else."""
    try:
        with TimeLimit(COPY_WITHIN_S) as limit:
            box = imap.sign_in(settings, secret=secret, limit=limit)
            try:
                folder = settings.sent_folder or box.sent_folder()
                if folder:
                    box.append(folder, mail, at)
            finally:
                box.close()
    except (Trouble, smtplib.SMTPException, *BROKEN) as error:
        log.warning("no copy in the folder of sent mail", kind=type(error).__name__)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _key() -> bytes:
    return hashlib.sha256(f"answer addresses {django_settings.SECRET_KEY}".encode()).digest()


ADAPTER = EmailAdapter()
