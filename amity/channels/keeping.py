"""Accounts are kept connected: one thread for each, in one process at a time, with patience when a server is away.

A keeper holds a lock for every account that it watches. The locks belong to one database session, so they die with the
process; another one takes over. Should two ever read the same account, the cursor that moves with the rows makes that
harmless.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from amity.channels import accounts, taking
from amity.channels.account_models import NEEDS_PEOPLE
from amity.channels.adapters import Connection, LiveAdapter, Trouble, live_adapter
from amity.channels.models import Account, AccountState
from amity.channels.taking import Deliver, Moved
from amity.kernel.vault import Unsealable

log = structlog.get_logger(__name__)

LOOK_ROUND_S = 2.0
SWEEP_EVERY = timedelta(hours=1)
OTHER_FEEDS_S = 60.0  # the server tells of the first feed; into the others one looks
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 300.0
Clock = Callable[[], datetime]


def wait_before(attempts: int, code: str) -> float:
    """Seconds until the next try: longer each time, spread out so that many accounts do not come at once."""
    shortest = LONGEST_WAIT_S if code in NEEDS_PEOPLE else FIRST_WAIT_S
    longest = LONGEST_WAIT_S * 6 if code in NEEDS_PEOPLE else LONGEST_WAIT_S
    return float(min(longest, shortest * 2 ** min(attempts, 12))) * random.uniform(0.8, 1.2)  # noqa: S311  # not a secret


class Keeper:
    """Watches all active accounts that no other process watches. `run` until told to stop."""

    def __init__(self, *, deliver: Deliver, clock: Clock) -> None:
        self._deliver = deliver
        self._clock = clock
        self._watchers: dict[UUID, _Watcher] = {}

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping`: take up accounts, let go of those that are paused, and look again after any failure."""
        while not stopping.is_set():
            try:
                self._look_round()
            except (OperationalError, InterfaceError):
                self._let_go()  # the session is gone, and the locks with it
                log.warning("accounts wait for the database")
            except Exception as error:  # the boundary: the keeper outlives whatever one account does to it
                log.exception("keeper failed", kind=type(error).__name__)
            stopping.wait(LOOK_ROUND_S)
        self._let_go()
        connection.close()

    def _look_round(self) -> None:
        if self._watchers and (connection.connection is None or not connection.is_usable()):
            raise OperationalError("the session has ended, and the locks with it")
        wanted = set(Account.objects.filter(state=AccountState.ACTIVE).values_list("source_id", flat=True))
        for source_id, watcher in list(self._watchers.items()):
            if source_id not in wanted or not watcher.is_alive():
                watcher.leave()
                del self._watchers[source_id]
                _unlock(source_id)
        for source_id in wanted - self._watchers.keys():
            if _lock(source_id):
                self._watchers[source_id] = _Watcher(source_id, self._deliver, self._clock)
                self._watchers[source_id].start()

    def _let_go(self) -> None:
        for watcher in self._watchers.values():
            watcher.leave()
        self._watchers.clear()
        connection.close()


class _Watcher(threading.Thread):
    """One account: connected, up to date, waiting for the server to tell of more."""

    def __init__(self, source_id: UUID, deliver: Deliver, clock: Clock) -> None:
        super().__init__(name=f"account {source_id}", daemon=True)
        self._source_id = source_id
        self._deliver = deliver
        self._clock = clock
        self._leaving = threading.Event()
        self._attempts = 0

    def leave(self) -> None:
        """Stop as soon as possible; a line that is silent is left as it is."""
        self._leaving.set()

    def run(self) -> None:
        while not self._leaving.is_set():
            try:
                self._attend()
            except Moved:
                pass
            except (OperationalError, InterfaceError):
                close_old_connections()
                self._leaving.wait(FIRST_WAIT_S)
            except Exception as error:  # the boundary: kept with the account, tried again
                code = error.code if isinstance(error, Trouble) else "internal"
                if not isinstance(error, Trouble):
                    log.exception("account failed", account=str(self._source_id), kind=type(error).__name__)
                self._wait_out(code, error.detail if isinstance(error, Trouble) else type(error).__name__)
            finally:
                connection.close()

    def _attend(self) -> None:
        account = self._account()
        adapter = live_adapter(account.source.adapter) if account else None
        if account is None or adapter is None:
            self._leaving.set()
            return
        try:
            line = adapter.connect(accounts.login_of(account))
        except Unsealable as error:
            raise Trouble("vault", "") from error
        try:
            self._keep_up(account, line, adapter)
        finally:
            line.close()

    def _keep_up(self, account: Account, line: Connection, adapter: LiveAdapter) -> None:
        """Bring it up to date, wait, and again; ends when the account was changed, so that it connects anew."""
        known, sweep_at = _setup(account), self._clock()
        while not self._leaving.is_set():
            at = self._clock()
            sweep = at >= sweep_at
            if sweep:
                sweep_at = at + SWEEP_EVERY
            taking.bring_up_to_date(
                account, line, adapter, deliver=self._deliver, clock=self._clock, sweep=sweep
            )
            taking.well(account, at=self._clock(), watching=line.can_watch)
            self._attempts = 0
            connection.close()  # a mailbox that is silent costs no database session
            line.watch(self._leaving, OTHER_FEEDS_S)
            again = self._account()
            if again is None or _setup(again) != known:
                return
            account = again

    def _account(self) -> Account | None:
        found = accounts.account_of(self._source_id)
        return found if found and found.state == AccountState.ACTIVE else None

    def _wait_out(self, code: str, detail: str) -> None:
        """Say what is wrong, and wait; somebody who changes the account ends the wait."""
        seconds = wait_before(self._attempts, code)
        self._attempts += 1
        at = self._clock()
        account = self._account()
        if account is None:
            return
        try:
            taking.trouble(
                account, code, detail, at=at, try_at=at + timedelta(seconds=seconds), attempts=self._attempts
            )
        finally:
            connection.close()
        known, until = _setup(account), time.monotonic() + seconds
        while not self._leaving.wait(min(LOOK_ROUND_S, max(0.0, until - time.monotonic()))):
            again = self._account()
            connection.close()
            if time.monotonic() >= until or again is None:
                return
            if _setup(again) != known or again.try_at is None:
                self._attempts = 0
                return


def _setup(account: Account) -> tuple[object, ...]:
    """What a connection depends on."""
    return (account.settings, account.secret, account.state)


def _key(source_id: UUID) -> int:
    return (source_id.int >> 64) & 0x7FFF_FFFF_FFFF_FFFF


def _lock(source_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(source_id)])
        (held,) = cursor.fetchone() or (False,)
        return bool(held)


def _unlock(source_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(source_id)])
