"""The guarded way out: see README.md. Nothing else opens a connection to an address that came from data."""

from __future__ import annotations

from amity.kernel.http.connecting import checked_socket
from amity.kernel.http.errors import Refused, TimedOut, TooLarge, Unreachable
from amity.kernel.http.exchanging import Answer
from amity.kernel.http.fetching import check, fetch
from amity.kernel.http.sessions import session

__all__ = [
    "Answer",
    "Refused",
    "TimedOut",
    "TooLarge",
    "Unreachable",
    "check",
    "checked_socket",
    "fetch",
    "session",
]
