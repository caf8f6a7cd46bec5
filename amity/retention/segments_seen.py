"""Which rules of segments a retention rule was turned on with: those of another make nothing happen unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from amity.retention.domain.verdicts import Still
from amity.retention.models import Rule
from amity.segments.conditions import all_fields
from amity.segments.domain.trees import leaves, named_segments, read
from amity.segments.models import Segment, SegmentState, State


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions of the segment and of all that it asks for; `problem` says why it decides about nobody now."""

    versions: dict[str, int]
    problem: Still | None = None

    def in_words(self) -> str:
        return still_words(self.problem.value) if self.problem else ""


@dataclass(frozen=True, slots=True)
class Look:
    """All segments as they are, and the fields that conditions may ask for: read once for many rules."""

    there: Mapping[UUID, Segment]
    fields: Collection[str]
    is_counting: bool


def look() -> Look:
    """A few queries."""
    state = State.there()
    there = {one.id: one for one in Segment.objects.there()}
    return Look(there, all_fields().keys(), state.reading_from is not None or not state.is_kept)


def seen_now(rule: Rule, now: Look | None = None) -> Seen:
    """The segments of a rule as they are now."""
    now = now or look()
    versions: dict[str, int] = {}
    waiting = [rule.segment_id] if rule.segment_id else []
    is_counting, is_lost = now.is_counting, False
    while waiting:
        asked = waiting.pop()
        segment = now.there.get(asked)
        if segment is None:
            return Seen(versions, Still.GONE)
        if str(asked) in versions:
            continue
        tree = read(segment.rule)
        versions[str(asked)] = segment.version
        is_counting = is_counting or segment.state != SegmentState.LIVE
        is_lost = is_lost or any(leaf.field not in now.fields for _path, leaf in leaves(tree))
        waiting += sorted(named_segments(tree), key=str)
    return Seen(versions, Still.LOST if is_lost else Still.COUNTING if is_counting else None)


def why_still(rule: Rule, now: Look | None = None) -> Still | None:
    """Why a rule that is on does nothing; None where it works."""
    seen = seen_now(rule, now)
    if seen.problem in (Still.GONE, Still.LOST):
        return seen.problem
    return Still.CHANGED if seen.versions != rule.seen else seen.problem


def still_words(still: str) -> str:
    """Why a rule stands still, in words."""
    return {
        Still.GONE.value: _("Its segment was deleted, or one that this asks for."),
        Still.CHANGED.value: _(
            "Its segment has another rule since. Look at what it would do, and turn it on again."
        ),
        Still.LOST.value: _("Its segment asks for a field or a purpose that is not used any more."),
        Still.COUNTING.value: _("Its segment is still being counted."),
    }.get(still, "")
