"""The connection of Django to PostgreSQL."""

from __future__ import annotations

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

TRUSTED_S = 15.0
"""A connection that answered so lately, and at which nothing has arrived since, is taken to hold."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Looks at its socket before it sends `SELECT 1`, which would be a round trip ahead of each request.

    A server that goes away says so, or closes: either can be read. Who sits between and forgets connections that rest
    may say nothing, so one that rested is asked.
    """

    _answered_at = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        made = super().get_new_connection(conn_params)
        self._answered_at = time.monotonic()
        return made

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        now = time.monotonic()
        rests = self.connection.info.transaction_status == TransactionStatus.IDLE
        if rests and now - self._answered_at < TRUSTED_S and not _has_news(self.connection.pgconn.socket):
            return True
        self._answered_at = now if super().is_usable() else 0.0
        return self._answered_at > 0


def _has_news(socket: int) -> bool:
    quiet = select.poll()
    quiet.register(socket, select.POLLIN)
    return bool(quiet.poll(0))
