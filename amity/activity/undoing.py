"""Threads after some of their messages were taken back: what only those held together comes apart again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from amity.activity.domain.threads import Threading, join
from amity.kernel.copying import copy_insert
from amity.kernel.ids import uuid7_of

_LEFT = """
    SELECT thread_id, source_id, external_id, occurred_at, in_reply_to, COALESCE(payload ->> 'references', '[]')
    FROM activity_activity WHERE thread_id = ANY(%s) ORDER BY occurred_at, id
"""


@dataclass(slots=True)
class _Left:
    """The messages that a thread has left, oldest first, with the names that each answers."""

    source_id: UUID
    messages: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    times: dict[str, datetime] = field(default_factory=dict)


def split_threads(threads: Sequence[UUID]) -> dict[UUID, UUID]:
    """Give each part of these threads that nothing joins any more a thread of its own; the source of each new one."""
    made: dict[UUID, UUID] = {}
    for thread, left in _left(threads).items():
        parts = join(left.messages, {}, (), lambda ref: ref)
        named = {
            ref: uuid7_of(left.times[ref], "thread", str(left.source_id), ref)
            for ref in parts.thread_of.values()
        }
        keeper = next((ref for ref, id in named.items() if id == thread), left.messages[0][0])
        named[parts.thread_of[keeper]] = thread
        _write(thread, left, parts, named)
        made |= {id: left.source_id for id in named.values() if id != thread}
    return made


def _left(threads: Sequence[UUID]) -> dict[UUID, _Left]:
    found: dict[UUID, _Left] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEFT, [list(threads)])
        for thread, source_id, ref, at, parent, references in cursor.fetchall():
            left = found.setdefault(thread, _Left(source_id))
            left.messages.append((ref, tuple(dict.fromkeys(filter(None, (parent, *json.loads(references)))))))
            left.times[ref] = at
    return found


def _write(thread: UUID, left: _Left, parts: Threading[str], named: dict[str, UUID]) -> None:
    moved: dict[UUID, list[str]] = defaultdict(list)
    for ref, part in parts.thread_of.items():
        if named[part] != thread:
            moved[named[part]].append(ref)
    with connection.cursor() as cursor:
        for to, refs in moved.items():
            cursor.execute(
                "UPDATE activity_activity SET thread_id = %s WHERE thread_id = %s AND external_id = ANY(%s)",
                [to, thread, refs],
            )
            cursor.execute(
                "UPDATE activity_threadref SET thread_id = %s WHERE source_id = %s AND ref = ANY(%s)",
                [to, left.source_id, refs],
            )
        cursor.execute("DELETE FROM activity_threadwanted WHERE thread_id = %s", [thread])
    copy_insert(
        "activity_threadwanted",
        ["source_id", "ref", "thread_id"],
        ((left.source_id, ref, named[part]) for ref, part in parts.wanted),
    )
