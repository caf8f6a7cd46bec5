"""Membership kept up to date: who was touched is read anew and decided on. One writer at a time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from amity.kernel.bus import publish
from amity.kernel.copying import copy_insert
from amity.people.models import Person
from amity.segments import building, edges
from amity.segments.conditions import Moment
from amity.segments.domain.parts import COLUMNS, READ, WHO
from amity.segments.domain.traits import Traits, minute_of
from amity.segments.events import SegmentEntered, SegmentLeft
from amity.segments.models import Segment, SegmentState, State
from amity.segments.reading import closed_sources, read_part, who_is_there
from amity.segments.rules import ANEW, Rule, codes_of, ordered, rule_of
from amity.segments.storing import forget_traits, store_traits, stored_traits

TURN = 4171024
"""The advisory lock of whoever writes traits and memberships."""
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
_INSIDE = "SELECT person_id, segment_id FROM segments_member WHERE person_id = ANY(%s) AND until IS NULL"
_LEAVE = """
    UPDATE segments_member m SET until = %s, version_out = gone.version, why_out = gone.why::jsonb
    FROM unnest(%s::uuid[], %s::uuid[], %s::integer[], %s::text[]) AS gone (segment_id, person_id, version, why)
    WHERE m.segment_id = gone.segment_id AND m.person_id = gone.person_id AND m.until IS NULL
"""
_COUNT = """
    UPDATE segments_segment s SET members = s.members + more.n, updated_at = %s
    FROM unnest(%s::uuid[], %s::integer[]) AS more (id, n) WHERE s.id = more.id
"""


@dataclass(slots=True)
class Moves:
    """Who comes in and who leaves: (segment, version, person, why)."""

    entered: list[tuple[UUID, int, UUID, Any]] = field(default_factory=list)
    left: list[tuple[UUID, int | None, UUID, Any]] = field(default_factory=list)


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
    with transaction.atomic():
        take_turn()
        state = State.objects.get()
        if not state.is_kept:
            return False, 0
        rules = live_rules()
        edges.let_time_pass(state, rules, at)
        touched = _take(most)
        if touched:
            _look_at(touched, rules, at)
            return True, len(touched)
        people = building.read_on(state, at)
        if people:
            _look_at(dict.fromkeys(people, READ | ANEW), rules, at)
            return True, len(people)
        return building.build_next(at), 0


def live_rules() -> list[Rule]:
    """The rules of the segments whose members are known, each behind those it asks for."""
    kept = Segment.objects.there().filter(state=SegmentState.LIVE).values_list("id", "version", "rule")
    return ordered(rule_of(*one) for one in kept)


def _take(most: int) -> dict[UUID, int]:
    """Who was touched and in which parts; empty when nothing waits."""
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
    return dict(parts) or ({_NOBODY: 0} if rows else {})


_NOBODY = UUID(int=0)


def _look_at(touched: dict[UUID, int], rules: Sequence[Rule], at: datetime) -> None:
    touched.pop(_NOBODY, None)
    if not touched:
        return
    traits, gone = bring_up_to_date(touched)
    moves = _decide(traits, touched, rules, at)
    _take_out(gone, moves)
    _write(moves, at)


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
) -> Moves:
    moves = Moves()
    if not rules or not touched:
        return moves
    now, codes, inside = minute_of(at), codes_of(rules), _inside(list(touched))
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


def _inside(person_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_INSIDE, [list(person_ids)])
        for person, segment in cursor.fetchall():
            found[person].add(segment)
    return found


def _take_out(gone: Sequence[UUID], moves: Moves) -> None:
    """Who was merged leaves every segment; of who does not exist any more nothing is kept."""
    if not gone:
        return
    into = dict(Person.objects.filter(pk__in=gone).values_list("pk", "merged_into_id"))
    if roots := [
        root for root in into.values() if root is not None
    ]:  # what was said of who was merged counts for them
        with connection.cursor() as cursor:
            cursor.execute(_ALSO, [WHO, roots])
    for person, segments in _inside(gone).items():
        moves.left += [(segment, None, person, None) for segment in segments]
    moves.left.sort(key=lambda move: str(move[2]))
    erased = [id for id in gone if id not in into]
    if erased:
        forget_people(erased, moves)


def forget_people(person_ids: Sequence[UUID], moves: Moves) -> None:
    """Remove the whole history of people who do not exist any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM segments_member WHERE person_id = ANY(%s) RETURNING segment_id, until IS NULL",
            [list(person_ids)],
        )
        erased = set(person_ids)
        moves.left = [move for move in moves.left if move[2] not in erased]
        open_ones: dict[UUID, int] = defaultdict(int)
        for segment, is_open in cursor.fetchall():
            open_ones[segment] -= 1 if is_open else 0
        cursor.execute(
            "UPDATE segments_segment s SET members = s.members + more.n "
            "FROM unnest(%s::uuid[], %s::integer[]) AS more (id, n) WHERE s.id = more.id",
            [list(open_ones), list(open_ones.values())],
        )


def _write(moves: Moves, at: datetime) -> None:
    if moves.left:
        segments, versions, people, whys = zip(*moves.left, strict=True)
        told = [None if why is None else json.dumps(why) for why in whys]
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE, [at, list(segments), list(people), list(versions), told])
    if moves.entered:
        copy_insert(
            "segments_member",
            ["segment_id", "person_id", "since", "version_in", "why_in"],
            ((segment, person, at, version, Jsonb(why)) for segment, version, person, why in moves.entered),
        )
    _tell(moves, at)


def _tell(moves: Moves, at: datetime) -> None:
    more: dict[UUID, int] = defaultdict(int)
    for kind, event, sign in ((moves.entered, SegmentEntered, 1), (moves.left, SegmentLeft, -1)):
        people: dict[UUID, list[UUID]] = defaultdict(list)
        for segment, _, person, _ in kind:
            people[segment].append(person)
            more[segment] += sign
        for segment, listed in people.items():
            publish(event(segment, tuple(listed), at))
    if more:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [at, list(more), list(more.values())])


def counts_of(segment_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many are in each of these segments, counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT segment_id, count(*) FROM segments_member WHERE segment_id = ANY(%s) AND until IS NULL GROUP BY 1",
            [list(segment_ids)],
        )
        return dict(cursor.fetchall())
