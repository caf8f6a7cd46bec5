"""What can go wrong on the way out, in words for the one who typed the address."""

from __future__ import annotations

from amity.kernel.errors import DomainError


class Refused(DomainError):
    """Amity does not connect to this address. The message says why and what to do."""

    code = "http.refused"
    status = 422


class Unreachable(DomainError):
    """The other side cannot be reached, or what it says is not HTTP."""

    code = "http.unreachable"
    status = 502


class TimedOut(Unreachable):
    """The other side took longer than it was given, for the whole of it."""

    code = "http.timed_out"
    status = 504


class TooLarge(Unreachable):
    """The answer is larger than was asked for."""

    code = "http.too_large"
