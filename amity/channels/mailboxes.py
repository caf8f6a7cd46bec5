"""Mailboxes as people choose them: connected after a trial, read back without their password, changed, tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels import accounts
from amity.channels.adapters import Trouble
from amity.channels.adapters.email.oauth import access_of
from amity.channels.adapters.email.servers import MailSettings, Server
from amity.channels.adapters.email.trial import WITHIN_S, Step, try_out
from amity.channels.models import Account
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import DomainError, Invalid
from amity.kernel.models import Team

MOST_TRIALS = 2
"""At once in one process of the web: each holds one of its threads for as long as its servers like, up to a limit."""
_trials = threading.BoundedSemaphore(MOST_TRIALS)


class TrialFailed(Invalid):
    """The servers did not let us in, so nothing was kept. `steps` says where it ended."""

    code = "mailbox.trial_failed"

    def __init__(self, steps: list[Step]) -> None:
        super().__init__(_("The connection does not work yet, so nothing was kept."))
        self.steps = steps


class TooManyTrials(DomainError):
    """Others are being tried, and a trial may take a while. `wait_s` says how long at most."""

    code = "mailbox.too_many_trials"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _("Other mailboxes are being tried just now. Try it again in a minute."), wait_s=round(WITHIN_S)
        )


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Around a trial. Raises `TooManyTrials` instead of waiting: who waits holds a thread too."""
    if not _trials.acquire(blocking=False):
        raise TooManyTrials
    try:
        yield
    finally:
        _trials.release()


@dataclass(frozen=True, slots=True)
class Choices:
    """What people choose of a mailbox. `is_own_server`: it stands in our own network and may go without encryption."""

    imap: Server
    smtp: Server
    user: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    append_sent: bool = True
    thread_by_address: bool = False
    is_own_server: bool = False

    @classmethod
    def of(cls, settings: MailSettings) -> Choices:
        """What was chosen of a connected one."""
        return cls(
            imap=settings.imap, smtp=settings.smtp, user=settings.user, name=settings.name,
            aliases=settings.aliases, append_sent=settings.append_sent,
            thread_by_address=settings.thread_by_address, is_own_server=bool(settings.allow),
        )  # fmt: skip

    def settings(self, before: MailSettings | None, *, steers: bool) -> dict[str, Any]:
        """The settings of an account; what nobody chooses stays as it was.

        Only who `steers` the sources of everybody says that a server is our own; of others that stays as it was.
        """
        allowed = list(before.allow) if before else []
        if steers:
            allowed = [self.imap.host.strip(), self.smtp.host.strip()] if self.is_own_server else []
        return {
            **(before.to_json() if before else {}),
            "imap": _plain(self.imap),
            "smtp": _plain(self.smtp),
            "user": self.user,
            "name": self.name,
            "aliases": sorted({alias.strip().lower() for alias in self.aliases if "@" in alias}),
            "append_sent": self.append_sent,
            "thread_by_address": self.thread_by_address,
            "allow": allowed,
        }


def _plain(server: Server) -> dict[str, Any]:
    return {"host": server.host.strip(), "port": server.port, "security": server.security}


def steers(actor: Actor) -> bool:
    """Whether the actor decides on mailboxes of everybody and of teams, not on their own alone."""
    return policy.may(actor, "write", "source")


def connect_mailbox(
    address: str, *, chosen: Choices, password: str, days: int | None, actor: Actor, at: datetime,
    team_id: UUID | None = None, personal: bool = False, anyway: bool = False,
) -> Account:  # fmt: skip
    """Try the servers, then keep the mailbox; with `anyway` it is kept although they do not let us in yet.

    Raises `Forbidden`, `Invalid`, `TooManyTrials`, `TrialFailed`, and `Conflict` for an address that is connected
    already: of a mailbox that the actor may not know of only after a trial that shows that it is theirs to open, or
    with `anyway`, for an address is connected once (docs/explanation/who-may-see-what.md).
    """
    policy.require(actor, "write", "own_source" if personal else "source")
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        gone = _("This team is gone.")
        raise Invalid(gone, fields={"team_id": gone})
    address = accounts.free_address(address, known_to=actor)
    settings = chosen.settings(None, steers=steers(actor)) | {"days": days}
    if not anyway:
        with _one_of_few():
            steps = try_out(MailSettings.from_json(settings), password)
        if not all(step.is_good for step in steps):
            raise TrialFailed(steps)
    return accounts.connect(
        adapter="email", address=address, name=chosen.name, settings=settings, secret={"password": password},
        actor=actor, at=at, team_id=team_id, personal=personal,
    )  # fmt: skip


def change_mailbox(
    source_id: UUID, changes: dict[str, Any], *, password: str, actor: Actor, at: datetime,
    unchanged: Callable[[Account], None] | None = None,
) -> Account:  # fmt: skip
    """Choose some of `Choices` anew; an empty `password` keeps the stored one, which goes to no other server or user.

    `unchanged` may refuse: it sees the account while it is locked for this change.
    """
    with transaction.atomic():
        account = accounts.locked(source_id, actor)
        if unchanged is not None:
            unchanged(account)
        before = MailSettings.from_json(account.settings)
        chosen = replace(Choices.of(before), **changes)
        return accounts.change(
            source_id, actor=actor, at=at, settings=chosen.settings(before, steers=steers(actor)),
            secret={"password": password} if password else None, name=chosen.name,
        )  # fmt: skip


def try_mailbox(account: Account, *, actor: Actor) -> list[Step]:
    """Sign in at its servers now, without keeping or sending anything. Raises `Forbidden`, `TooManyTrials`."""
    policy.require(actor, "write", "own_source" if account.source.owner_id else "source")
    settings = MailSettings.from_json(account.settings)
    with _one_of_few():
        try:
            secret = access_of(accounts.login_of(account), settings)
        except Trouble as trouble:  # there is nothing to sign in with
            return [Step(name, trouble.code, trouble.detail) for name in ("incoming", "outgoing")]
        return try_out(settings, secret)
