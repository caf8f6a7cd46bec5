"""One timeline after the merge: what was said, bought and done with each record, and below them all of it together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from amity.activity import queries as stream
from amity.activity.queries import Moment
from amity.kernel.actor import Actor
from amity.kernel.written import day_as
from amity.people.queries import PersonRecord

TICKS = 4
MOST = 150
"""Dots of one record; the newest."""


@dataclass(frozen=True, slots=True)
class Track:
    """One record: (place in hundredths of the width, lane) of each dot, oldest first."""

    name: str
    dots: tuple[tuple[float, str], ...]
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """`ticks` are (place, words)."""

    tracks: tuple[Track, ...]
    ticks: tuple[tuple[float, str], ...]


def together(actor: Actor, sides: Sequence[PersonRecord], now: datetime) -> Together | None:
    """The tracks of these records until now; None where nothing happened with any of them. A query for each."""
    start = min(side.first_seen_at for side in sides) - timedelta(days=1)
    moments = [stream.between(actor, side.identity_ids, start, now, MOST) for side in sides]
    if not any(moments):
        return None
    span = (now - start) / timedelta(days=1)

    def placed(those: Sequence[Moment]) -> tuple[tuple[float, str], ...]:
        places = {
            (round(100 * ((one.occurred_at - start) / timedelta(days=1)) / span, 1), one.lane)
            for one in those
        }
        return tuple(sorted(places))

    tracks = [
        Track(side.golden.name or _("Unknown"), placed(those))
        for side, those in zip(sides, moments, strict=True)
    ]
    everything = [one for those in moments for one in those]
    tracks.append(Track(_("Together"), placed(everything), is_sum=True))
    return Together(tuple(tracks), tuple(_ticks(start, now)))


def _ticks(start: datetime, now: datetime) -> list[tuple[float, str]]:
    step = (now - start) / TICKS
    months = [timezone.localtime(start + number * step) for number in range(TICKS)]
    named = [(100 / TICKS * number, day_as("yMMM", at)) for number, at in enumerate(months)]
    return [*named, (100.0, _("today"))]
