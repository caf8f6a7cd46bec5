"""Which conversations somebody wants to see: a view, and what narrows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from uuid import UUID

from amity.listening.domain.understanding import (
    ANGRY_UP_TO,
    DELIGHTED_FROM,
    PLEASED_FROM,
    SURE_FROM,
    UNHAPPY_UP_TO,
)

NOBODY, ME = "nobody", "me"
LONGEST_SEARCH = 200


class View(StrEnum):
    """The boxes of the inbox, in the order in which they are offered."""

    WAITING = "waiting"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    PROMISED = "promised"
    SNOOZED = "snoozed"
    CLOSED = "closed"
    ALL = "all"

    @property
    def holds_waiting(self) -> bool:
        """Whether a conversation leaves this box when it is done."""
        return self in (View.WAITING, View.MINE, View.UNASSIGNED)


def view_of(text: str) -> View:
    """The box of this name; Waiting on us for any other."""
    return View(text) if text in set(View) else View.WAITING


@dataclass(frozen=True, slots=True)
class MoodRange:
    """Scores from `low` (above it, unless `low_counts`) to `high` (below it, unless `high_counts`)."""

    low: float = -1.0
    high: float = 1.0
    low_counts: bool = True
    high_counts: bool = True


# The same borders as `amity.listening.domain.understanding.mood`; a test holds them together.
MOODS: dict[str, MoodRange] = {
    "angry": MoodRange(high=ANGRY_UP_TO),
    "unhappy": MoodRange(ANGRY_UP_TO, UNHAPPY_UP_TO, low_counts=False),
    "neutral": MoodRange(UNHAPPY_UP_TO, PLEASED_FROM, low_counts=False, high_counts=False),
    "pleased": MoodRange(PLEASED_FROM, DELIGHTED_FROM, high_counts=False),
    "delighted": MoodRange(DELIGHTED_FROM),
}
LEAST_CONFIDENCE = SURE_FROM


def in_mood(name: str, score: float, confidence: float) -> bool:
    """Whether a score falls into the mood of this name, as the filter sees it."""
    span = MOODS[name]
    above = score >= span.low if span.low_counts else score > span.low
    below = score <= span.high if span.high_counts else score < span.high
    return confidence >= LEAST_CONFIDENCE and above and below


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a view; an empty text narrows nothing. `assignee` is an id, `me` or `nobody`."""

    q: str = ""
    channel: str = ""
    assignee: str = ""
    mood: str = ""
    language: str = ""
    source: str = ""
    late: str = ""

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that narrow, by name, in their order."""
        return {name: getattr(self, name) for name in NAMES if getattr(self, name)}

    def without(self, name: str) -> Filters:
        return replace(self, **{name: ""})

    def __bool__(self) -> bool:
        return bool(self.chosen)


NAMES = tuple(field.name for field in fields(Filters))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def filters_of(asked: Mapping[str, str]) -> Filters:
    """The filters of a query string. What cannot be meant (an unknown mood, a broken id) is left out."""
    given = {name: " ".join(str(asked.get(name, "")).replace("\x00", "").split()) for name in NAMES}
    found = Filters(**given)
    if found.mood not in MOODS:
        found = found.without("mood")
    if found.assignee not in (ME, NOBODY) and not _is_id(found.assignee):
        found = found.without("assignee")
    if not _is_id(found.source):
        found = found.without("source")
    return replace(
        found,
        q=found.q[:LONGEST_SEARCH],
        channel=found.channel[:24],
        language=found.language[:12],
        late="1" if found.late else "",
    )
