"""Take in what an account brings: a portion at a time, its rows and its cursor in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.channels import accounts
from amity.channels.adapters import Connection, LiveAdapter, Portion, RawItem, Reader
from amity.channels.holding import is_away
from amity.channels.models import (
    Account,
    AccountState,
    Feed,
    Item,
    ItemState,
    OutboundMessage,
    OutboundState,
    Source,
)
from amity.channels.outbox import settle_unknown
from amity.channels.records import MessageRecord, Record
from amity.channels.stages import quarantine_one
from amity.kernel.live import announce
from amity.kernel.pipeline import Batch

log = structlog.get_logger(__name__)

Deliver = Callable[[Source, Sequence[RawItem], Reader], dict[str, int]]
"""Walks items of a live source through the corridor in the current transaction; counts of what became of them."""
Clock = Callable[[], datetime]
_NOTHING = {"read": 0, "new": 0, "same": 0, "quarantined": 0}


class Moved(Exception):
    """Somebody else reads this account, or it was paused or changed: what was fetched is dropped, nothing is lost."""


def bring_up_to_date(
    account: Account, line: Connection, adapter: LiveAdapter, *, deliver: Deliver, clock: Clock, sweep: bool
) -> int:
    """Read all feeds of an account until nothing waits; returns how many items were new.

    With `sweep` everything that should have come is compared with what came, and gaps are filled.
    """
    new = 0
    for name in line.feeds():
        feed, _made = Feed.objects.get_or_create(account=account, name=name)
        is_first = True
        while True:
            portion = line.pull(name, feed.cursor, at=clock(), sweep=sweep and is_first)
            if not portion.items and portion.cursor == feed.cursor:
                break
            new += keep(account, feed, portion, adapter, deliver=deliver, clock=clock)
            is_first = False
            if not portion.waiting:
                break
        Feed.objects.filter(pk=feed.pk).update(looked_at=clock())
    return new


def keep(
    account: Account, feed: Feed, portion: Portion, adapter: LiveAdapter, *, deliver: Deliver, clock: Clock
) -> int:
    """Write a portion, everything made of it, and the cursor: all of it, or nothing. Returns how many were new."""
    at = clock()
    heard: list[MessageRecord] = []
    login = accounts.login_of(account)
    reader = _listening(adapter.account_reader(login, own=accounts.own_addresses(), at=at), heard)
    with transaction.atomic():
        locked = Feed.objects.select_for_update().get(pk=feed.pk)
        if locked.cursor != feed.cursor or not _is_active(account):
            raise Moved
        counts = (
            _deliver_or_isolate(account.source, portion.items, reader, deliver, at)
            if portion.items
            else _NOTHING
        )
        _advance(account, locked, portion, counts, at)
        _settle(heard, at)
        if counts["new"]:
            Account.objects.filter(pk=account.pk).update(heard_at=at)
    feed.cursor = locked.cursor
    if counts["new"] or portion.gaps:
        announce("account", account.pk, source_id=account.pk)
    return counts["new"]


def _is_active(account: Account) -> bool:
    return Account.objects.filter(pk=account.pk, state=AccountState.ACTIVE).exists()


def _listening(reader: Reader, heard: list[MessageRecord]) -> Reader:
    def read(item: RawItem) -> Sequence[Record]:
        records = reader(item)
        heard.extend(record for record in records if isinstance(record, MessageRecord))
        return records

    return read


def _deliver_or_isolate(
    source: Source, items: Sequence[RawItem], reader: Reader, deliver: Deliver, at: datetime
) -> dict[str, int]:
    """An item that breaks a stage waits in quarantine; it does not stop the others."""
    try:
        with transaction.atomic():
            counts = deliver(source, items, reader)
            # What would only break the commit breaks here, where it can be isolated.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            return counts
    except Exception as error:  # the boundary: whatever an odd item does, the rest goes on and it is kept
        if is_away(error):
            raise
        log.warning(
            "portion is halved to find the odd item", source=str(source.id), kind=type(error).__name__
        )
        if len(items) == 1:
            return quarantine_one(
                items[0],
                Batch(source.id, at),
                f"Amity failed on this ({type(error).__name__}). Replay it later.",
            )
    half = len(items) // 2
    parts = [_deliver_or_isolate(source, part, reader, deliver, at) for part in (items[:half], items[half:])]
    return {key: sum(part.get(key, 0) for part in parts) for key in parts[0] | parts[1]}


def _advance(account: Account, feed: Feed, portion: Portion, counts: dict[str, int], at: datetime) -> None:
    was_complete = bool(feed.cursor.get("complete"))
    is_first = not feed.cursor
    feed.cursor, feed.waiting, feed.looked_at = portion.cursor, portion.waiting, at
    feed.came += counts["new"]
    feed.same += counts["same"]
    feed.quarantined += counts["quarantined"]
    feed.gaps += portion.gaps
    feed.refilled += portion.refilled
    feed.save()
    if portion.is_new and not is_first:
        accounts.note(account, "renumbered", at=at, feed=feed.name)
    if portion.gaps:
        accounts.note(account, "gap", at=at, feed=feed.name, figures={"gaps": portion.gaps})
    if portion.cursor.get("complete") and not was_complete:
        accounts.note(account, "read", at=at, feed=feed.name, figures={"came": feed.came, "same": feed.same})


def _settle(heard: Sequence[MessageRecord], at: datetime) -> None:
    """A message of ours of which we do not know whether it left: a copy of it, or an answer to it, tells."""
    names = {name for record in heard for name in (record.external_id, *record.in_reply_to)}
    waiting = OutboundMessage.objects.filter(state=OutboundState.UNKNOWN, external_id__in=names)
    for message_id in waiting.values_list("id", flat=True):
        settle_unknown(message_id, at=at, why=_("A copy of it, or an answer to it, came in."))


def replay(account_id: UUID, *, deliver: Deliver, adapter: LiveAdapter, at: datetime) -> dict[str, int]:
    """Read what could not be read once more."""
    account = Account.objects.select_related("source").get(pk=account_id)
    reader = adapter.account_reader(accounts.login_of(account), own=accounts.own_addresses(), at=at)
    with transaction.atomic():
        waiting = Item.objects.filter(source=account.source, state=ItemState.QUARANTINED).order_by("position")
        items = [RawItem(item.position, bytes(item.raw), item.content_type) for item in waiting]
        waiting.delete()
        return _deliver_or_isolate(account.source, items, reader, deliver, at) if items else dict(_NOTHING)


def trouble(
    account: Account, code: str, detail: str, *, at: datetime, try_at: datetime, attempts: int
) -> None:
    """The account cannot be reached, or refuses us: kept with it, and once in the ledger while it lasts."""
    with transaction.atomic():
        locked = Account.objects.select_for_update().get(pk=account.pk)
        is_news = locked.problem != code
        locked.problem, locked.detail = code, detail[:500]
        locked.problem_since = locked.problem_since if locked.problem_since and not is_news else at
        locked.attempts, locked.try_at, locked.watching = attempts, try_at, False
        locked.save(update_fields=["problem", "detail", "problem_since", "attempts", "try_at", "watching"])
        if is_news:
            accounts.note(locked, "trouble", at=at, problem=code, detail=detail)
    if is_news:
        announce("account", account.pk, source_id=account.pk)


def well(account: Account, *, at: datetime, watching: bool) -> None:
    """All feeds are up to date."""
    with transaction.atomic():
        locked = Account.objects.select_for_update().get(pk=account.pk)
        was_ill, was_watching = locked.problem, locked.watching
        locked.problem, locked.detail, locked.problem_since = "", "", None
        locked.attempts, locked.try_at, locked.looked_at, locked.watching = 0, None, at, watching
        locked.save()
        if was_ill:
            accounts.note(locked, "recovered", at=at)
    if was_ill or was_watching != watching:
        announce("account", account.pk, source_id=account.pk)


def forget(account: Account) -> None:
    """Nobody watches it any more."""
    with suppress(Account.DoesNotExist):
        Account.objects.filter(pk=account.pk).update(watching=False)
