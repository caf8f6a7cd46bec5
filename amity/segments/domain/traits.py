"""What segments keep of one person: what is shown of them, and when they wrote, bought and were let down.

Instants are whole minutes since 1970 (UTC), in ascending lists, so that a window is a place in a list: what lies in
the last N days are the entries behind the first one that is younger.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

A_DAY = 24 * 60
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minute_of(at: datetime) -> int:
    """The minute in which an instant lies."""
    return (at - _EPOCH) // _MINUTE


def start_of(minute: int) -> datetime:
    """The instant at which a minute begins."""
    return _EPOCH + minute * _MINUTE


def cutoff_of(now: int, within_days: int | None) -> int | None:
    """The last minute that is too old for the window; None where everything counts."""
    return None if within_days is None else now - within_days * A_DAY


@dataclass(slots=True)
class Traits:
    """One person. Texts are folded, so that case and accents do not tell them apart; "" is what nobody said.

    Lists that stand beside another have its length: `wrote_via` the channels of `wrote`, by their number. `mood_sum`
    and `paid` are running totals (thousandths, hundredths), so that a window is the difference of two entries. `paid`
    is of `currency`; of who paid in several it is empty and `paid_each`, `paid_in` tell every order.
    """

    person_id: UUID
    name: str = ""
    email: str = ""
    domains: Sequence[str] = ()
    city: str = ""
    country: str = ""
    language: str = ""
    job_title: str = ""
    organisation: str = ""
    networks: Sequence[str] = ()
    first_seen: int = 0
    wrote: Sequence[int] = ()
    wrote_via: Sequence[int] = ()
    wrote_from: Sequence[int] = ()
    wrote_verb: Sequence[int] = ()
    replied: Sequence[int] = ()
    active: Sequence[int] = ()
    bad: Sequence[int] = ()
    mood: Sequence[int] = ()
    mood_sum: Sequence[int] = ()
    sent: Sequence[int] = ()
    sent_via: Sequence[int] = ()
    orders: Sequence[int] = ()
    currency: str = ""
    paid: Sequence[int] = ()
    paid_each: Sequence[int] = ()
    paid_in: Sequence[int] = ()
    bought: Sequence[int] = ()
    bought_what: Sequence[int] = ()
    broken: Sequence[int] = ()
    open_count: int = 0
    waiting: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def minutes(self, column: str) -> Sequence[int]:
        listed: Sequence[int] = getattr(self, column)
        return listed

    def count(self, column: str, cutoff: int | None, beside: str = "", code: int | None = None) -> int:
        """Entries of `column` after `cutoff`, of those that have `code` in the list `beside` it."""
        minutes = self.minutes(column)
        start = 0 if cutoff is None else bisect_right(minutes, cutoff)
        if not beside:
            return len(minutes) - start
        return sum(1 for one in self.minutes(beside)[start:] if one == code)

    def spent(self, currency: str, code: int | None, cutoff: int | None) -> int:
        """Hundredths paid in one currency after `cutoff`."""
        start = 0 if cutoff is None else bisect_right(self.orders, cutoff)
        if self.currency:
            return running(self.paid, start) if self.currency == currency else 0
        pairs = zip(self.paid_each[start:], self.paid_in[start:], strict=True)
        return sum(paid for paid, number in pairs if number == code)

    def mood_in(self, cutoff: int | None) -> tuple[int, int]:
        """How many judged messages came after `cutoff`, and the sum of their moods in thousandths."""
        start = 0 if cutoff is None else bisect_right(self.mood, cutoff)
        return len(self.mood) - start, running(self.mood_sum, start)


def running(totals: Sequence[int], start: int) -> int:
    """What a list of running totals grew by from the place `start` on."""
    if start >= len(totals):
        return 0
    return totals[-1] - (totals[start - 1] if start else 0)
