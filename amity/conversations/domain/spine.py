"""The spine of a conversation: what was said and done, in order, with the days and the moves between channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Generic, TypeVar

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Knot(Generic[E]):
    """Something on the spine. `channel` is "" for what is said among colleagues or done to the conversation itself;
    `key` orders what happened in the same instant."""

    at: datetime
    key: str
    channel: str
    is_theirs: bool
    what: E


@dataclass(frozen=True, slots=True)
class Drawn(Generic[E]):
    """A knot, with what stands before it: a new day, or a move to another channel (by the customer or by us)."""

    knot: Knot[E]
    day: date | None
    moved_to: str


@dataclass(frozen=True, slots=True)
class Before:
    """What stood last before the part that is drawn: its day and its channel; None and "" at the very beginning."""

    day: date | None = None
    channel: str = ""


def draw(knots: Sequence[Knot[E]], zone: tzinfo, before: Before = Before()) -> Iterator[Drawn[E]]:
    """The knots in the order of time. A spine drawn in two parts is the same as drawn in one."""
    day, channel = before.day, before.channel
    for knot in sorted(knots, key=lambda one: (one.at, one.key)):
        its_day = knot.at.astimezone(zone).date()
        moved = knot.channel if knot.channel and channel and knot.channel != channel else ""
        yield Drawn(knot, its_day if its_day != day else None, moved)
        day, channel = its_day, knot.channel or channel
