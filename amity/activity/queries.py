"""The timeline: what the customer said, what they bought, what we did, newest first over all their identities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection

from amity.activity.emptying import MARK, emptied_words
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.keyset import Cursor

PAGE = 30
MOST_COUNTED = 10_001
MOST_DOTS = 400
LONGEST_WORDS = 200
LAST_MILLISECOND = 253_402_214_400_000  # a day before the calendar ends
REMOVED, BEFORE, CHANGED_AT, EARLIER, UNDER = "removed", "before", "changed_at", "earlier", "under"
"""Keys in the payload of a note: its words once it was removed, those that stood there before a change, and when.

`EARLIER`: words from before other changes, while a hold keeps them; `UNDER`: all of these of a note that was removed.
"""


class Lane(StrEnum):
    """Whose deed a moment is."""

    SAID = "said"  # the customer's words
    BOUGHT = "bought"  # orders
    DID = "did"  # what we wrote, noted and promised


ALL_LANES = frozenset(Lane)
_IS_NOTE = (
    "a.channel = 'note' AND a.thread_id IS NULL AND a.direction = 'internal'"  # no message: each has a thread
)
_LANE_OF = (
    "CASE WHEN a.object_type = 'order' THEN 'bought' WHEN a.direction = 'in' THEN 'said' ELSE 'did' END"
)
_LANE_IS = {
    Lane.SAID: "(a.direction = 'in' AND a.object_type <> 'order')",
    Lane.BOUGHT: "a.object_type = 'order'",
    Lane.DID: "(a.direction <> 'in' AND a.object_type <> 'order')",  # what programs wrote is on no lane
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a timeline. `answers` is the external id of what it answers, "" for none."""

    id: UUID
    occurred_at: datetime
    lane: str
    direction: str
    channel: str
    verb: str
    object_type: str
    external_id: str
    answers: str
    subject: str
    text: str
    is_public: bool
    amount: Decimal | None
    currency: str
    language: str
    sentiment: float | None
    confidence: float | None
    about_id: UUID
    staff_id: UUID | None
    thread_id: UUID | None
    object_id: UUID | None
    emptied: str | None  # the mark of a rule that took its words, as JSON
    is_removed: bool  # a note whose author took it away; its words come back where they change their mind
    is_changed: bool  # a note in whose place other words stood

    @property
    def why_empty(self) -> str:
        """Which rule took its words, and when; "" where none did."""
        return emptied_words(self.emptied)

    @property
    def is_internal(self) -> bool:
        """Whether only colleagues ever saw it."""
        return self.direction == "internal"


_READ = {
    "lane": _LANE_OF,
    "answers": "a.in_reply_to",
    "text": "left(a.text, 1000)",  # an entry is a few lines; all of it stands in its conversation
    "subject": "left(a.subject, 300)",
    "emptied": f"CASE WHEN a.text = '' THEN a.payload ->> '{MARK}' END",
    # A file may have columns of these names, which are kept with its messages under the same keys.
    "is_removed": f"{_IS_NOTE} AND a.payload -> '{REMOVED}' IS NOT NULL",
    "is_changed": f"{_IS_NOTE} AND a.payload -> '{CHANGED_AT}' IS NOT NULL",
}
_COLUMNS = ", ".join(f"{_READ.get(f.name, f'a.{f.name}')} AS {f.name}" for f in fields(Moment))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of a timeline: lanes, words that its text or subject must hold, from (included) until (not)."""

    lanes: frozenset[Lane] = field(default=ALL_LANES)
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `PAGE` moments, newest first, and where older ones start; None at the end."""

    moments: tuple[Moment, ...]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class LaneCounts:
    """How many moments each lane holds, at most `MOST_COUNTED` looked at in all."""

    said: int = 0
    bought: int = 0
    did: int = 0

    def of(self, lane: Lane) -> int:
        return int(getattr(self, lane))


def timeline(
    actor: Actor,
    identity_ids: Sequence[UUID],
    *,
    wanted: Wanted = EVERYTHING,
    before: Cursor | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of the timeline of these identities, as the actor may see it.

    Each identity is read by itself through its index (LATERAL), so the cost follows the page, not the life.
    """
    found = _read(actor, identity_ids, wanted, before=before, limit=limit + 1)
    older = Cursor(found[limit - 1].occurred_at, found[limit - 1].id) if len(found) > limit else None
    return Page(tuple(found[:limit]), older)


def lane_counts(actor: Actor, identity_ids: Sequence[UUID], wanted: Wanted = EVERYTHING) -> LaneCounts:
    """How many moments each lane holds of what is `wanted`; lanes that are switched off are counted too."""
    where, values = _conditions(actor, Wanted(words=wanted.words, since=wanted.since, until=wanted.until))
    if where is None or not identity_ids:
        return LaneCounts()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT lane, count(*) FROM (SELECT {_LANE_OF} AS lane FROM activity_activity a "
            f"WHERE a.about_id = ANY(%(ids)s){where} LIMIT %(most)s) AS seen GROUP BY lane",
            {**values, "ids": list(identity_ids), "most": MOST_COUNTED},
        )
        return LaneCounts(**{str(lane): count for lane, count in cursor.fetchall()})


def counts_by_identity(actor: Actor, identity_ids: Sequence[UUID]) -> dict[UUID, LaneCounts]:
    """How many moments each lane of each identity holds, as the actor may see them; who has none is left out."""
    where, values = _conditions(actor, EVERYTHING)
    if where is None or not identity_ids:
        return {}
    found: dict[UUID, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.id, seen.lane, count(*) FROM unnest(%(ids)s::uuid[]) AS i(id), LATERAL ("
            f"SELECT {_LANE_OF} AS lane FROM activity_activity a WHERE a.about_id = i.id{where} LIMIT %(most)s"
            ") AS seen GROUP BY i.id, seen.lane",
            {**values, "ids": list(identity_ids), "most": MOST_COUNTED},
        )
        for identity, lane, count in cursor.fetchall():
            found.setdefault(identity, {})[str(lane)] = count
    return {identity: LaneCounts(**counts) for identity, counts in found.items()}


def between(
    actor: Actor, identity_ids: Sequence[UUID], start: datetime, end: datetime, limit: int = MOST_DOTS
) -> tuple[Moment, ...]:
    """All moments of a stretch of time, newest first, at most `limit`: the dots around an entry."""
    return tuple(_read(actor, identity_ids, Wanted(since=start, until=end), limit=limit))


def moment(actor: Actor, identity_ids: Sequence[UUID], activity_id: UUID) -> Moment | None:
    """One entry of this timeline; None if it is not there or not for this actor. Its id tells when it happened."""
    at = instant_of(activity_id)
    window = Wanted(since=at - timedelta(seconds=1), until=at + timedelta(seconds=1))
    found = _read(actor, identity_ids, window, limit=1, only=activity_id)
    return found[0] if found else None


def last_said(
    actor: Actor, identity_ids: Sequence[UUID], since: datetime, limit: int = 20
) -> tuple[Moment, ...]:
    """What the customer said since an instant, newest first."""
    return tuple(_read(actor, identity_ids, Wanted(lanes=frozenset({Lane.SAID}), since=since), limit=limit))


def instant_of(activity_id: UUID) -> datetime:
    """The millisecond that stands in a UUIDv7."""
    milliseconds = activity_id.int >> 80
    return datetime.fromtimestamp(min(milliseconds, LAST_MILLISECOND) / 1000, UTC)


def _read(
    actor: Actor,
    identity_ids: Iterable[UUID],
    wanted: Wanted,
    *,
    limit: int,
    before: Cursor | None = None,
    only: UUID | None = None,
) -> list[Moment]:
    ids = list(identity_ids)
    where, values = _conditions(actor, wanted)
    if where is None or not ids:
        return []
    if before is not None:
        # The first condition lets months be skipped; the second alone would be right.
        where += (
            " AND a.occurred_at <= %(before_at)s AND (a.occurred_at, a.id) < (%(before_at)s, %(before_id)s)"
        )
        values |= {"before_at": before.at, "before_id": before.id}
    if only is not None:
        where += " AND a.id = %(only)s"
        values["only"] = only
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT found.* FROM unnest(%(ids)s::uuid[]) AS who(id) CROSS JOIN LATERAL ("
            f"SELECT {_COLUMNS} FROM activity_activity a WHERE a.about_id = who.id{where} "
            "ORDER BY a.occurred_at DESC, a.id DESC LIMIT %(limit)s) AS found "
            "ORDER BY found.occurred_at DESC, found.id DESC LIMIT %(limit)s",
            {**values, "ids": ids, "limit": limit},
        )
        return [Moment(*row) for row in cursor.fetchall()]


def _conditions(actor: Actor, wanted: Wanted) -> tuple[str | None, dict[str, Any]]:
    """The WHERE of what is wanted and allowed, starting with AND; None if nothing is."""
    lanes = wanted.lanes & _open_lanes(actor)
    if not lanes:
        return None, {}
    where = " AND a.direction <> 'auto'"
    values: dict[str, Any] = {}
    if lanes != ALL_LANES:
        where += " AND (" + " OR ".join(_LANE_IS[lane] for lane in sorted(lanes)) + ")"
    if hidden := policy.hidden_source_ids(actor):
        where += " AND a.source_id <> ALL(%(hidden)s)"
        values["hidden"] = hidden
    if words := wanted.words.split()[:8]:
        for number, word in enumerate(words):
            where += f" AND (a.text ILIKE %(word{number})s OR a.subject ILIKE %(word{number})s)"
            values[f"word{number}"] = f"%{_literal(word[:LONGEST_WORDS])}%"
    if wanted.since is not None:
        where += " AND a.occurred_at >= %(since)s"
        values["since"] = wanted.since
    if wanted.until is not None:
        where += " AND a.occurred_at < %(until)s"
        values["until"] = wanted.until
    return where, values


def _open_lanes(actor: Actor) -> frozenset[Lane]:
    """The lanes of which the actor's role may see anything; whoever sees nobody's work as a whole sees none."""
    if actor.role is None:
        return ALL_LANES
    lanes = ALL_LANES if _reads(actor, "activity") else frozenset()
    return lanes if _reads(actor, "order") else lanes - {Lane.BOUGHT}


def _reads(actor: Actor, resource: str) -> bool:
    if actor.role is None:
        return True
    rule = policy.grant(actor.role, resource)
    return policy.may(actor, "read", resource) and rule.scope in (policy.Scope.ALL, policy.Scope.SHARED)


def _literal(word: str) -> str:
    return word.replace("\x00", "").replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
