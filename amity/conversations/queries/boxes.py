"""The boxes of the inbox as querysets, narrowed by filters, and how much is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from amity.conversations.domain import filters as narrowing
from amity.conversations.domain.filters import MOODS, Filters, View
from amity.conversations.models import Conversation, ConversationState
from amity.conversations.queries.searching import conversations_with
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.teamwork.models import Promise, PromiseState

MOST_COUNTED = 10_001
MOST_PROMISES = 2_000

Rows = QuerySet[Conversation]


def box(view: View, *, actor: Actor) -> Rows:
    """All that this actor sees of a box. Promised today is not told from a conversation alone: see `promised`."""
    all_rows = Conversation.objects.all()
    match view:
        case View.WAITING:
            chosen = all_rows.waiting()
        case View.MINE:
            chosen = all_rows.waiting().filter(assignee_id=actor.staff_id)
        case View.UNASSIGNED:
            chosen = all_rows.unassigned()
        case View.SNOOZED:
            chosen = all_rows.filter(state=ConversationState.SNOOZED)
        case View.CLOSED:
            chosen = all_rows.filter(state=ConversationState.CLOSED)
        case _:
            chosen = all_rows
    return policy.visible(chosen, actor)


def narrowed(rows: Rows, filters: Filters, *, actor: Actor, at: datetime) -> Rows:
    """Only those of `rows` that fit every filter."""
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if filters.language:
        rows = rows.filter(Q(language=filters.language) | Q(language__startswith=f"{filters.language}-"))
    if filters.source:
        rows = rows.filter(source_id=UUID(filters.source))
    if filters.late:
        rows = rows.waiting().filter(due_at__lt=at)  # type: ignore[attr-defined]  # filter() keeps the class
    if filters.mood:
        rows = rows.filter(_in_mood(filters.mood))
    if filters.assignee == narrowing.NOBODY:
        rows = rows.filter(assignee__isnull=True)
    elif filters.assignee:
        own = filters.assignee == narrowing.ME
        rows = rows.filter(assignee_id=actor.staff_id if own else UUID(filters.assignee))
    if filters.q:
        rows = rows.filter(pk__in=conversations_with(filters.q, actor=actor, at=at))
    return rows


def _in_mood(name: str) -> Q:
    span = MOODS[name]
    above = Q(sentiment__gte=span.low) if span.low_counts else Q(sentiment__gt=span.low)
    below = Q(sentiment__lte=span.high) if span.high_counts else Q(sentiment__lt=span.high)
    return above & below & Q(confidence__gte=narrowing.LEAST_CONFIDENCE)


def promised(*, actor: Actor, before: datetime) -> QuerySet[Promise]:
    """Open promises in conversations that are due before this instant, what is due first on top."""
    due = Promise.objects.filter(state=PromiseState.OPEN, due_at__lt=before, thread_id__isnull=False)
    return policy.visible(due, actor).order_by("due_at", "id")


# ------------------------------------------------------------------------------------------------------------- counts


def counts(views: Sequence[View], *, actor: Actor, before: datetime) -> dict[View, int]:
    """How many are in each box, each at most `MOST_COUNTED`, in one query. `before` ends the reader's day."""
    parts: list[QuerySet[Conversation] | QuerySet[Promise]] = [
        promised(actor=actor, before=before) if view is View.PROMISED else box(view, actor=actor)
        for view in views
    ]
    return dict(zip(views, _count_capped(parts), strict=True))


def _count_capped(parts: Sequence[QuerySet[Conversation] | QuerySet[Promise]]) -> list[int]:
    pieces, parameters = [], []
    for part in parts:
        limited = part.order_by().values("pk")[:MOST_COUNTED]
        if limited.query.is_empty():
            pieces.append("0")
            continue
        sql, values = limited.query.sql_with_params()
        pieces.append(f"(SELECT count(*) FROM ({sql}) AS counted)")
        parameters += list(values)
    if not pieces:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(pieces)}", parameters)
        return [int(count) for count in cursor.fetchone() or ()]


def waiting_count(actor: Actor) -> int:
    """Conversations that wait for us, of those that this actor sees; at most `MOST_COUNTED`."""
    return _count_capped([box(View.WAITING, actor=actor)])[0]


def mine_count(actor: Actor) -> int:
    """Of those, the actor's own."""
    return _count_capped([box(View.MINE, actor=actor)])[0] if actor.staff_id else 0


def unassigned_count(actor: Actor) -> int:
    """Of those, nobody's."""
    return _count_capped([box(View.UNASSIGNED, actor=actor)])[0]


def promised_count(actor: Actor, before: datetime) -> int:
    """Open promises in conversations that are due before this instant (the end of the reader's day)."""
    return _count_capped([promised(actor=actor, before=before)])[0]
