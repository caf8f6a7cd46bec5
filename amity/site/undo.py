"""The way back of an import: each package removes what a run brought, downstream first.

What colleagues did since is kept: a conversation in which somebody wrote, took a note, promised or assigned keeps
its customer and what was said to us there; everything else of the run goes.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from amity.channels.models import ImportRun
from amity.commerce.stages import refresh_totals
from amity.conversations.refreshing import refresh
from amity.people.deriving import derive

_LOCK = "SELECT pg_advisory_xact_lock(4171001)"
# Colleagues who write in one of these conversations finish first; what they wrote is then there to be kept.
_HOLD = """
    SELECT 1 FROM conversations_conversation WHERE id IN (
        SELECT t.conversation_id FROM conversations_conversationthread t
        JOIN activity_activity a ON a.thread_id = t.thread_id WHERE a.run_id = %(run)s)
    ORDER BY id FOR UPDATE
"""

# Threads in which staff has written by hand since: their activities of this run stay.
_WORKED = """
    DROP TABLE IF EXISTS pg_temp.undo_kept;
    CREATE TEMP TABLE undo_kept ON COMMIT DROP AS
    SELECT DISTINCT a.thread_id FROM activity_activity a
    WHERE a.run_id = %(run)s AND a.thread_id IS NOT NULL AND (
        EXISTS (SELECT 1 FROM activity_activity w WHERE w.thread_id = a.thread_id AND w.run_id IS NULL
                AND w.staff_id IS NOT NULL)
        OR EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.thread_id = a.thread_id))
"""
_ACTIVITIES = """
    DROP TABLE IF EXISTS pg_temp.undo_gone;
    CREATE TEMP TABLE undo_gone ON COMMIT DROP AS
    WITH gone AS (
        DELETE FROM activity_activity WHERE run_id = %(run)s
            AND (thread_id IS NULL OR thread_id NOT IN (SELECT thread_id FROM undo_kept))
        RETURNING id, occurred_at, source_id, external_id, thread_id, direction, channel, object_type, sentiment)
    SELECT * FROM gone
"""
_AFTER = (
    "DELETE FROM activity_activitykey k USING undo_gone g WHERE k.source_id = g.source_id "
    "AND k.external_id = g.external_id",
    "DELETE FROM activity_attachment t USING undo_gone g WHERE t.activity_id = g.id",
    "DELETE FROM activity_threadref r USING undo_gone g WHERE r.source_id = g.source_id AND r.ref = g.external_id",
    "DELETE FROM activity_threadwanted w USING undo_gone g WHERE w.thread_id = g.thread_id AND NOT EXISTS "
    "(SELECT 1 FROM activity_activity a WHERE a.thread_id = w.thread_id)",
    """UPDATE activity_dailycount d SET count = d.count - g.n FROM (
        SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, source_id, channel, direction,
            CASE WHEN sentiment IS NULL THEN '' WHEN sentiment < -0.25 THEN 'negative'
                 WHEN sentiment > 0.25 THEN 'positive' ELSE 'neutral' END AS mood, count(*) AS n
        FROM undo_gone WHERE object_type <> 'order' GROUP BY 1, 2, 3, 4, 5) g
        WHERE (d.day, d.source_id, d.channel, d.direction, d.mood) = (g.day, g.source_id, g.channel, g.direction, g.mood)
    """,
    "DELETE FROM activity_dailycount WHERE count <= 0",
)
_PEOPLE = (
    """DELETE FROM people_fact f WHERE run_id = %(run)s AND NOT EXISTS
        (SELECT 1 FROM activity_activity a WHERE a.about_id = f.identity_id AND a.run_id = %(run)s)""",
    # Who is needed on belongs to another run that names them, so that undoing that one takes them back.
    """UPDATE people_identity i SET (created_run_id, first_seen_at) = (
        SELECT (array_agg(said.run_id ORDER BY said.at) FILTER (WHERE said.run_id IS NOT NULL))[1],
            COALESCE(min(said.at), i.first_seen_at) FROM (
                SELECT run_id, occurred_at AS at FROM activity_activity WHERE about_id = i.id
                UNION ALL SELECT run_id, ordered_at FROM commerce_order WHERE buyer_id = i.id
                UNION ALL SELECT run_id, observed_at FROM people_fact WHERE identity_id = i.id) said)
        WHERE i.id IN (SELECT id FROM undo_needed)""",
    """DELETE FROM people_link l USING people_identity i WHERE i.id = l.identity_id AND i.created_run_id = %(run)s
        AND i.id NOT IN (SELECT id FROM undo_needed)""",
    "DELETE FROM people_identity WHERE created_run_id = %(run)s AND id NOT IN (SELECT id FROM undo_needed)",
    """DELETE FROM people_person p WHERE p.created_run_id = %(run)s
        AND NOT EXISTS (SELECT 1 FROM people_link l WHERE l.person_id = p.id)""",
    """UPDATE people_person p SET (created_run_id, first_seen_at) = (
        SELECT (array_agg(i.created_run_id ORDER BY i.first_seen_at) FILTER (WHERE i.created_run_id IS NOT NULL))[1],
            min(i.first_seen_at)
        FROM people_link l JOIN people_identity i ON i.id = l.identity_id WHERE l.person_id = p.id)
        WHERE p.created_run_id = %(run)s""",
    """DELETE FROM people_organisation o WHERE o.created_run_id = %(run)s
        AND NOT EXISTS (SELECT 1 FROM people_person p WHERE p.organisation_id = o.id)""",
    """UPDATE people_organisation o SET created_run_id =
        (SELECT min(p.created_run_id::text)::uuid FROM people_person p WHERE p.organisation_id = o.id)
        WHERE o.created_run_id = %(run)s""",
)
# Identities of this run that something else leans on by now.
_NEEDED = """
    DROP TABLE IF EXISTS pg_temp.undo_needed;
    CREATE TEMP TABLE undo_needed ON COMMIT DROP AS
    SELECT i.id FROM people_identity i WHERE i.created_run_id = %(run)s AND (
        EXISTS (SELECT 1 FROM activity_activity a WHERE a.about_id = i.id)
        OR EXISTS (SELECT 1 FROM commerce_order o WHERE o.buyer_id = i.id)
        OR EXISTS (SELECT 1 FROM conversations_conversation c WHERE c.customer_id = i.id)
        OR EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.about_id = i.id)
        OR EXISTS (SELECT 1 FROM people_fact f WHERE f.identity_id = i.id AND f.run_id IS DISTINCT FROM %(run)s))
"""


def undo_batches(run: ImportRun) -> None:
    """Remove everything of this run but its raw items, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        run_id = {"run": run.id}
        cursor.execute(_HOLD, run_id)
        cursor.execute(_WORKED, run_id)
        cursor.execute(_ACTIVITIES, run_id)
        conversations = _ids(
            "SELECT DISTINCT t.conversation_id FROM conversations_conversationthread t "
            "JOIN undo_gone g ON g.thread_id = t.thread_id"
        )
        for statement in _AFTER:
            cursor.execute(statement)
        refresh(_drop_empty(conversations))
        _undo_orders(run)
        stale = _stale_persons(run)
        cursor.execute(_NEEDED, run_id)
        for statement in _PEOPLE:
            cursor.execute(statement, run_id)
        _rederive(stale, run)


def _ids(statement: str, parameters: object = None) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]  # a mapping or nothing
        return [id for (id,) in cursor.fetchall()]


def _drop_empty(conversations: list[UUID]) -> list[UUID]:
    """Delete conversations without any activity left; returns the others."""
    empty = _ids(
        "SELECT c.id FROM conversations_conversation c WHERE c.id = ANY(%(ids)s) AND NOT EXISTS ("
        "SELECT 1 FROM conversations_conversationthread t JOIN activity_activity a ON a.thread_id = t.thread_id "
        "WHERE t.conversation_id = c.id)",
        {"ids": conversations},
    )
    with connection.cursor() as cursor:
        for table, column in (
            ("conversations_readmark", "conversation_id"),
            ("conversations_conversationthread", "conversation_id"),
            ("conversations_conversation", "id"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [empty])
        cursor.execute(
            "DELETE FROM kernel_transition WHERE subject = 'conversation' AND subject_id = ANY(%s)", [empty]
        )
    gone = set(empty)
    return [id for id in conversations if id not in gone]


def _undo_orders(run: ImportRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM commerce_orderline l USING commerce_order o WHERE o.id = l.order_id AND o.run_id = %s",
            [run.id],
        )
        cursor.execute("DELETE FROM commerce_order WHERE run_id = %s RETURNING buyer_id", [run.id])
        refresh_totals({buyer for (buyer,) in cursor.fetchall()})
        cursor.execute(
            "DELETE FROM commerce_product p WHERE p.created_run_id = %s AND NOT EXISTS "
            "(SELECT 1 FROM commerce_orderline l WHERE l.product_id = p.id)",
            [run.id],
        )
        cursor.execute(
            "UPDATE commerce_product p SET created_run_id = (SELECT min(o.run_id::text)::uuid FROM commerce_orderline l "
            "JOIN commerce_order o ON o.id = l.order_id WHERE l.product_id = p.id) WHERE p.created_run_id = %s",
            [run.id],
        )


def _stale_persons(run: ImportRun) -> list[UUID]:
    return _ids(
        "SELECT DISTINCT l.person_id FROM people_link l JOIN people_identity i ON i.id = l.identity_id "
        "WHERE l.revoked_at IS NULL AND (i.created_run_id = %(run)s OR EXISTS "
        "(SELECT 1 FROM people_fact f WHERE f.identity_id = i.id AND f.run_id = %(run)s))",
        {"run": run.id},
    )


def _rederive(persons: list[UUID], run: ImportRun) -> None:
    """What is shown of persons who stay follows again from what is left of them."""
    left = _ids("SELECT id FROM people_person WHERE id = ANY(%(ids)s)", {"ids": persons})
    derive(left, run_id=None, at=run.created_at)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE people_person p SET last_activity_at = (SELECT max(a.occurred_at) FROM people_link l "
            "JOIN activity_activity a ON a.about_id = l.identity_id AND a.direction = 'in' "
            "WHERE l.person_id = p.id AND l.revoked_at IS NULL) WHERE p.id = ANY(%s)",
            [left],
        )
