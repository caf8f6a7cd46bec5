"""The way back of an import: each package removes what a run brought, downstream first.

What another import brought too becomes its own (`undo_heirs`). What colleagues did since is kept: a conversation in
which somebody wrote, took a note, promised or assigned keeps its customer and what was said to us there; everything
else of the run goes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amity.activity.files import forget
from amity.activity.undoing import split_threads
from amity.channels.holding import hold_source
from amity.channels.imports import refuse_kept
from amity.channels.models import ImportRun
from amity.channels.walking import Way
from amity.commerce.later_lines import TAKE_BACK
from amity.commerce.retelling import tell_first
from amity.commerce.stages import refresh_totals
from amity.conversations.refreshing import refresh, reset_clocks
from amity.conversations.services import WAKE
from amity.conversations.stages import conversations_of
from amity.site.undo_heirs import hand_over, read_anew
from amity.site.undo_people import undo_people

_LOCK = "SELECT pg_advisory_xact_lock(4171001)"
# Colleagues who write in one of these conversations finish first; what they wrote is then there to be kept. Those with
# whom this run named too: their clocks tell of orders and persons of this run.
_HOLD = """
    SELECT id FROM conversations_conversation WHERE id IN (
        SELECT t.conversation_id FROM conversations_conversationthread t
        JOIN activity_activity a ON a.thread_id = t.thread_id WHERE a.run_id = %(run)s
        UNION SELECT c.id FROM people_sighting s
        JOIN people_link l ON l.identity_id = s.identity_id AND l.revoked_at IS NULL
        JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
        JOIN conversations_conversation c ON c.customer_id = k.identity_id WHERE s.run_id = %(run)s)
    ORDER BY id FOR UPDATE
"""

# Threads in which staff has written by hand since, or that somebody was given: their activities of this run stay.
_WORKED = """
    DROP TABLE IF EXISTS pg_temp.undo_kept;
    CREATE TEMP TABLE undo_kept ON COMMIT DROP AS
    SELECT DISTINCT a.thread_id FROM activity_activity a
    WHERE a.run_id = %(run)s AND a.thread_id IS NOT NULL AND (
        EXISTS (SELECT 1 FROM activity_activity w WHERE w.thread_id = a.thread_id AND w.run_id IS NULL
                AND w.staff_id IS NOT NULL)
        OR EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.thread_id = a.thread_id)
        OR EXISTS (SELECT 1 FROM conversations_conversationthread t
                   JOIN kernel_transition k ON k.subject = 'assignment' AND k.subject_id = t.conversation_id
                   WHERE t.thread_id = a.thread_id AND k.staff_id IS NOT NULL))
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
    """DELETE FROM activity_activitykey k USING undo_gone g
        WHERE k.source_id = g.source_id AND k.external_id = g.external_id""",
    "DELETE FROM activity_threadref r USING undo_gone g WHERE r.source_id = g.source_id AND r.ref = g.external_id",
    """DELETE FROM activity_threadwanted w USING undo_gone g WHERE w.thread_id = g.thread_id
        AND NOT EXISTS (SELECT 1 FROM activity_activity a WHERE a.thread_id = w.thread_id)""",
    """UPDATE activity_dailycount d SET count = d.count - g.n FROM (
        SELECT (occurred_at AT TIME ZONE 'UTC')::date AS day, source_id, channel, direction,
            CASE WHEN sentiment IS NULL THEN '' WHEN sentiment < -0.25 THEN 'negative'
                 WHEN sentiment > 0.25 THEN 'positive' ELSE 'neutral' END AS mood, count(*) AS n
        FROM undo_gone WHERE object_type <> 'order' GROUP BY 1, 2, 3, 4, 5) g
        WHERE (d.day, d.source_id, d.channel, d.direction, d.mood)
            = (g.day, g.source_id, g.channel, g.direction, g.mood)""",
    "DELETE FROM activity_dailycount WHERE count <= 0",
)
_FILES = """
    DELETE FROM activity_attachment t USING undo_gone g WHERE t.activity_id = g.id AND t.digest <> '' RETURNING digest
"""
# What waited in a draft of a conversation that is gone.
_WAITING = """
    DELETE FROM activity_upload u WHERE u.conversation_id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT 1 FROM conversations_conversation c WHERE c.id = u.conversation_id) RETURNING digest
"""
_SOLD = """
    SELECT DISTINCT l.product_id FROM commerce_orderline l JOIN commerce_order o ON o.id = l.order_id
    WHERE l.product_id IS NOT NULL AND (o.run_id = %(run)s OR l.order_id IN (
        SELECT order_id FROM commerce_orderline WHERE run_id = %(run)s))
"""
_PRODUCTS = (
    """DELETE FROM commerce_product p WHERE p.created_run_id IS NOT NULL
        AND (p.created_run_id = %(run)s OR p.id = ANY(%(ids)s))
        AND NOT EXISTS (SELECT 1 FROM commerce_orderline l WHERE l.product_id = p.id)""",
    """UPDATE commerce_product p SET created_run_id = (
        SELECT min(COALESCE(l.run_id, o.run_id)::text)::uuid FROM commerce_orderline l
        JOIN commerce_order o ON o.id = l.order_id WHERE l.product_id = p.id) WHERE p.created_run_id = %(run)s""",
)
_RAW = (
    "DELETE FROM channels_item WHERE run_id = %(run)s",
    "DELETE FROM channels_repeat WHERE run_id = %(run)s",
)
# For whom a colleague worked since: they stay, and with them what this run said of them.
_KEPT = """
    SELECT unnest(ARRAY[a.about_id, a.actor_id]) FROM activity_activity a WHERE a.run_id = %(run)s
    UNION SELECT s.identity_id FROM people_sighting s WHERE s.run_id = %(run)s AND (
        EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.about_id = s.identity_id)
        OR EXISTS (SELECT 1 FROM activity_activity w WHERE w.about_id = s.identity_id AND w.run_id IS NULL
                   AND w.staff_id IS NOT NULL))
"""
# Our own messages that name no recipient were said to be about the customer of their conversation.
_ABOUT_NOBODY = (
    """UPDATE activity_activity a SET about_id = NULL FROM conversations_conversationthread t
        WHERE t.conversation_id = ANY(%(ids)s) AND a.thread_id = t.thread_id AND a.run_id IS NOT NULL
            AND a.direction <> 'in' AND NOT COALESCE(a.payload ? 'to', false)""",
    "UPDATE conversations_conversation SET customer_id = NULL WHERE id = ANY(%(ids)s)",
)
_NOBODY_WROTE = """
    UPDATE conversations_conversation SET state = 'closed', closed_at = last_activity_at
    WHERE id = ANY(%(ids)s) AND state = 'open' AND worked_at IS NULL AND first_inbound_at IS NULL
"""


def undo_batches(run: ImportRun, way: Way) -> None:
    """Remove everything of this run that no other import brought, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        if run.source_id:
            hold_source(run.source_id, alone=True)
        cursor.execute(_LOCK)
        refuse_kept(run.id)
        run_id = {"run": run.id}
        held = _ids(_HOLD, run_id)
        heirs = hand_over(run, at=way.clock())
        for statement in (_WORKED, _ACTIVITIES, *_AFTER):
            cursor.execute(statement, run_id if "%(run)s" in statement else None)
        digests = _ids(_FILES)
        left = _undo_conversations(run)
        digests += _ids(_WAITING, {"ids": held})
        products = _undo_orders(run)
        read_anew(heirs, way)
        held += _ids(_HOLD, run_id) if heirs else []  # and those that were made anew
        _undo_products(run, products)
        for statement in _RAW:
            cursor.execute(statement, run_id)
        undo_people(run, [id for id in _ids(_KEPT, run_id) if id is not None])
        reset_clocks({*held, *left})  # the last: they tell of orders, and of whose they are
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK)  # nobody is about to name a file while it is taken away
        forget(digests)


def _ids(statement: str, parameters: object = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]  # a mapping or nothing
        return [id for (id,) in cursor.fetchall()]


def _undo_conversations(run: ImportRun) -> list[UUID]:
    """Conversations without anything left go; the others follow from what is left, each part that hangs together.
    Returns those."""
    touched = _ids(
        "SELECT DISTINCT t.conversation_id FROM conversations_conversationthread t "
        "JOIN undo_gone g ON g.thread_id = t.thread_id"
    )
    left = _drop_empty(touched)
    threads = defaultdict(list)
    for thread, source_id in split_threads(
        _ids("SELECT DISTINCT thread_id FROM undo_gone WHERE thread_id IS NOT NULL")
    ).items():
        threads[source_id].append(thread)
    for source_id, made in threads.items():
        left += conversations_of(made, source_id=source_id, at=run.created_at)
    with connection.cursor() as cursor:
        for statement in _ABOUT_NOBODY:
            cursor.execute(statement, {"ids": left})
        refresh(left)
        cursor.execute(_NOBODY_WROTE, {"ids": left})
    return left


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
            ("conversations_beforereply", "conversation_id"),
            ("conversations_conversationthread", "conversation_id"),
            ("conversations_conversation", "id"),
        ):
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [empty])
        cursor.execute(
            "DELETE FROM kernel_transition WHERE subject IN ('conversation', 'assignment') AND subject_id = ANY(%s)",
            [empty],
        )
        cursor.execute("DELETE FROM kernel_timer WHERE kind = %s AND subject_id = ANY(%s)", [WAKE, empty])
    gone = set(empty)
    return [id for id in conversations if id not in gone]


def _undo_orders(run: ImportRun) -> list[UUID]:
    """Remove its orders and lines; returns the products that were in them."""
    products = _ids(_SOLD, {"run": run.id})
    told_first, named = tell_first(_ids("SELECT id FROM undo_order"))
    products += named
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"run": run.id})
        raised = told_first | {buyer for (buyer,) in cursor.fetchall()}
        cursor.execute(
            "DELETE FROM commerce_firsttelling f USING commerce_order o WHERE o.id = f.order_id AND o.run_id = %s",
            [run.id],
        )
        cursor.execute(
            "DELETE FROM commerce_orderline l USING commerce_order o WHERE o.id = l.order_id AND o.run_id = %s",
            [run.id],
        )
        cursor.execute("DELETE FROM commerce_order WHERE run_id = %s RETURNING buyer_id", [run.id])
        refresh_totals(raised | {buyer for (buyer,) in cursor.fetchall()})
    return products


def _undo_products(run: ImportRun, products: list[UUID]) -> None:
    """Products that nobody sells any more go, once what other imports say is told anew."""
    with connection.cursor() as cursor:
        for statement in _PRODUCTS:
            cursor.execute(statement, {"run": run.id, "ids": products})
