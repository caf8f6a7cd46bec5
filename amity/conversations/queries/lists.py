"""A page of a box: rows with all that is drawn of them, in a number of queries that does not grow with the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from amity.commerce.domain.tiers import Rule
from amity.commerce.standings import standings, tiers_in_force
from amity.conversations.domain.cursor import Cursor
from amity.conversations.domain.filters import Filters, View
from amity.conversations.models import (
    Conversation,
    ConversationState,
    ConversationThread,
    ReadMark,
)
from amity.conversations.queries.boxes import MOST_PROMISES, box, narrowed, promised
from amity.conversations.queries.known import Known, known
from amity.kernel.actor import Actor
from amity.listening.domain.understanding import mood

PAGE = 40
MOST_NEW = 99
_SHOWN = (
    "id", "source_id", "customer_id", "subject", "preview", "channel", "channels_count", "state", "assignee_id",
    "assignee__name", "last_activity_at", "last_inbound_at", "waiting_since", "due_at", "snoozed_until", "closed_at",
    "sentiment", "confidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assignee:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in a list. `since` is when the wait began, else when something happened last; `due_at` is set
    while it waits for us; `promise_due_at` and `promise` only in Promised today."""

    id: UUID
    name: str
    channel: str
    channels_count: int
    tier: str  # its key, "" for none
    tier_rule: Rule | None
    words: str
    state: str
    since: datetime
    is_waiting: bool
    due_at: datetime | None
    snoozed_until: datetime | None
    mood: str
    assignee: Assignee | None
    is_unread: bool
    promise: str = ""
    promise_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is where the next page begins; None at the end."""

    rows: list[Row]
    after: Cursor | None


def page(
    view: View,
    filters: Filters,
    *,
    actor: Actor,
    at: datetime,
    day_ends: datetime,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of a box from behind `after`. Searches are sorted newest first, every box by what it is for."""
    if view is View.PROMISED:
        return _promised_page(filters, actor=actor, at=at, day_ends=day_ends, after=after, limit=limit)
    field, is_newest_first = _order(view, filters)
    rows = narrowed(box(view, actor=actor), filters, actor=actor, at=at)
    rows = _behind(rows, field, after, is_newest_first)
    order = (f"-{field}", "-id") if is_newest_first else (field, "id")
    found = list(_for_rows(rows).order_by(*order)[: limit + 1])
    shown = found[:limit]
    next_at = getattr(shown[-1], field) if len(found) > limit else None
    return Page(rows_of(shown, actor=actor), Cursor(next_at, shown[-1].id) if next_at is not None else None)


def _order(view: View, filters: Filters) -> tuple[str, bool]:
    """The column by which a box is sorted, and whether the newest comes first.

    Who waits is sorted by when the answer is due, which an index holds (`conversations_waiting`): a page costs the same
    with forty rows and with a million. What is most urgent cannot be read along an index: its points follow from who
    asks, from the hour and from promises. Today ranks the rows that are due first by them
    (`amity.insight.domain.ranking`), and only that order is called "most urgent".
    """
    if view.holds_waiting and not filters.q:
        return "due_at", False
    if view is View.SNOOZED and not filters.q:
        return "snoozed_until", False
    return "last_activity_at", True


def _for_rows(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return rows.select_related("assignee").only(*_SHOWN)


def _behind(
    rows: QuerySet[Conversation], field: str, after: Cursor | None, is_newest_first: bool
) -> QuerySet[Conversation]:
    """The first condition alone lets the index begin at the right place."""
    if after is None:
        return rows
    way = "lt" if is_newest_first else "gt"
    return rows.filter(
        Q(**{f"{field}__{way}e": after.at}),
        Q(**{f"{field}__{way}": after.at}) | Q(**{f"id__{way}": after.id}),
    )


def _promised_page(
    filters: Filters, *, actor: Actor, at: datetime, day_ends: datetime, after: Cursor | None, limit: int
) -> Page:
    """One row for each promise, so that the count and the rows agree."""
    due = list(promised(actor=actor, before=day_ends)[:MOST_PROMISES])
    if after:
        due = [one for one in due if (one.due_at, str(one.id)) > (after.at, str(after.id))]
    threads = {one.thread_id for one in due if one.thread_id}
    conversation_of = dict(
        ConversationThread.objects.filter(thread_id__in=threads).values_list("thread_id", "conversation_id")
    )
    rows = narrowed(box(View.ALL, actor=actor), filters, actor=actor, at=at)
    found = {row.id: row for row in _for_rows(rows.filter(pk__in=set(conversation_of.values())))}
    of_one = ((one, found.get(conversation_of.get(one.thread_id))) for one in due)  # type: ignore[arg-type]  # a thread is set
    fitting = [(one, row) for one, row in of_one if row is not None]
    shown = fitting[:limit]
    drawn = rows_of([row for _, row in shown], actor=actor)
    pairs = zip(shown, drawn, strict=True)
    last = shown[-1][0] if len(fitting) > limit else None
    return Page(
        [_with_promise(row, promise.what, promise.due_at) for (promise, _), row in pairs],
        Cursor(last.due_at, last.id) if last else None,
    )


def _with_promise(row: Row, what: str, due_at: datetime) -> Row:
    fields = {name: getattr(row, name) for name in Row.__dataclass_fields__}
    return Row(**fields | {"promise": what, "promise_due_at": due_at})


def rows_of(conversations: Sequence[Conversation], *, actor: Actor) -> list[Row]:
    """These conversations, in their order, with names, tiers and marks. As many queries for any number."""
    if not conversations:
        return []
    people = known((one.customer_id for one in conversations), actor=actor)
    ids = [one.person_id for one in people.values() if one.person_id]
    tiers = {person: one.rule for person, one in standings(actor, ids, tiers_in_force()).items()}
    read = _read_until([one.id for one in conversations], actor=actor)
    return [_row(one, people, tiers, read.get(one.id)) for one in conversations]


def _row(
    one: Conversation,
    people: dict[UUID, Known],
    tiers: dict[UUID, Rule],
    read_until: datetime | None,
) -> Row:
    who = people.get(one.customer_id) if one.customer_id else None
    rule = tiers.get(who.person_id) if who and who.person_id else None
    is_open = one.state == ConversationState.OPEN
    is_waiting = is_open and one.waiting_since is not None
    is_new = one.last_inbound_at is not None and (read_until is None or read_until < one.last_inbound_at)
    certain = one.sentiment is not None and one.confidence is not None
    return Row(
        id=one.id,
        name=who.name if who else "",
        channel=one.channel,
        channels_count=one.channels_count,
        tier=rule.key if rule else "",
        tier_rule=rule,
        words=one.preview or one.subject,
        state=one.state,
        since=(one.waiting_since if is_waiting else None) or one.last_activity_at,
        is_waiting=is_waiting,
        due_at=one.due_at if is_waiting else None,
        snoozed_until=one.snoozed_until,
        mood=mood(one.sentiment or 0.0, one.confidence or 0.0) if certain else "",
        assignee=Assignee(one.assignee_id, one.assignee.name) if one.assignee_id and one.assignee else None,
        is_unread=is_open and is_new,
    )


def _read_until(conversation_ids: Sequence[UUID], *, actor: Actor) -> dict[UUID, datetime]:
    if actor.staff_id is None:
        return {}
    marks = ReadMark.objects.filter(staff_id=actor.staff_id, conversation_id__in=conversation_ids)
    return dict(marks.values_list("conversation_id", "read_at"))


def new_count(view: View, filters: Filters, *, actor: Actor, at: datetime, since: datetime) -> int:
    """In how many conversations of this box a customer spoke after `since`; at most 99."""
    if view in (View.PROMISED, View.SNOOZED, View.CLOSED):
        return 0
    rows = narrowed(box(view, actor=actor), filters, actor=actor, at=at)
    return rows.filter(last_activity_at__gt=since, last_inbound_at__gt=since).order_by()[:MOST_NEW].count()
