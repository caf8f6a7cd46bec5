"""Thirty days around an entry: where its dots, ticks and promises stand, in days from the first midnight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from amity.activity.queries import Moment
from amity.kernel.written import day_as
from amity.people.panels import Due

DAYS, BEFORE, TICK_EVERY, WORDS_NEED = 30, 15, 5, 6


@dataclass(frozen=True, slots=True)
class Dot:
    day: float
    lane: str
    label: str = ""
    text: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """What the tag `around` draws."""

    days: int
    now: float
    dots: Sequence[Dot]
    ticks: Sequence[tuple[float, str, bool]]
    lanes: Sequence[tuple[str, str]]


def window(chosen_at: datetime) -> tuple[datetime, datetime]:
    """The thirty days around an instant, from midnight to midnight of the reader."""
    day = timezone.localtime(chosen_at).replace(hour=0, minute=0, second=0, microsecond=0)
    start = day - timedelta(days=BEFORE)
    return start, start + timedelta(days=DAYS)


def strip(
    moments: Iterable[Moment], dues: Iterable[Due], chosen: UUID | None, chosen_at: datetime, now: datetime
) -> Strip:
    """The strip around `chosen_at`; of several promises the last one is named, the others by their tips."""
    start, _end = window(chosen_at)

    def day_of(instant: datetime) -> float:
        return round((instant - start) / timedelta(days=1), 3)

    dots = [Dot(day_of(one.occurred_at), one.lane, is_chosen=one.id == chosen) for one in moments]
    dots.sort(key=lambda dot: dot.is_chosen)  # the chosen one on top
    promised = [Dot(day_of(due.at), "due", label=due.words) for due in dues]
    if (
        promised and promised[-1].day < DAYS - WORDS_NEED
    ):  # the words of the last one have free ground beside them
        promised[-1] = replace(promised[-1], text=promised[-1].label)
    dots += promised
    ticks = [
        (float(offset), _tick(start + timedelta(days=offset), offset), offset == BEFORE)
        for offset in range(0, DAYS + 1, TICK_EVERY)
    ]
    lanes = (("said", _("Said")), ("bought", _("Bought")), ("did", _("We did")))
    return Strip(DAYS, day_of(now), dots, ticks, lanes)


def _tick(day: datetime, offset: int) -> str:
    """The first, the chosen and the last tick, and one that starts a month, say which month it is."""
    is_named = offset in (0, BEFORE, DAYS) or day.day <= TICK_EVERY
    return day_as("MMMd", day) if is_named else str(day.day)
