"""What comes first today, and why: what waiting costs the customer, then what we promised.

Every item gets points for reasons; the reasons are kept, so that the order can be explained. The numbers are a rule
that people agreed on, not something learned: they stand in `POINTS` and are shown under "Why this order".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

MOST_ITEMS = 7


class Kind(StrEnum):
    ANSWER = "answer"
    SAME = "same"
    PROMISE = "promise"
    NOT_SENT = "not_sent"
    IMPORT = "import"


class Why(StrEnum):
    """The reasons that give points, in the order in which they are said."""

    LATE = "late"
    DUE_SOON = "due_soon"
    MOOD_ANGRY = "angry"
    MOOD_UNHAPPY = "unhappy"
    MOOD_PLEASED = "pleased"
    GOLD = "gold"
    SILVER = "silver"
    PUBLIC = "public"
    MANY = "many"
    PROMISE_LATE = "promise_late"
    PROMISE_SOON = "promise_soon"
    PROMISE_TODAY = "promise_today"
    MINE = "mine"
    NOT_SENT = "not_sent"
    UNKNOWN_SENT = "unknown_sent"
    RETURNED = "returned"
    IMPORT_FAILED = "import_failed"
    QUARANTINE = "quarantine"


POINTS: dict[Why, int] = {
    Why.LATE: 30,  # and one more for each ten minutes, up to MOST_FOR_DELAY
    Why.DUE_SOON: 15,  # an hour before, growing to the points of being late
    Why.MOOD_ANGRY: 20,
    Why.MOOD_UNHAPPY: 8,
    Why.MOOD_PLEASED: -15,  # thanks can wait
    Why.GOLD: 18,  # and every other tier of VIPs
    Why.SILVER: 8,  # and every other tier
    Why.PUBLIC: 16,
    Why.MANY: 2,  # for each person after the first, up to MOST_FOR_MANY
    Why.PROMISE_LATE: 40,
    Why.PROMISE_SOON: 30,
    Why.PROMISE_TODAY: 20,
    Why.MINE: 6,
    Why.NOT_SENT: 45,
    Why.UNKNOWN_SENT: 40,
    Why.RETURNED: 45,
    Why.IMPORT_FAILED: 24,
    Why.QUARANTINE: 12,
}
_MOODS = {
    "angry": Why.MOOD_ANGRY,
    "unhappy": Why.MOOD_UNHAPPY,
    "pleased": Why.MOOD_PLEASED,
    "delighted": Why.MOOD_PLEASED,
}
MOST_FOR_DELAY = 20
MOST_FOR_MANY = 20
SOON = timedelta(minutes=60)
PROMISE_SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Reason:
    """`amount` is what the words need: a length of time, a number of people or of rows."""

    why: Why
    points: int
    amount: timedelta | int | None = None
    name: str = ""  # of a tier that is not one of Amity's own


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do. `id` is the conversation, promise or import; `ids` all conversations of a group.

    `minutes` is an estimate; see `minutes_for_answer`. `first_at` breaks ties: whoever waits longer comes first.
    """

    kind: Kind
    id: UUID
    first_at: datetime
    minutes: int
    reasons: tuple[Reason, ...]
    name: str = ""
    channel: str = ""
    words: str = ""
    ids: tuple[UUID, ...] = field(default=())
    search: tuple[str, ...] = field(default=())

    @property
    def points(self) -> int:
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that waits for us. `tier` is its key or empty, `tier_name` what colleagues called
    it, "" for gold and silver; `mood` the word for the customer's last words."""

    id: UUID
    name: str
    channel: str
    is_public: bool
    words: str
    since: datetime
    due_at: datetime | None
    tier: str
    mood: str
    messages: int
    is_mine: bool
    is_for_me: bool = True  # mine or nobody's; everybody's for who leads
    promise_due_at: datetime | None = None
    tier_name: str = ""
    is_vip: bool = False


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise that is still to be kept."""

    id: UUID
    what: str
    name: str
    due_at: datetime


def ranked(items: Iterable[Item]) -> list[Item]:
    """Most points first; with the same points the longest wait, then the id: the order never depends on luck."""
    return sorted(items, key=lambda item: (-item.points, item.first_at, str(item.id)))


def answer(talk: Talk, at: datetime) -> Item:
    """The item for one waiting conversation."""
    reasons = [*_clock(talk.due_at, at), *_feeling(talk), *_promised(talk.promise_due_at, at)]
    if talk.is_mine:
        reasons.append(_of(Why.MINE))
    minutes = minutes_for_answer(talk.channel, talk.messages)
    return Item(
        Kind.ANSWER, talk.id, talk.since, minutes, tuple(reasons), talk.name, talk.channel, talk.words
    )


def answer_together(talks: Sequence[Talk], search: tuple[str, ...], question: str, at: datetime) -> Item:
    """The item for several people who ask the same: the most urgent one counts, and how many there are."""
    urgent = ranked(answer(talk, at) for talk in talks)[0]
    more = Reason(Why.MANY, min(MOST_FOR_MANY, POINTS[Why.MANY] * (len(talks) - 1)), len(talks))
    first = min(talk.since for talk in talks)
    return replace(
        urgent,
        kind=Kind.SAME,
        first_at=first,
        minutes=minutes_for_group(len(talks)),
        reasons=(*urgent.reasons, more),
        name="",
        words=question,
        ids=tuple(talk.id for talk in talks),
        search=search,
    )


def keep(pledge: Pledge, at: datetime) -> Item:
    """The item for a promise of one's own."""
    return Item(
        Kind.PROMISE,
        pledge.id,
        pledge.due_at,
        MINUTES_FOR_PROMISE,
        tuple(_promised(pledge.due_at, at)),
        pledge.name,
        words=pledge.what,
    )


def _of(why: Why, amount: timedelta | int | None = None) -> Reason:
    return Reason(why, POINTS[why], amount)


def _clock(due_at: datetime | None, at: datetime) -> list[Reason]:
    if due_at is None:
        return []
    left = due_at - at
    if left < timedelta(0):
        delay = min(MOST_FOR_DELAY, int(-left.total_seconds()) // 600)
        return [Reason(Why.LATE, POINTS[Why.LATE] + delay, -left)]
    if left > SOON:
        return []
    nearer = int((POINTS[Why.LATE] - POINTS[Why.DUE_SOON]) * (1 - left / SOON))
    return [Reason(Why.DUE_SOON, POINTS[Why.DUE_SOON] + nearer, left)]


def _feeling(talk: Talk) -> list[Reason]:
    reasons = []
    if talk.tier:
        why = Why.GOLD if talk.is_vip or talk.tier == "gold" else Why.SILVER
        reasons.append(Reason(why, POINTS[why], name=talk.tier_name))
    if talk.mood in _MOODS:
        reasons.append(_of(_MOODS[talk.mood]))
    if talk.is_public:
        reasons.append(_of(Why.PUBLIC))
    return reasons


def _promised(due_at: datetime | None, at: datetime) -> list[Reason]:
    if due_at is None:
        return []
    left = due_at - at
    if left < timedelta(0):
        return [_of(Why.PROMISE_LATE, -left)]
    return [_of(Why.PROMISE_SOON if left <= PROMISE_SOON else Why.PROMISE_TODAY, left)]


# --------------------------------------------------------------------------------------------------------- minutes

# Rules of thumb, until times are measured: writing takes longer where many read, and a call cannot be hurried.
MINUTES_BY_CHANNEL = {
    "post": 10,
    "community": 10,
    "review": 10,
    "call": 15,
    "email": 8,
    "chat": 5,
    "direct": 5,
    "sms": 3,
}
MINUTES_ELSE = 8
MINUTES_FOR_PROMISE = 10
MINUTES_NOT_SENT = 3
MINUTES_IMPORT = 10
_READING_FREE = 3  # messages that are read in passing
_MOST_READING = 7


def minutes_for_answer(channel: str, messages: int) -> int:
    """By channel, and a minute for each message after the third that must be read first, up to seven."""
    reading = min(_MOST_READING, max(0, messages - _READING_FREE))
    return MINUTES_BY_CHANNEL.get(channel, MINUTES_ELSE) + reading


def minutes_for_group(people: int) -> int:
    """Ten minutes to write it once, one for each person to make it theirs."""
    return 10 + people
