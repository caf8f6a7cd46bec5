"""Which rules of segments a retention rule was turned on with: those of another make nothing happen unseen."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from amity.retention.domain.verdicts import Still
from amity.retention.models import Rule
from amity.segments.domain.trees import named_segments, read
from amity.segments.models import Segment, SegmentState, State


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions of the segment and of all that it asks for; `problem` says why it decides about nobody now."""

    versions: dict[str, int]
    problem: Still | None = None

    def in_words(self) -> str:
        return still_words(self.problem.value) if self.problem else ""


def seen_now(rule: Rule) -> Seen:
    """The segments of a rule as they are now."""
    there = {one.id: one for one in Segment.objects.there()}
    versions: dict[str, int] = {}
    waiting = [rule.segment_id] if rule.segment_id else []
    is_counting = State.there().reading_from is not None or not State.there().is_kept
    while waiting:
        asked = waiting.pop()
        segment = there.get(asked)
        if segment is None:
            return Seen(versions, Still.GONE)
        if str(asked) in versions:
            continue
        versions[str(asked)] = segment.version
        is_counting = is_counting or segment.state != SegmentState.LIVE
        waiting += _named(segment)
    return Seen(versions, Still.COUNTING if is_counting else None)


def _named(segment: Segment) -> list[UUID]:
    return sorted(named_segments(read(segment.rule)), key=str)


def why_still(rule: Rule) -> Still | None:
    """Why a rule that is on does nothing; None where it works."""
    now = seen_now(rule)
    if now.problem is Still.GONE:
        return now.problem
    return Still.CHANGED if now.versions != rule.seen else now.problem


def still_words(still: str) -> str:
    """Why a rule stands still, in words."""
    return {
        Still.GONE.value: _("Its segment was deleted, or one that this asks for."),
        Still.CHANGED.value: _(
            "Its segment has another rule since. Look at what it would do, and turn it on again."
        ),
        Still.COUNTING.value: _("Its segment is still being counted."),
    }.get(still, "")
