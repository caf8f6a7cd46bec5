"""Try the servers of an account step by step, without keeping or sending anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from amity.channels.adapters import Trouble
from amity.channels.adapters.email import imap, smtp
from amity.channels.adapters.email.imap import BROKEN, trouble_of
from amity.channels.adapters.email.servers import MailSettings


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trial: `name` is `incoming`, `folders` or `outgoing`; `problem` the code of what is wrong."""

    name: str
    problem: str = ""
    detail: str = ""
    mails: int = 0

    @property
    def is_good(self) -> bool:
        return not self.problem


def try_out(settings: MailSettings, secret: str) -> list[Step]:
    """Sign in at both servers and look into the first folder; what fails does not stop what is independent of it."""
    return [*_incoming(settings, secret), _outgoing(settings, secret)]


def _incoming(settings: MailSettings, secret: str) -> Iterator[Step]:
    try:
        box = imap.sign_in(settings, secret=secret)
    except Trouble as trouble:
        yield Step("incoming", trouble.code, trouble.detail)
        return
    yield Step("incoming", detail=settings.imap.host)
    try:
        box.open(settings.folders[0])
        yield Step("folders", detail=box.sent_folder(), mails=len(box.uids()))
    except (Trouble, *BROKEN) as error:
        found = trouble_of(error, settings.imap.host)
        yield Step("folders", found.code, found.detail)
    finally:
        box.close()


def _outgoing(settings: MailSettings, secret: str) -> Step:
    try:
        smtp.connect(settings, secret, hello=settings.user.rpartition("@")[2] or "localhost").close()
    except Trouble as trouble:
        return Step("outgoing", trouble.code, trouble.detail)
    return Step("outgoing", detail=settings.smtp.host)
