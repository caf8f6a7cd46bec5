"""Who comes in and who leaves: written with the reasons, counted, and told to the rest of the house."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from amity.kernel.bus import publish
from amity.kernel.copying import copy_insert
from amity.people.models import Person
from amity.segments.events import SegmentEntered, SegmentLeft

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


def inside(person_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_INSIDE, [list(person_ids)])
        for person, segment in cursor.fetchall():
            found[person].add(segment)
    return found


def take_out(gone: Sequence[UUID], moves: Moves) -> list[UUID]:
    """Who was merged leaves every segment; of who does not exist any more nothing is kept. Returns into whom."""
    if not gone:
        return []
    there = set(Person.objects.filter(pk__in=gone).values_list("pk", flat=True))
    for person, segments in inside(gone).items():
        moves.left += [(segment, None, person, None) for segment in segments]
    moves.left.sort(key=lambda move: str(move[2]))
    if erased := [id for id in gone if id not in there]:
        forget_people(erased, moves)
    merged = Person.objects.filter(pk__in=there, merged_into__isnull=False)
    return list(merged.values_list("merged_into_id", flat=True).distinct()) if there else []


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


def write(moves: Moves, at: datetime) -> None:
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
            on_conflict="(segment_id, person_id, since) DO UPDATE SET until = NULL, version_out = NULL, why_out = NULL",
        )
    tell(moves, at)


def tell(moves: Moves, at: datetime) -> None:
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
