"""The verbs of live accounts: connect, change, pause, go on, read again, remove; and the ledger of what happened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from amity.channels.adapters import Login, Trouble, adapter, live_adapter
from amity.channels.models import ACCOUNT_LIFE, Account, AccountState, Feed, LedgerEntry, Source
from amity.kernel import policy, vault
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Transition

PURPOSE = "channels.account"


def connect(
    *, adapter: str, address: str, name: str, settings: dict[str, Any], secret: dict[str, Any], actor: Actor,
    at: datetime, team_id: UUID | None = None, personal: bool = False,
) -> Account:  # fmt: skip
    """A new account and the source that it feeds: everybody's, one team's, or with `personal` the actor's own.

    Raises `Invalid` for an address that is no address and `Conflict` for one that is connected already.
    """
    policy.require(actor, "write", _resource(personal=personal))
    if live_adapter(adapter) is None:
        raise Invalid(_("There is no such channel."))
    with _once(), transaction.atomic():
        address = free_address(address)
        source = Source.objects.create(
            key=_key(address), adapter=adapter, name=(name or address)[:120], created_at=at,
            team_id=None if personal else team_id, owner_id=actor.staff_id if personal else None,
        )  # fmt: skip
        account = Account.objects.create(
            source=source, address=address, settings=settings, secret=_sealed(secret),
            created_by_id=actor.staff_id, created_at=at,
        )  # fmt: skip
        note(account, "connected", at=at, actor=actor)
    _announce(account)
    return account


def change(
    source_id: UUID, *, actor: Actor, at: datetime, settings: dict[str, Any] | None = None,
    secret: dict[str, Any] | None = None, name: str | None = None,
) -> Account:  # fmt: skip
    """Other settings or another secret; what troubled the account is forgotten and it is tried at once.

    Raises `Invalid` where the stored secret would go to another server or under another name than it was given for.
    """
    with transaction.atomic():
        account = locked(source_id, actor)
        if settings is not None and secret is None and _places(settings) != _places(account.settings):
            again = _("Enter the password again: it is for another server or user name now.")
            raise Invalid(again, fields={"password": again})
        if settings is not None:
            account.settings = settings
        if secret is not None:
            account.secret = _sealed(secret)
        if name:
            account.source.name = name[:120]
            account.source.save(update_fields=["name"])
        account.try_at, account.attempts = None, 0
        account.save(update_fields=["settings", "secret", "try_at", "attempts"])
        note(account, "changed", at=at, actor=actor)
    _announce(account)
    return account


def pause(source_id: UUID, *, actor: Actor, at: datetime) -> Account:
    """Neither read nor send until it goes on; nothing is lost, the server keeps what comes."""
    return _move(source_id, AccountState.PAUSED, actor=actor, at=at, kind="paused")


def go_on(source_id: UUID, *, actor: Actor, at: datetime) -> Account:
    """Read and send again, from where it was."""
    return _move(source_id, AccountState.ACTIVE, actor=actor, at=at, kind="went_on")


def remove(source_id: UUID, *, actor: Actor, at: datetime) -> Account:
    """Disconnect it and forget its secret. What it brought stays, with its conversations."""
    with transaction.atomic():
        account = _move(source_id, AccountState.REMOVED, actor=actor, at=at, kind="removed")
        Account.objects.filter(pk=account.pk).update(secret="", problem="", detail="", problem_since=None)
    return account


def _move(source_id: UUID, to: AccountState, *, actor: Actor, at: datetime, kind: str) -> Account:
    with transaction.atomic():
        account = locked(source_id, actor)
        ACCOUNT_LIFE.check(account.state, to)
        Transition.objects.create(
            subject="account",
            subject_id=account.pk,
            before=account.state,
            after=to,
            staff_id=actor.staff_id,
            at=at,
        )
        account.state, account.watching, account.try_at, account.attempts = to, False, None, 0
        account.save(update_fields=["state", "watching", "try_at", "attempts"])
        note(account, kind, at=at, actor=actor)
    _announce(account)
    return account


def read_again(source_id: UUID, *, actor: Actor, at: datetime, days: int | None = None) -> Account:
    """Compare all that lies on the server with what came, as far back as `days`; what came before stays the same."""
    with transaction.atomic():
        account = locked(source_id, actor)
        if account.state != AccountState.ACTIVE:
            raise Conflict(_("This account is paused. Let it go on first."))
        account.settings = {**account.settings, "days": days}
        account.try_at, account.attempts, account.looked_at = None, 0, None
        account.save(update_fields=["settings", "try_at", "attempts", "looked_at"])
        Feed.objects.filter(account=account).update(cursor={})
        note(account, "asked", at=at, actor=actor, figures={} if days is None else {"days": days})
    _announce(account)
    return account


def note(
    account: Account, kind: str, *, at: datetime, actor: Actor | None = None, feed: str = "",
    figures: dict[str, int] | None = None, problem: str = "", detail: str = "",
) -> None:  # fmt: skip
    """A line in the ledger."""
    LedgerEntry.objects.create(
        account=account, at=at, kind=kind, feed=feed, figures=figures or {}, problem=problem, detail=detail[:500],
        staff_id=actor.staff_id if actor else None,
    )  # fmt: skip


def login_of(account: Account) -> Login:
    """The account as its adapter needs it. The secret is opened when it is asked for, for the servers it was given for.

    One that was renewed takes the place of the one it was made of, and of no other: whoever entered another meanwhile,
    or disconnected the account, has the last word.
    """

    def refreshed(secret: dict[str, Any]) -> None:
        sealed = _sealed(secret)
        if Account.objects.filter(pk=account.pk, secret=account.secret).update(secret=sealed):
            account.secret = sealed

    return Login(
        address=account.address,
        settings=account.settings,
        secret=lambda: _opened(account),
        folder=folder_of(account.source),
        refreshed=refreshed,
    )


def login_to(source: Source) -> Login:
    """The way out through a source: its account, or for one without (a file) only the folder for what leaves."""
    account = account_of(source.id)
    if account is not None:
        return login_of(account)
    return Login(address="", settings={}, secret=dict, folder=folder_of(source))


def folder_of(source: Source) -> Path:
    """Where the files of a source lie that leave the house."""
    return Path(settings.HOME) / "outbox" / source.key


def sending_accounts(source: Source) -> list[Account]:
    """Accounts through which what came to `source` may be answered: its own first, then those that the same people see.

    Others are left out: the answer to an answer would come in where some of them do not see it.
    """
    team, owner = source.team_id, source.owner_id
    known = Account.objects.select_related("source").filter(
        Q(source__team_id=team) if team else Q(source__team_id__isnull=True),
        Q(source__owner_id=owner) if owner else Q(source__owner_id__isnull=True),
        state=AccountState.ACTIVE,
    )
    return sorted(known, key=lambda one: (one.pk != source.id, one.address))


def why_it_cannot_send(source: Source) -> str:
    """In words, empty where nothing stands against it."""
    if live_adapter(source.adapter) is None:
        return ""
    account = account_of(source.id)
    if account is None:
        return _("Its account was never connected.")
    if account.state != AccountState.ACTIVE:
        return _("The account %(address)s is paused or removed. Choose another one, or let it go on.") % {
            "address": account.address
        }
    return ""


def carries_files(source: Source, network: str) -> bool:
    """Whether files leave with a message through this source to an address of this network."""
    try:
        return adapter(source.adapter).carries_files(network)
    except LookupError:
        return False


def own_addresses() -> list[str]:
    """Every address at which we are reached: of shared accounts, with their aliases, and of colleagues.

    A personal mailbox adds no more than the address under which its owner is known: whatever else somebody enters
    there must not turn customers into colleagues everywhere. It holds for the mailbox itself.
    """
    known = Account.objects.exclude(state=AccountState.REMOVED)
    personal = known.filter(source__owner__email__iexact=F("address"))
    found = list(personal.values_list("address", flat=True))
    shared = known.filter(source__owner__isnull=True)
    for address, kept in shared.values_list("address", "settings"):
        found += [address, *_strings(kept.get("aliases"))]
    return found


def account_of(source_id: UUID) -> Account | None:
    """The account behind a source; None where it is no live one."""
    return Account.objects.select_related("source").filter(pk=source_id).first()


def _strings(found: object) -> Iterable[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list | tuple) else []


def locked(source_id: UUID, actor: Actor) -> Account:
    """The account, for a change within this transaction. Raises `NotFound`, and `Forbidden` where others change it."""
    found = (
        Account.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("source")
        .filter(pk=source_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such account."))
    policy.require(actor, "write", _resource(personal=found.source.owner_id is not None))
    return found


class Connected(Conflict):
    """An address belongs to one mailbox."""

    def __init__(self) -> None:
        super().__init__(_("This address is connected already."))


def free_address(address: str, *, known_to: Actor = SYSTEM) -> str:
    """The address as it is kept. Raises `Invalid` for what is none and `Conflict` for one that is connected already,
    as far as the mailbox is `known_to` them."""
    address = mail_address(address)
    there = Account.objects.visible_to(known_to).filter(address=address)
    if there.exclude(state=AccountState.REMOVED).exists():
        raise Connected
    return address


@contextmanager
def _once() -> Iterator[None]:
    """Around a transaction: whom another request was faster than is told so, as if it had been there before."""
    try:
        yield
    except IntegrityError as error:
        if "channels_account_once" in str(error):
            raise Connected from error
        raise


def _resource(*, personal: bool) -> str:
    return "own_source" if personal else "source"


def mail_address(address: str) -> str:
    """The address as it is kept. Raises `Invalid` for what is none."""
    address = address.strip().lower()
    if not re.fullmatch(r"[^\s<>@,;:\"\\\x00]{1,64}@[^\s<>@,;:\"\\/\x00]{1,250}", address):
        raise Invalid(
            _("This is not an e-mail address."), fields={"address": _("Such as support@company.example.")}
        )
    return address


def _key(address: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", address).strip("-")[:45]
    return f"{stem}-{uuid4().hex[:8]}"


def _sealed(secret: dict[str, Any]) -> str:
    return vault.seal(json.dumps(secret), purpose=PURPOSE)


def _opened(account: Account) -> dict[str, Any]:
    settings, sealed = Account.objects.values_list("settings", "secret").get(pk=account.pk)
    if _places(settings) != _places(account.settings):  # a new password does not go to the server before it
        raise Trouble("mail.sign_in", "the servers of the account were changed just now")
    account.secret = sealed
    found: dict[str, Any] = json.loads(vault.unseal(sealed, purpose=PURPOSE)) if sealed else {}
    return found


def _places(settings: dict[str, Any]) -> list[object]:
    """Where a secret goes, and as whose: servers with port and encryption, whom they are believed by, and the user."""
    servers = [settings.get(kind) or {} for kind in ("imap", "smtp")]
    return [
        settings.get("user"),
        settings.get("sign_in", "password"),
        settings.get("oauth") or {},
        settings.get("trust", ""),
        *((str(one.get("host", "")).lower(), one.get("port"), one.get("security", "tls")) for one in servers),
    ]


def _announce(account: Account) -> None:
    announce("account", account.pk, source_id=account.pk)
