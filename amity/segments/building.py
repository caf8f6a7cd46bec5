"""From nothing: everybody is read once, and the members of a new rule are counted over everybody at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from amity.people.models import Person
from amity.segments.conditions import Moment
from amity.segments.domain.traits import minute_of
from amity.segments.models import NOBODY, Segment, SegmentState, State, Touched, Trait
from amity.segments.rules import Rule, codes_of, ordered, rule_of, selection
from amity.segments.triggers import CHANNEL

READ_AT_ONCE = 2_000
FORGET_AFTER = timedelta(days=1)

# Or it is this transaction, or one of another server from which the database was restored.
_OLDER_ARE_OVER = """
    SELECT pg_snapshot_xmin(now.it)::text::bigint > %(since)s OR pg_snapshot_xmax(now.it)::text::bigint < %(since)s
        OR pg_current_xact_id_if_assigned()::text::bigint IS NOT DISTINCT FROM %(since)s
    FROM (SELECT pg_current_snapshot() AS it) AS now
"""
_NEXT = "SELECT id FROM people_person WHERE id > %s AND merged_into_id IS NULL ORDER BY id LIMIT %s"
_HIT = "CREATE TEMP TABLE segments_hit ON COMMIT DROP AS SELECT t.person_id {selection}"
_LEAVE = """
    UPDATE segments_member m SET until = %s, version_out = %s WHERE m.segment_id = %s AND m.until IS NULL
        AND NOT EXISTS (SELECT FROM segments_hit h WHERE h.person_id = m.person_id)
"""
_ENTER = """
    INSERT INTO segments_member (segment_id, person_id, since, version_in)
    SELECT %s, h.person_id, %s, %s FROM segments_hit h WHERE NOT EXISTS (
        SELECT FROM segments_member m WHERE m.segment_id = %s AND m.person_id = h.person_id AND m.until IS NULL)
    ON CONFLICT (segment_id, person_id, since) DO UPDATE SET until = NULL, version_out = NULL, why_out = NULL
"""


def begin_keeping(at: datetime) -> bool:
    """Have traits kept from now on, if they are not; returns whether this began it."""
    if is_kept():
        return False
    state = State.objects.select_for_update().get(pk=State.there().pk)
    if state.is_kept:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (xact,) = cursor.fetchone() or (0,)
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    State.objects.filter(pk=state.pk).update(
        is_kept=True, kept_since=xact, reading_from=NOBODY, read=0, minute=minute_of(at), started_at=at,
        to_read=Person.objects.filter(merged_into__isnull=True).count(),
    )  # fmt: skip
    return True


def end_keeping() -> None:
    """Keep nothing any more: the last segment is gone."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE segments_trait, segments_touched")
    State.objects.update(is_kept=False, kept_since=None, reading_from=None)


def is_kept() -> bool:
    """Whether traits are kept at all."""
    return State.objects.filter(is_kept=True).exists()


def is_idle(at: datetime) -> bool:
    """Whether traits have been kept for a day for nothing."""
    state = State.there()
    return bool(
        state.is_kept
        and state.started_at
        and state.started_at < at - FORGET_AFTER
        and not Segment.objects.there().exists()
    )


def read_on(state: State) -> list[UUID]:
    """The next people of the first reading; empty when it is over, or must wait for transactions that began before."""
    if state.reading_from is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OLDER_ARE_OVER, {"since": state.kept_since or 0})
        (over,) = cursor.fetchone() or (False,)
        if not over:
            return []
        cursor.execute(_NEXT, [state.reading_from, READ_AT_ONCE])
        people = [id for (id,) in cursor.fetchall()]
    last = people[-1] if len(people) == READ_AT_ONCE else None
    State.objects.filter(pk=state.pk).update(reading_from=last, read=state.read + len(people))
    if last is None:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE segments_trait")
    return people


def build_next(at: datetime) -> bool:
    """Count the members of the next segment whose rule is new, once everybody was read. False when there is none."""
    if State.objects.filter(reading_from__isnull=False).exists():
        return False
    kept = list(Segment.objects.there().values_list("id", "version", "rule", "state"))
    waiting = {id for id, _, _, state in kept if state == SegmentState.BUILDING}
    if not waiting:
        return False
    rule = next(one for one in ordered(rule_of(*row[:3]) for row in kept) if one.segment_id in waiting)
    build(rule, at)
    return True


def build(rule: Rule, at: datetime) -> None:
    """Have exactly those in the segment of whom its rule holds."""
    chosen = selection(rule, Moment(minute_of(at), codes_of([rule])))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'; DROP TABLE IF EXISTS pg_temp.segments_hit")
        cursor.execute(_HIT.format(selection=chosen.text), chosen.params)
        cursor.execute("SELECT count(*) FROM segments_hit")
        (members,) = cursor.fetchone() or (0,)
        cursor.execute(_LEAVE, [at, rule.version, rule.segment_id])
        cursor.execute(_ENTER, [rule.segment_id, at, rule.version, rule.segment_id])
    Segment.objects.filter(pk=rule.segment_id, version=rule.version).update(
        state=SegmentState.LIVE, members=members, built_at=at, updated_at=at
    )


def waiting_changes() -> int:
    """How many changes are not taken in yet."""
    return Touched.objects.count()


def kept_people() -> int:
    return Trait.objects.count()
