"""Sensible instants to choose from, in the reader's own day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

MORNING, NOON, EVENING = time(9), time(12), time(18)
_MONDAY, _FRIDAY = 0, 4


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` says which one it is (`hour`, `tomorrow`, `monday`, …); `at` when it is."""

    key: str
    at: datetime


def _on(day: datetime, clock: time) -> datetime:
    return day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def _next(weekday: int, now: datetime, clock: time) -> datetime:
    ahead = (weekday - now.weekday()) % 7 or 7
    return _on(now + timedelta(days=ahead), clock)


def snooze_choices(now: datetime) -> list[Choice]:
    """In an hour, tomorrow at nine, next Monday at nine (unless that is tomorrow). `now` and the answers are in the
    reader's zone; an hour is sixty minutes also in the night when the clocks change."""
    hour = (now.astimezone(UTC) + timedelta(hours=1)).astimezone(now.tzinfo)
    tomorrow = Choice("tomorrow", _on(now + timedelta(days=1), MORNING))
    monday = Choice("monday", _next(_MONDAY, now, MORNING))
    choices = [Choice("hour", hour.replace(second=0, microsecond=0)), tomorrow]
    return choices if monday.at == tomorrow.at else [*choices, monday]


def promise_choices(now: datetime) -> list[Choice]:
    """By when one promises things: this evening, tomorrow noon, Friday noon, in a week. In order, none twice."""
    choices = [Choice("tonight", _on(now, EVENING))] if now.time() < time(16) else []
    choices.append(Choice("tomorrow", _on(now + timedelta(days=1), NOON)))
    friday = Choice("friday", _next(_FRIDAY, now, NOON))
    week = Choice("week", _on(now + timedelta(days=7), NOON))
    taken = {choice.at for choice in choices}
    choices += [choice for choice in (friday, week) if choice.at not in taken]
    if friday.at == week.at:
        choices.pop()
    return sorted(choices, key=lambda choice: choice.at)


def end_of_day(now: datetime) -> datetime:
    """The first instant of the reader's next day."""
    return _on(now + timedelta(days=1), time(0))
