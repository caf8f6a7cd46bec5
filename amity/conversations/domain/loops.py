"""When programs answer each other: too many automatic mails with one customer in too short a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST = 5
WITHIN = timedelta(hours=1)


def is_loop(instants: Sequence[datetime], *, most: int = MOST, within: timedelta = WITHIN) -> bool:
    """Whether more than `most` of these automatic mails fell into one stretch of `within`."""
    ordered = sorted(instants)
    return any(later - earlier <= within for earlier, later in zip(ordered, ordered[most:], strict=False))
