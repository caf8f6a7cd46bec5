"""Who acts, told to the database: row triggers and `amity.kernel.audit.record` write it into the trail.

Every edge (a page, the API, an assistant, a command, a job) opens `acting(...)` around its work. The setting is local
to a transaction, so it cannot outlive a request on a connection that is used again. Reading costs nothing: only the
first statement of a transaction, and a lone write outside of one, are told who acts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

from amity.kernel.actor import Actor

Via = Literal["page", "api", "mcp", "command", "job"]
SYSTEM_NAME = "system"

_TELL = "SELECT set_config('amity.actor', %s, true), set_config('amity.acting', %s, true)"
_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE|COPY|WITH|CALL|TRUNCATE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts and how they came in.

    `on_behalf_of` is the colleague who asked for it: for whom a job works, or who is signed in as somebody else.
    `is_bulk` tells the row triggers to stay silent: the service writes one entry for the whole.
    """

    actor: Actor
    via: Via
    address: str = ""
    token_id: UUID | str | None = None
    on_behalf_of: UUID | None = None
    is_bulk: bool = False

    def settings(self) -> tuple[str, str]:
        """The values of `amity.actor` and `amity.acting`."""
        if self.is_bulk:
            return "", ""
        told = {
            "name": self.actor.name,
            "role": self.actor.role.value if self.actor.role else "",
            "via": self.via,
            "address": self.address,
            "token_id": str(self.token_id or ""),
            "on_behalf_of": str(self.on_behalf_of or ""),
        }
        return str(self.actor.staff_id or SYSTEM_NAME), json.dumps(told)


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


def now_acting() -> Acting | None:
    """Who acts here, if an edge has said so."""
    return _acting.get()


@contextmanager
def acting(
    actor: Actor,
    *,
    via: Via,
    address: str = "",
    token_id: UUID | str | None = None,
    on_behalf_of: UUID | None = None,
) -> Iterator[None]:
    """Within it, changes of guarded rows are written into the audit trail as this actor's."""
    with _told(Acting(actor, via, address, token_id, on_behalf_of)):
        yield


@contextmanager
def bulk() -> Iterator[None]:
    """Within it, rows may change by the thousand without an entry each. The caller owes the trail one `record(...)`.

    Open it around whole transactions, or inside one; without an `acting` around it there is nothing to silence.
    """
    now = _acting.get()
    if now is None:
        yield
        return
    with _told(replace(now, is_bulk=True)):
        yield


@contextmanager
def _told(now: Acting) -> Iterator[None]:
    before = _acting.get()
    token = _acting.set(now)
    try:
        with _open_transaction_told(now, before):
            if before is None:
                with connection.execute_wrapper(_tell_first):
                    yield
            else:
                yield
    finally:
        _acting.reset(token)


@contextmanager
def _open_transaction_told(now: Acting, before: Acting | None) -> Iterator[None]:
    """Tell a transaction that is under way already, and take it back where one goes on after this."""
    if _status() is TransactionStatus.INTRANS:
        _tell(now)
    try:
        yield
    finally:
        if _status() is TransactionStatus.INTRANS and not connection.needs_rollback:
            _tell(before)


def _status() -> TransactionStatus:
    raw = connection.connection
    return TransactionStatus.IDLE if raw is None else raw.info.transaction_status


def _tell(now: Acting | None) -> None:
    # Past the wrappers: this is not a statement of the one who acts.
    with connection.connection.cursor() as cursor:
        cursor.execute(_TELL, ("", "") if now is None else now.settings())


def _tell_first(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Django's hook around each statement (`connection.execute_wrapper`)."""
    now = _acting.get()
    if now is None or _status() is not TransactionStatus.IDLE:
        return execute(sql, params, many, context)
    if not connection.get_autocommit():
        if not now.is_bulk:  # a transaction begins untold, which is how bulk work is meant to go on
            _tell(now)
        return execute(sql, params, many, context)
    if _WRITES.match(sql) is None:
        return execute(sql, params, many, context)
    with transaction.atomic():  # a write of its own: it and who acts share a transaction
        _tell(now)
        return execute(sql, params, many, context)
