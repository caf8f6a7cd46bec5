"""The guarded way out: see README.md. Nothing else opens a connection to an address that came from data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amity.kernel.http.connecting import checked_socket
from amity.kernel.http.errors import Refused, TimedOut, TooLarge, Unreachable
from amity.kernel.http.exchanging import Answer
from amity.kernel.http.fetching import check, fetch

if TYPE_CHECKING:
    import requests

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


def session() -> requests.Session:
    """A session of requests under the same guard as `fetch`, for libraries that want one."""
    from amity.kernel.http import (
        sessions,
    )  # requests takes 6 MB of every process, and few processes ask for one

    return sessions.session()
