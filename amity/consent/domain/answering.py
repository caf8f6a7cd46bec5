"""May somebody be contacted for a purpose by a channel? What follows from what was said of their accounts, and when.

Each account has the last thing that was said of it (of the same instant, the strictest; a consent without a date before
all else). A person is refused where one of their accounts is: a refusal outlives whatever they are merged with. A
person may be contacted by those of their accounts that allow it themselves: consent was given for an address, and no
other address takes it over.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from amity.consent.domain.channels import Channel, reaches


class Basis(StrEnum):
    """Why personal data may be used for something: GDPR, article 6(1), (a) to (f)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"

    @property
    def stands_above(self) -> bool:
        """Whether a general "leave me alone" does not reach it: recalls, invoices. A refusal of just this does."""
        return self in (Basis.LEGAL_OBLIGATION, Basis.VITAL_INTERESTS)


class Said(StrEnum):
    """What somebody said. `pending`: asked for by a form, and not confirmed yet; it changes no answer."""

    GIVEN = "given"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"

    @property
    def is_refusal(self) -> bool:
        return self in (Said.WITHDRAWN, Said.OBJECTED)


_STRICTNESS = {Said.GIVEN: 0, Said.WITHDRAWN: 1, Said.OBJECTED: 2}


class Verdict(StrEnum):
    """The answer, and why it is so."""

    ALLOWED = "allowed"
    OBJECTED = "objected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    PENDING = "pending"
    NOT_ASKED = "not_asked"
    NO_ACCOUNT = "no_account"  # nothing by which this channel reaches them
    NOT_USED = "not_used"  # the purpose does not use the channel


EVERYTHING = None
"""In the place of a purpose: every purpose, those to come included. Only refusals are said of everything."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A purpose as the decision sees it. `months`: how long a consent holds; None for until it is withdrawn."""

    id: int
    basis: Basis
    channels: frozenset[Channel]
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account, address or number of a person."""

    id: UUID
    network: str


@dataclass(frozen=True, slots=True)
class Statement:
    """That something was said of an account. `purpose_id` None: of every purpose; `channel` "": of every channel.

    Where it is not dated, nobody knows when: `said_at` is when it was noted.
    """

    id: UUID
    account_id: UUID
    purpose_id: int | None
    channel: str
    said: Said
    said_at: datetime
    is_dated: bool = True

    def is_about(self, terms: Terms, channel: Channel) -> bool:
        """Whether it says something of this purpose by this channel."""
        if self.channel not in ("", channel):
            return False
        if self.purpose_id is EVERYTHING:
            return self.said.is_refusal and not terms.basis.stands_above
        return self.purpose_id == terms.id


@dataclass(frozen=True, slots=True)
class Answer:
    """`decided_by` are the statements from which it follows; `usable` the accounts that may be used, one by one."""

    verdict: Verdict
    decided_by: tuple[Statement, ...] = ()
    usable: tuple[UUID, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.verdict is Verdict.ALLOWED


Verdicts: TypeAlias = dict[UUID, tuple[Verdict, Statement | None]]
# Of several that say no without a refusal, the one that comes nearest to a yes is told.
_NEAREST = (Verdict.EXPIRED, Verdict.PENDING, Verdict.NOT_ASKED)


def answer(
    terms: Terms,
    channel: Channel,
    accounts: Collection[Account],
    statements: Iterable[Statement],
    at: datetime,
) -> Answer:
    """Whether a person with these accounts may be contacted at an instant, by what was said until then."""
    if channel not in terms.channels:
        return Answer(Verdict.NOT_USED)
    of_each = verdicts(terms, channel, accounts, statements, at)
    for refusal in (Verdict.OBJECTED, Verdict.WITHDRAWN):
        if by := _deciding(of_each, refusal):
            return Answer(refusal, by)
    reached = {one.id: of_each[one.id] for one in accounts if reaches(one.network, channel)}
    if not reached:
        return Answer(Verdict.NO_ACCOUNT)
    if usable := tuple(id for id, (verdict, _by) in reached.items() if verdict is Verdict.ALLOWED):
        return Answer(Verdict.ALLOWED, _deciding(reached, Verdict.ALLOWED), usable)
    nearest = next(one for one in _NEAREST if any(verdict is one for verdict, _by in reached.values()))
    return Answer(nearest, _deciding(reached, nearest))


def verdicts(
    terms: Terms,
    channel: Channel,
    accounts: Iterable[Account],
    statements: Iterable[Statement],
    at: datetime,
) -> Verdicts:
    """Of each account what was said of it last, and by which statement, whatever the channel reaches."""
    said: dict[UUID, list[Statement]] = defaultdict(list)
    for one in statements:
        if one.said_at <= at and one.is_about(terms, channel):
            said[one.account_id].append(one)
    return {account.id: _of_account(terms, said.get(account.id, ()), at) for account in accounts}


def _of_account(terms: Terms, said: Sequence[Statement], at: datetime) -> tuple[Verdict, Statement | None]:
    settled = [one for one in said if one.said is not Said.PENDING]
    last = max(settled, key=_order, default=None)
    if last is not None and last.said is Said.OBJECTED:
        return Verdict.OBJECTED, last
    if last is not None and last.said is Said.WITHDRAWN:
        return Verdict.WITHDRAWN, last
    if terms.basis is not Basis.CONSENT:
        return Verdict.ALLOWED, last
    if last is not None and _holds(last.said_at, terms.months, at):
        return Verdict.ALLOWED, last
    pending = max((one for one in said if one.said is Said.PENDING), key=_order, default=None)
    if pending is not None and (last is None or pending.said_at > last.said_at):
        return Verdict.PENDING, pending
    return (Verdict.NOT_ASKED, None) if last is None else (Verdict.EXPIRED, last)


def _holds(said_at: datetime, months: int | None, at: datetime) -> bool:
    end = valid_until(said_at, months)
    return end is None or at < end


def _order(one: Statement) -> tuple[bool, datetime, int, bool, UUID]:
    """Later counts before earlier; of one instant the strictest. What was said of just this purpose is named first.

    A consent that may be of any time is older than all else: a list that somebody brings again lifts no refusal.
    """
    is_late = one.is_dated or one.said is not Said.GIVEN
    return is_late, one.said_at, _STRICTNESS.get(one.said, 0), one.purpose_id is not EVERYTHING, one.id


def _deciding(of_each: Verdicts, verdict: Verdict) -> tuple[Statement, ...]:
    found = [by for found, by in of_each.values() if found is verdict and by is not None]
    return tuple(sorted(found, key=_order, reverse=True))


def valid_until(said_at: datetime, months: int | None) -> datetime | None:
    """From when on a consent is too old; None for never. A month after 31 January is 28 February."""
    if months is None:
        return None
    year, month = divmod(said_at.month - 1 + months, 12)
    day = min(said_at.day, calendar.monthrange(said_at.year + year, month + 1)[1])
    return said_at.replace(year=said_at.year + year, month=month + 1, day=day)


def bearers(
    said: Said, channel: str, accounts: Sequence[Account], refused: Collection[UUID]
) -> tuple[UUID, ...]:
    """The accounts on which a statement for a whole person is written down, so that taking a person apart gives each
    part what was theirs.

    A refusal by a channel that reaches none of them stands on all. What is given also stands on those that are
    `refused` for it now: a later word of the person lifts what was said of any account.
    """
    if not channel:
        return tuple(one.id for one in accounts)
    reached = [one.id for one in accounts if reaches(one.network, Channel(channel))]
    if said.is_refusal:
        return tuple(reached or [one.id for one in accounts])
    return tuple(dict.fromkeys([*reached, *(one.id for one in accounts if one.id in refused)]))
