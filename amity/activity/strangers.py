"""Whom a message may bring together: anybody may answer in one thread, only who takes part in several may join them.

A mail can name any message by its id, and some ids can be guessed. One from outside that names messages of several
threads would make one conversation of those of several customers, and nothing takes that apart again.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from amity.activity.domain.threads import DisjointSets
from amity.activity.rows import ActivityRow
from amity.channels.records import Direction

Names = tuple[str, ...]


def without_strangers(messages: Mapping[str, ActivityRow], known: Mapping[str, UUID]) -> dict[str, Names]:
    """What each message answers, without the threads in which its author takes no part, but for the nearest one.

    `messages` are new ones by their id, `known` the threads of earlier ones.
    """
    sets = DisjointSets()
    for ref, thread in known.items():
        sets.union(ref, thread)
    for ref, row in messages.items():
        there = [name for name in row.in_reply_to if name in messages or name in known]
        for name in there if not _is_from_outside(row) else there[:1]:
            sets.union(ref, name)
    odd = {ref: far for ref, row in messages.items() if (far := _far(ref, row, messages, known, sets))}
    if not odd:
        return {ref: row.in_reply_to for ref, row in messages.items()}
    taking_part = _taking_part(messages, known, sets)
    return {
        ref: tuple(
            name
            for name in row.in_reply_to
            if name not in odd.get(ref, ()) or row.actor_id in taking_part.get(sets.find(name), ())
        )
        for ref, row in messages.items()
    }


def _is_from_outside(row: ActivityRow) -> bool:
    return row.direction in {Direction.IN, Direction.AUTO}


def _far(
    ref: str,
    row: ActivityRow,
    messages: Mapping[str, ActivityRow],
    known: Mapping[str, UUID],
    sets: DisjointSets,
) -> set[str]:
    """The names in a message from outside that lie in another thread than the nearest of them."""
    if not _is_from_outside(row) or len(row.in_reply_to) < 2:
        return set()
    return {
        name
        for name in row.in_reply_to
        if (name in messages or name in known) and sets.find(name) != sets.find(ref)
    }


def _taking_part(
    messages: Mapping[str, ActivityRow], known: Mapping[str, UUID], sets: DisjointSets
) -> dict[object, set[UUID]]:
    """Who began a thread or was written to by us there; whoever only put themselves into it is not among them."""
    found: dict[object, set[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT thread_id, CASE direction WHEN 'out' THEN about_id ELSE actor_id END "
            "FROM activity_activity WHERE thread_id = ANY(%s) "
            "AND (direction = 'out' OR (direction = 'in' AND in_reply_to = ''))",
            [list(set(known.values()))],
        )
        rows: list[tuple[object, UUID | None]] = cursor.fetchall()
    rows += [(ref, row.about_id) for ref, row in messages.items() if row.direction == Direction.OUT]
    rows += [
        (ref, row.actor_id)
        for ref, row in messages.items()
        if row.direction == Direction.IN and not row.in_reply_to
    ]
    for node, identity in rows:
        if identity:
            found.setdefault(sets.find(node), set()).add(identity)
    return found
