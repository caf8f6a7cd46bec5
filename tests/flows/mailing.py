"""The shortest way to a connected mailbox and to mails in it, for stories about mail."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone

from amity.channels import accounts, taking
from amity.channels.adapters import LiveAdapter, live_adapter
from amity.channels.models import Account
from amity.kernel.actor import SYSTEM, Actor
from amity.site import ingest
from amity.site.bench.mail_servers import DOMAIN, MailServers

_number = count(1)


def a_mailbox(
    mail: MailServers, at: datetime, *, name: str = "", actor: Actor = SYSTEM, **more: Any
) -> Account:
    """An account with a mailbox of its own on the real server."""
    address = f"{name or 'support'}{next(_number)}@{DOMAIN}"
    personal = bool(more.pop("personal", False))
    return accounts.connect(
        adapter="email", address=address, name=address, settings=dict(mail.settings(address, **more)),
        secret={"password": mail.password}, actor=actor, at=at, personal=personal,
    )  # fmt: skip


def the_adapter() -> LiveAdapter:
    found = live_adapter("email")
    assert found is not None
    return found


def look(account: Account, *, sweep: bool = True) -> int:
    """Connect, read all that is there, and let go; how many items were new."""
    account = accounts.account_of(account.pk) or account
    line = the_adapter().connect(accounts.login_of(account))
    try:
        return taking.bring_up_to_date(
            account, line, the_adapter(), deliver=ingest.deliver, clock=timezone.now, sweep=sweep
        )
    finally:
        line.close()


def until(true: Callable[[], object], within_s: float = 20.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def arrived(mail: MailServers, user: str, how_many: int = 1, folder: str = "") -> list[bytes]:
    """The mails of somebody, when so many are there."""
    until(lambda: len(mail.mails_of(user, folder)) >= how_many)
    return mail.mails_of(user, folder)
