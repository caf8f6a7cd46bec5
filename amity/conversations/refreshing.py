"""Bring conversations up to date with the stream: everything that can be told from activities is told again.

One statement over the conversations that changed. It gives the same answer in whatever order messages came, after a
merge of threads and after an undone import, so that no other place needs to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from amity.channels.models import OutboundMessage, OutboundState
from amity.conversations.models import Conversation, ConversationThread
from amity.conversations.vips import is_vip
from amity.kernel.live import announce
from amity.kernel.workspace import workspace

# What somebody did to a conversation holds until the customer speaks again. Before anybody worked on it its state is
# told from its messages alone, so that it does not matter in which order, or in how many batches, they came.
_STATE = """(CASE
        WHEN c.state = 'open' THEN 'open'
        WHEN c.state = 'snoozed' AND clock.last_inbound_at > COALESCE(c.last_inbound_at, '-infinity') THEN 'open'
        WHEN c.state = 'snoozed' THEN 'snoozed'
        WHEN c.state = 'closed' AND c.worked_at IS NOT NULL AND clock.last_inbound_at > c.closed_at THEN 'open'
        WHEN c.state = 'closed' AND c.worked_at IS NOT NULL THEN 'closed'
        WHEN clock.first_inbound_at IS NULL THEN 'closed'
        WHEN clock.last_activity_at < COALESCE(%(open_after)s, '-infinity'::timestamptz) THEN 'closed'
        WHEN c.state = 'closed' AND c.first_inbound_at IS NOT NULL AND clock.last_activity_at <= c.closed_at
            THEN 'closed'
        ELSE 'open' END)"""


_DUE_AT = """clock.waiting_since
        + CASE WHEN clock.is_vip THEN %(vip_target)s
               WHEN clock.channel_in = 'post' THEN %(public_target)s
               ELSE %(target)s END"""

_REFRESH = """
WITH said AS (
    SELECT t.conversation_id AS id, a.id AS activity_id, a.occurred_at, a.direction, a.channel, a.about_id, a.subject,
           left(a.text, 200) AS words, a.sentiment, a.confidence, a.language,
           a.text <> '' OR COALESCE(
               a.payload ? 'emptied' AND NOT a.payload -> 'emptied' ? 'textless', false) AS has_words,
           a.id = ANY(%(returned)s::uuid[]) AS is_returned,
           max(a.occurred_at) FILTER (WHERE a.direction = 'out' AND a.id <> ALL(%(returned)s::uuid[])) OVER of_one
               AS last_outbound_at,
           min(a.occurred_at) FILTER (WHERE a.direction = 'in') OVER of_one AS first_inbound_at
    FROM conversations_conversationthread t JOIN activity_activity a ON a.thread_id = t.thread_id
    WHERE t.conversation_id = ANY(%(ids)s) AND a.occurred_at >= %(earliest)s::timestamptz
    WINDOW of_one AS (PARTITION BY t.conversation_id)
), totals AS (
    SELECT id,
        min(occurred_at) AS opened_at,
        COALESCE(max(occurred_at) FILTER (WHERE direction <> 'auto'), max(occurred_at)) AS last_activity_at,
        min(first_inbound_at) AS first_inbound_at,
        max(occurred_at) FILTER (WHERE direction = 'in') AS last_inbound_at,
        max(last_outbound_at) AS last_outbound_at,
        min(occurred_at) FILTER (WHERE direction = 'in' AND occurred_at > COALESCE(last_outbound_at, '-infinity'))
            AS waiting_since,
        min(occurred_at) FILTER (WHERE direction = 'out' AND NOT is_returned AND occurred_at >= first_inbound_at)
            AS first_answer_at,
        count(*) FILTER (WHERE direction IN ('in', 'out')) AS messages,
        count(DISTINCT channel) FILTER (WHERE direction IN ('in', 'out')) AS channels_count,
        (array_agg(about_id ORDER BY (direction = 'in') DESC, occurred_at, activity_id)
            FILTER (WHERE about_id IS NOT NULL))[1] AS customer_id,
        (array_agg(subject ORDER BY (direction = 'auto'), occurred_at, activity_id)
            FILTER (WHERE subject <> ''))[1] AS subject,
        (array_agg(words ORDER BY (direction = 'auto'), occurred_at, activity_id)
            FILTER (WHERE words <> '' AND direction <> 'internal'))[1] AS first_words,
        (array_agg(words ORDER BY (direction = 'auto'), occurred_at DESC, activity_id DESC)
            FILTER (WHERE words <> '' AND direction <> 'internal'))[1] AS preview,
        (array_agg(channel ORDER BY occurred_at DESC, activity_id DESC)
            FILTER (WHERE direction = 'in'))[1] AS channel_in,
        (array_agg(channel ORDER BY occurred_at DESC, activity_id DESC))[1] AS channel_any,
        (array_agg(sentiment ORDER BY occurred_at DESC, activity_id DESC)
            FILTER (WHERE direction = 'in' AND has_words))[1] AS sentiment,
        (array_agg(confidence ORDER BY occurred_at DESC, activity_id DESC)
            FILTER (WHERE direction = 'in' AND has_words))[1] AS confidence,
        (array_agg(language ORDER BY occurred_at DESC, activity_id DESC)
            FILTER (WHERE direction = 'in' AND language <> ''))[1] AS language
    FROM said GROUP BY id
), clock AS (
    SELECT totals.*,
        totals.waiting_since IS NOT NULL AND {vip:totals} AS is_vip
    FROM totals
)
UPDATE conversations_conversation AS c SET
    opened_at = clock.opened_at,
    last_activity_at = clock.last_activity_at,
    first_inbound_at = clock.first_inbound_at,
    last_inbound_at = clock.last_inbound_at,
    last_outbound_at = clock.last_outbound_at,
    messages = clock.messages,
    channels_count = GREATEST(clock.channels_count, 1),
    customer_id = COALESCE(clock.customer_id, c.customer_id),
    subject = left(COALESCE(clock.subject, clock.first_words, ''), 300),
    preview = COALESCE(clock.preview, ''),
    channel = COALESCE(clock.channel_in, clock.channel_any, ''),
    sentiment = clock.sentiment,
    confidence = clock.confidence,
    language = COALESCE(clock.language, ''),
    first_answer_at = clock.first_answer_at,
    waiting_since = clock.waiting_since,
    due_at = {due_at},
    state = {state},
    snoozed_until = CASE WHEN {state} = 'snoozed' THEN c.snoozed_until END,
    closed_at = CASE
        WHEN {state} <> 'closed' THEN NULL
        WHEN c.state = 'closed' AND c.worked_at IS NOT NULL THEN c.closed_at
        ELSE clock.last_activity_at END
FROM clock WHERE c.id = clock.id
""".replace("{state}", _STATE).replace("{due_at}", _DUE_AT)

# The part of it that follows from what customers bought; where they wait, the channel is that of their last word.
_CLOCKS = """
WITH clock AS MATERIALIZED (
    SELECT c.id, c.waiting_since, c.channel AS channel_in, {vip:c} AS is_vip
    FROM conversations_conversation c WHERE c.id = ANY(%(ids)s) AND c.waiting_since IS NOT NULL
)
UPDATE conversations_conversation AS c SET due_at = {due_at}
FROM clock WHERE c.id = ANY(%(ids)s) AND c.id = clock.id AND c.due_at IS DISTINCT FROM {due_at}
RETURNING c.source_id
""".replace("{due_at}", _DUE_AT)

_OF_CUSTOMERS = """
    SELECT c.id FROM people_link l
    JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
    JOIN conversations_conversation c ON c.customer_id = k.identity_id
    WHERE l.identity_id = ANY(%s) AND l.revoked_at IS NULL
"""

_FILL_ABOUT = """
    UPDATE activity_activity AS a SET about_id = c.customer_id
    FROM conversations_conversationthread t JOIN conversations_conversation c ON c.id = t.conversation_id
    WHERE t.conversation_id = ANY(%(ids)s) AND a.thread_id = t.thread_id AND a.about_id IS NULL
        AND a.occurred_at >= %(earliest)s::timestamptz AND c.customer_id IS NOT NULL
"""


def hold(conversation_ids: Sequence[UUID]) -> None:
    """Lock these conversations until the transaction ends, in an order that all writers share.

    Whoever writes into a conversation holds it first and counts afterwards (`activity_dailycount`), also an import:
    the other way round they would wait for each other in a ring.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM conversations_conversation WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
            [list(conversation_ids)],
        )


def refresh(
    conversation_ids: Sequence[UUID], *, open_after: datetime | None = None, since: datetime | None = None
) -> None:
    """Recount these conversations. New ones whose last word is older than `open_after` start closed.

    A conversation whose customer speaks after it was closed opens again; a snoozed one wakes. `since` is the earliest
    instant of what was added, where nothing else changed: months before it and before the conversations began are
    left alone, which is most of the work on a large stream.
    """
    if not conversation_ids:
        return
    # A statement sees what was committed before it began: the lock needs one of its own.
    hold(conversation_ids)
    parameters: dict[str, Any] = {
        "ids": list(conversation_ids),
        "returned": _returned(conversation_ids),
        "earliest": _earliest(conversation_ids, since),
        "open_after": open_after,
        **_clock_rules(),
    }
    vip, told = is_vip("totals")
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH.replace("{vip:totals}", vip), parameters | told)
        cursor.execute(_FILL_ABOUT, parameters)


def _clock_rules() -> dict[str, Any]:
    rules = workspace()
    return {
        "target": rules.reply_target,
        "public_target": rules.public_reply_target,
        "vip_target": rules.vip_reply_target,
    }


def conversations_of_customers(identities: Iterable[UUID]) -> set[UUID]:
    """All conversations with the persons of these identities."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_CUSTOMERS, [list(identities)])
        return {id for (id,) in cursor.fetchall()}


def all_waiting(at_once: int = 500) -> list[list[UUID]]:
    """All conversations that wait for us, some at once, in the order in which they are held."""
    waiting = (
        Conversation.objects.filter(waiting_since__isnull=False).order_by("id").values_list("id", flat=True)
    )
    ids = list(waiting)
    return [ids[start : start + at_once] for start in range(0, len(ids), at_once)]


def reset_clocks(conversation_ids: Iterable[UUID]) -> None:
    """Their customers bought something, or did not after all: tell again when those who wait are due.

    Nothing else of a conversation follows from orders. The caller holds them.
    """
    ids = list(conversation_ids)
    if not ids:
        return
    vip, told = is_vip("c")
    with connection.cursor() as cursor:
        cursor.execute(_CLOCKS.replace("{vip:c}", vip), {"ids": ids, **_clock_rules(), **told})
        changed = {source_id for (source_id,) in cursor.fetchall()}
    for source_id in sorted(changed, key=str):
        announce("inbox", source_id=source_id)


def _returned(conversation_ids: Sequence[UUID]) -> list[UUID]:
    """Messages of ours that did not leave, or came back: who waited for them waits again."""
    threads = ConversationThread.objects.filter(conversation_id__in=conversation_ids).values("thread_id")
    rows = OutboundMessage.objects.filter(thread_id__in=threads).values_list("activity_id", flat=True)
    # One read for each, along an index of its own; those that failed are few.
    return list(rows.filter(state=OutboundState.RETURNED).union(rows.filter(state=OutboundState.FAILED)))


def _earliest(conversation_ids: Sequence[UUID], since: datetime | None) -> datetime | str:
    """Before this instant there is nothing of these conversations."""
    if since is None:
        return "-infinity"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT LEAST(%s, min(opened_at) FILTER (WHERE state <> 'new')) FROM conversations_conversation "
            "WHERE id = ANY(%s)",
            [since, list(conversation_ids)],
        )
        (earliest,) = cursor.fetchone() or (since,)
        found: datetime = earliest
        return found
