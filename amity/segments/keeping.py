"""Membership kept up to date: who was touched is read anew and decided on. One writer at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import connection, transaction

from amity.kernel import policy
from amity.segments import building, edges, moving
from amity.segments.conditions import Moment
from amity.segments.domain.parts import COLUMNS, FIELDS, READ, WHO
from amity.segments.domain.traits import Traits, minute_of
from amity.segments.models import Segment, SegmentState, State
from amity.segments.reading import closed_sources, read_part, who_is_there
from amity.segments.rules import ANEW, Rule, codes_of, ordered, rule_of
from amity.segments.storing import forget_traits, store_traits, stored_traits
from amity.segments.triggers import TURN

MOST_TOUCHED = 2_000

_TAKE = """
    DELETE FROM segments_touched WHERE id IN (SELECT id FROM segments_touched ORDER BY id LIMIT %s)
    RETURNING part, identity_id, person_id, source_id
"""
_PERSON_OF = """
    SELECT identity_id, person_id FROM people_link WHERE identity_id = ANY(%s) AND revoked_at IS NULL
"""
_OF_SOURCE = f"""
    INSERT INTO segments_touched (part, identity_id, at)
    SELECT {READ}, identity_id, now() FROM (
        SELECT identity_id FROM people_sighting WHERE source_id = ANY(%(sources)s)
        UNION SELECT identity_id FROM people_fact WHERE source_id = ANY(%(sources)s)
        UNION SELECT about_id FROM activity_activity WHERE source_id = ANY(%(sources)s)
        UNION SELECT buyer_id FROM commerce_order WHERE source_id = ANY(%(sources)s)) AS named
    WHERE identity_id IS NOT NULL
"""
_ALSO = (
    "INSERT INTO segments_touched (part, person_id, at) SELECT %s, id, now() FROM unnest(%s::uuid[]) AS id"
)


def take_turn(*, wait: bool = True) -> bool:
    """Be the one who writes, until the transaction ends. False where somebody else is and one does not wait."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TURN])
        (mine,) = cursor.fetchone() or (False,)
        return bool(mine)


def catch_up(at: datetime, *, rounds: int | None = None) -> int:
    """Bring all memberships to what is committed and to this instant; returns how many people were looked at.

    Each round is one short transaction.
    """
    looked, done = 0, 0
    while rounds is None or done < rounds:
        more, people = one_round(at)
        looked, done = looked + people, done + 1
        if not more:
            break
    return looked


def one_round(at: datetime, most: int = MOST_TOUCHED) -> tuple[bool, int]:
    """Take up what waits, at most `most` changes. Returns whether more may wait, and how many people were looked at."""
    with transaction.atomic(), policy.one_look():
        take_turn()
        # What a crash could undo of this it undoes as a whole: then it is still told that somebody was touched.
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        state = State.there()
        if not state.is_kept:
            return False, 0
        rules, is_building = live_rules(at)
        edges.let_time_pass(state, rules, at)
        taken = _take(most)
        if taken.changes:
            taken.touched_others |= _look_at(taken.people, rules, at)
            more = is_building or state.reading_from is not None
            return more or taken.touched_others or taken.changes == most, len(taken.people)
        if people := building.read_on(state):
            _look_at(dict.fromkeys(people, READ | ANEW), rules, at)
            return True, len(people)
        return is_building and building.build_next(at), 0


_Known: TypeAlias = tuple[tuple[UUID, int], ...]
_known: tuple[_Known, int, list[Rule]] = ((), 0, [])


def live_rules(at: datetime) -> tuple[list[Rule], bool]:
    """The rules of the segments whose members are known, each behind those it asks for; whether others are not.

    They are read again when one changed, and each minute: the fields of administrators change too.
    """
    global _known
    kept = list(Segment.objects.there().order_by("id").values_list("id", "version", "state"))
    live = tuple((id, version) for id, version, state in kept if state == SegmentState.LIVE)
    minute = minute_of(at)
    if _known[:2] != (live, minute):
        rows = Segment.objects.filter(pk__in=[id for id, _ in live]).values_list("id", "version", "rule")
        _known = live, minute, ordered(rule_of(*row) for row in rows)
    return _known[2], len(live) < len(kept)


@dataclass(slots=True)
class Taken:
    """Who was touched in which parts, by how many changes; whether these touched others, who wait now."""

    people: dict[UUID, int]
    changes: int
    touched_others: bool


def _take(most: int) -> Taken:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [most])
        rows = cursor.fetchall()
        parts: dict[UUID, int] = defaultdict(int)
        of_identity: dict[UUID, int] = defaultdict(int)
        sources = [source for *_, source in rows if source]
        for part, identity, person, _ in rows:
            if person:
                parts[person] |= part
            elif identity:
                of_identity[identity] |= part
        if of_identity:
            cursor.execute(_PERSON_OF, [list(of_identity)])
            for identity, person in cursor.fetchall():
                parts[person] |= of_identity[identity]
        if sources:
            cursor.execute(_OF_SOURCE, {"sources": sources})
    return Taken(dict(parts), len(rows), bool(sources))


def _look_at(touched: dict[UUID, int], rules: Sequence[Rule], at: datetime) -> bool:
    """Decide on these people; returns whether others were touched by that."""
    if not touched:
        return False
    traits, gone = bring_up_to_date(touched)
    moves = _decide(traits, touched, rules, at)
    merged = moving.take_out(gone, moves)
    moving.write(moves, at)
    if merged:  # what was said of who was merged counts for the others
        with connection.cursor() as cursor:
            cursor.execute(_ALSO, [WHO | FIELDS, merged])
    return bool(merged)


def bring_up_to_date(touched: dict[UUID, int]) -> tuple[dict[UUID, Traits], list[UUID]]:
    """The traits of those who were touched, the touched parts read anew and written; and who is not there any more.

    Adds `ANEW` to the parts of those of whom nothing was kept.
    """
    closed, traits = closed_sources(), stored_traits(list(touched))
    for id in touched.keys() - traits.keys():
        touched[id] |= READ | ANEW
    asked = [id for id, parts in touched.items() if parts & WHO]
    there = who_is_there(asked, closed) if asked else {}
    gone = [id for id in asked if id not in there]
    for id in gone:
        traits.pop(id, None)
        del touched[id]
    for id, one in there.items():
        traits[id] = _with_who(traits[id], one) if id in traits else one
    for part in _PARTS_AFTER_WHO:
        read_part({id: traits[id] for id, parts in touched.items() if parts & part}, part, closed)
    store_traits({id: traits[id] for id, parts in touched.items() if parts & READ})
    forget_traits(gone)
    return traits, gone


def _with_who(kept: Traits, new: Traits) -> Traits:
    return replace(kept, **{name: getattr(new, name) for name in COLUMNS[WHO]})


_PARTS_AFTER_WHO = tuple(1 << place for place in range(1, 6))


def _decide(
    traits: Mapping[UUID, Traits], touched: Mapping[UUID, int], rules: Sequence[Rule], at: datetime
) -> moving.Moves:
    moves = moving.Moves()
    if not rules or not touched:
        return moves
    now, codes, inside = minute_of(at), codes_of(rules), moving.inside(list(touched))
    for id, parts in touched.items():
        here = inside[id]
        moment = Moment(now, codes, here.__contains__)
        one = traits[id]
        for rule in rules:
            if not rule.parts & parts:
                continue
            holds, was = rule.decide(one, moment), rule.segment_id in here
            if holds and not was:
                here.add(rule.segment_id)
                moves.entered.append((rule.segment_id, rule.version, id, rule.why(one, moment)))
            elif was and not holds:
                here.discard(rule.segment_id)
                moves.left.append((rule.segment_id, rule.version, id, rule.why(one, moment)))
    return moves
