"""Time passes: who may come in or leave because something left the window of a condition.

Nothing is kept for it. A condition that looks N days back changes for those of whom something happened N days ago, and
the records stand in the order of their time: from tick to tick those are read that lie between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from amity.segments.conditions import Edge
from amity.segments.domain.parts import TIME
from amity.segments.domain.traits import minute_of, start_of
from amity.segments.models import State
from amity.segments.rules import Rule


@dataclass(frozen=True, slots=True)
class Passing:
    """SQL that finds whose records lie from `%(start)s` on and before `%(end)s`; `whose` is what it finds."""

    whose: str
    sql: str


_PASSING: dict[str, Passing] = {
    "activity": Passing(
        "identity_id",
        "SELECT about_id FROM activity_activity WHERE occurred_at >= %(start)s AND occurred_at < %(end)s",
    ),
    "order": Passing(
        "identity_id",
        "SELECT buyer_id FROM commerce_order WHERE ordered_at >= %(start)s AND ordered_at < %(end)s",
    ),
    "promise": Passing(
        "identity_id", "SELECT about_id FROM teamwork_promise WHERE due_at >= %(start)s AND due_at < %(end)s"
    ),
    "waiting": Passing(
        "identity_id",
        "SELECT customer_id FROM conversations_conversation WHERE state = 'open' AND waiting_since IS NOT NULL "
        "AND waiting_since >= %(start)s AND waiting_since < %(end)s",
    ),
    "first_seen": Passing(
        "person_id",
        "SELECT person_id FROM segments_trait WHERE first_seen >= %(first)s AND first_seen < %(last)s",
    ),
}


def register_passing(of: str, passing: Passing) -> None:
    """Let conditions of another package change with time: `of` is the name of their edges."""
    _PASSING[of] = passing


def let_time_pass(state: State, rules: Iterable[Rule], at: datetime) -> None:
    """Touch whoever crossed an edge since the last tick. Time does not go back."""
    now = minute_of(at)
    if now <= state.minute:
        return
    if state.minute:
        passed = {edge for rule in rules for edge in rule.edges}
        for edge in sorted(passed, key=lambda one: (one.of, one.minutes)):
            _touch(edge, state.minute, now)
    State.objects.filter(pk=state.pk).update(minute=now)
    state.minute = now


def _touch(edge: Edge, before: int, now: int) -> None:
    passing = _PASSING[edge.of]
    first, last = before - edge.minutes + 1, now - edge.minutes + 1
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO segments_touched (part, {passing.whose}, at) SELECT DISTINCT {TIME}, whose, now() "
            f"FROM ({passing.sql}) AS passed (whose) WHERE whose IS NOT NULL",
            {"start": start_of(first), "end": start_of(last), "first": first, "last": last},
        )
