"""What somebody said, what we said to them and noted of them, with the files, when they are erased.

A thread in which nobody else speaks goes as a whole. In one that they share with others their words go, and what we
wrote to them; what others wrote stays, whatever it says. Counts by day stay: they name nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.activity import queries as stream
from amity.activity.files import forget_soon
from amity.activity.undoing import split_threads
from amity.kernel.actor import Actor
from amity.kernel.erasing import Counts, Line, Subject, erases_person, foretells

SHARED, FILES = "shared_thread", "digest"
"""What this part tells the others: threads in which somebody else is left, digests of bytes that are not named any
more."""

# Orders are kept without a name (`amity.commerce.erasing`), and so is that they were made.
_FIND = (
    "DROP TABLE IF EXISTS pg_temp.erasing_activity",
    """CREATE TEMP TABLE erasing_activity ON COMMIT DROP AS
        SELECT id, occurred_at, source_id, external_id, thread_id, item_id FROM activity_activity
        WHERE about_id = ANY(%(ids)s) AND object_type <> 'order'""",
    # Of a thread in which no other customer speaks, all that we and programs wrote there.
    """INSERT INTO erasing_activity
        SELECT a.id, a.occurred_at, a.source_id, a.external_id, a.thread_id, a.item_id FROM activity_activity a
        WHERE a.thread_id IN (SELECT thread_id FROM erasing_activity WHERE thread_id IS NOT NULL)
            AND NOT COALESCE(a.about_id = ANY(%(ids)s), false)
            AND NOT EXISTS (SELECT FROM activity_activity o WHERE o.thread_id = a.thread_id
                AND NOT COALESCE(o.about_id = ANY(%(ids)s), false)
                AND (o.direction = 'in' OR o.about_id IS NOT NULL))""",
    "CREATE INDEX ON erasing_activity (id)",
)
_WHOLE = """
    SELECT DISTINCT e.thread_id FROM erasing_activity e WHERE e.thread_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM activity_activity a WHERE a.thread_id = e.thread_id
            AND NOT EXISTS (SELECT FROM erasing_activity g WHERE g.id = a.id))
"""
_GONE = {
    "activity_activitykey": """DELETE FROM activity_activitykey k USING erasing_activity e
        WHERE k.source_id = e.source_id AND k.external_id = e.external_id""",
    "activity_retold": """DELETE FROM activity_retold r USING erasing_activity e
        WHERE r.source_id = e.source_id AND r.external_id = e.external_id""",
    "activity_threadref": """DELETE FROM activity_threadref r WHERE r.thread_id = ANY(%(threads)s)
        OR EXISTS (SELECT FROM erasing_activity e WHERE e.source_id = r.source_id AND e.external_id = r.ref)""",
    "activity_threadwanted": "DELETE FROM activity_threadwanted w WHERE w.thread_id = ANY(%(threads)s)",
    "activity_activity": """DELETE FROM activity_activity a USING erasing_activity e
        WHERE a.occurred_at = e.occurred_at AND a.id = e.id""",
}
_FILES = """
    DELETE FROM activity_attachment t USING erasing_activity e WHERE t.activity_id = e.id RETURNING t.id, t.digest
"""
_WAITING = "DELETE FROM activity_upload WHERE conversation_id = ANY(%(ids)s) RETURNING id, digest"


@erases_person("activity.find", 10)
def find(subject: Subject) -> Counts:
    """Find what is theirs before anything goes: the other parts follow from it."""
    with connection.cursor() as cursor:
        for statement in _FIND:
            cursor.execute(statement, {"ids": subject.identity_ids} if "%(ids)s" in statement else None)
    subject.add("activity", _ids("SELECT id FROM erasing_activity"))
    subject.add("item", _ids("SELECT DISTINCT item_id FROM erasing_activity WHERE item_id IS NOT NULL"))
    whole = set(_ids(_WHOLE))
    threads = set(_ids("SELECT DISTINCT thread_id FROM erasing_activity WHERE thread_id IS NOT NULL"))
    subject.add("thread", whole)
    subject.add(SHARED, threads - whole)
    return {}


@erases_person("activity", 60)
def erase(subject: Subject) -> Counts:
    """Remove them, with the bytes of their files where nothing else names the same."""
    done: Counts = {}
    with connection.cursor() as cursor:
        for table, statement, of in (
            ("activity_attachment", _FILES, None),
            ("activity_upload", _WAITING, {"ids": _uuids(subject, "conversation")}),
        ):
            cursor.execute(statement, of)
            rows = cursor.fetchall()
            done[table] = len(rows)
            subject.add("attachment", (id for id, _digest in rows))
            forget_soon([digest for _id, digest in rows])
            subject.add(FILES, (digest for _id, digest in rows if digest))
        items = [*_uuids(subject, "item"), *subject.item_ids]
        cursor.execute("DELETE FROM activity_retold WHERE item_id = ANY(%s)", [items])
        for table, statement in _GONE.items():
            cursor.execute(statement, {"threads": _uuids(subject, "thread")} if "%(" in statement else None)
            done[table] = cursor.rowcount
    return done


def come_apart(subject: Subject) -> dict[UUID, UUID]:
    """Threads that only their words held together come apart: each new one with its source."""
    return split_threads(_uuids(subject, SHARED))


@foretells("activity", 10)
def tell(identity_ids: Sequence[UUID], actor: Actor) -> Iterable[Line]:
    """How much was said by them and to them."""
    counts = stream.lane_counts(actor, tuple(identity_ids))
    if counts.said:
        words = ngettext("%(count)s thing that they said", "%(count)s things that they said", counts.said)
        yield Line(
            "message-square-text", words % {"count": f"{counts.said:,}"}, _("with files and the raw items")
        )
    if counts.did:
        words = ngettext(
            "%(count)s answer or note of ours", "%(count)s answers and notes of ours", counts.did
        )
        yield Line(
            "square-pen", words % {"count": f"{counts.did:,}"}, _("what we wrote to them and noted of them")
        )


def _uuids(subject: Subject, kind: str) -> list[UUID]:
    return [UUID(one) for one in subject.of(kind)]


def _ids(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [id for (id,) in cursor.fetchall()]
