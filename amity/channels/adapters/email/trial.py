"""Try the servers of an account step by step, without keeping or sending anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from amity.channels.adapters import Trouble
from amity.channels.adapters.email import imap, smtp
from amity.channels.adapters.email.dialling import TimeLimit
from amity.channels.adapters.email.imap import BROKEN, trouble_of
from amity.channels.adapters.email.servers import MailSettings

WITHIN_S = 45.0  # the whole of it: somebody waits before a screen, and a thread of the web with them


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


def try_out(settings: MailSettings, secret: str, *, within_s: float = WITHIN_S) -> list[Step]:
    """Sign in at both servers and look into the first folder; what fails does not stop what is independent of it.

    Incoming mail has two thirds of the time, so that a server that never comes to an end leaves some for the other.
    """
    with TimeLimit(within_s * 2 / 3) as limit:
        incoming = list(_incoming(settings, secret, limit))
    with TimeLimit(within_s / 3) as limit:
        return [*incoming, _outgoing(settings, secret, limit)]


def _incoming(settings: MailSettings, secret: str, limit: TimeLimit) -> Iterator[Step]:
    try:
        box = imap.sign_in(settings, secret=secret, limit=limit)
    except Trouble as trouble:
        yield Step("incoming", trouble.code, trouble.detail)
        return
    yield Step("incoming", detail=settings.imap.host)
    try:
        box.open(settings.folders[0])
        yield Step("folders", detail=box.sent_folder(), mails=len(box.uids()))
    except (Trouble, *BROKEN) as error:
        found = trouble_of(error, settings.imap.host, limit)
        yield Step("folders", found.code, found.detail)
    finally:
        box.close()


def _outgoing(settings: MailSettings, secret: str, limit: TimeLimit) -> Step:
    hello = settings.user.rpartition("@")[2] or "localhost"
    try:
        smtp.connect(settings, secret, hello=hello, limit=limit).close()
    except Trouble as trouble:
        return Step("outgoing", trouble.code, trouble.detail)
    return Step("outgoing", detail=settings.smtp.host)
