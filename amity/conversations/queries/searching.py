"""Conversations by words: what was said in them, newest first, and by the name of the customer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from amity.activity.words import SAID, words_in
from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries import names_of, people_called
from amity.people.queries.visibility import known_links

MOST_MESSAGES = 1_000
MOST_PEOPLE = 200

# Without an order inside, the words are looked up in their index, month by month of the stream; with one the planner
# walks all of time backwards for a word that nobody ever said (11 s against 5 ms at a million messages).
_SAID = f"""
    WITH hits AS MATERIALIZED (
        SELECT a.thread_id, a.occurred_at FROM activity_activity a
        WHERE {SAID}
            AND a.occurred_at >= %(since)s AND a.occurred_at < %(before)s AND a.source_id <> ALL(%(hidden)s))
    SELECT t.conversation_id FROM (SELECT thread_id FROM hits ORDER BY occurred_at DESC LIMIT %(most)s) AS newest
    JOIN conversations_conversationthread t ON t.thread_id = newest.thread_id
"""
# A common word is found often enough in the last days, a rare one costs little in all years.
_SPANS = (timedelta(days=14), timedelta(days=60), timedelta(days=400), timedelta(days=40_000))


def conversations_with(typed: str, *, actor: Actor, at: datetime) -> list[UUID]:
    """Ids of conversations in which these words were said (in about the newest 1,000 messages with them) or whose
    customer is called so, or has this number. The caller still asks the access policy for the conversations themselves.
    """
    said = _said(words_in(typed), policy.hidden_source_ids(actor), at)
    people = people_called(actor, typed, MOST_PEOPLE)
    return list(said | set(_with_people(people, actor).values_list("id", flat=True)))


def _with_people(people: Sequence[UUID], actor: Actor) -> QuerySet[Conversation]:
    if not people:
        return Conversation.objects.none()
    identities = known_links(actor).filter(person_id__in=people).values("identity_id")
    return Conversation.objects.filter(customer_id__in=identities)


@dataclass(frozen=True, slots=True)
class FoundConversation:
    """`words` are its subject, or its last ones; `is_said` is whether what was typed was said in it."""

    id: UUID
    words: str
    name: str
    channel: str
    last_activity_at: datetime
    is_said: bool


def find_conversations(
    actor: Actor, typed: str, limit: int, *, people: Sequence[UUID] = (), at: datetime
) -> list[FoundConversation]:
    """Conversations in which these words were said, or with these people, newest first."""
    if not policy.may(actor, "read", "conversation"):
        return []
    said = _said(words_in(typed), policy.hidden_source_ids(actor), at)
    known = Conversation.objects.visible_to(actor)
    found = {*_newest(known.filter(pk__in=said), limit), *_newest(known & _with_people(people, actor), limit)}
    newest = sorted(found, key=lambda one: (one.last_activity_at, one.id), reverse=True)[:limit]
    names = names_of(actor, {one.customer_id for one in newest if one.customer_id}) if newest else {}
    named = {identity: named.name for identity, named in names.items()}
    return [
        FoundConversation(
            one.id,
            one.subject or one.preview,
            named.get(one.customer_id, "") if one.customer_id else "",
            one.channel,
            one.last_activity_at,
            one.id in said,
        )
        for one in newest
    ]


def _newest(conversations: QuerySet[Conversation], limit: int) -> Iterable[Conversation]:
    return conversations.order_by("-last_activity_at", "-id")[:limit]


def _said(typed: str, hidden: list[UUID], at: datetime) -> set[UUID]:
    found: list[UUID] = []
    before = at + timedelta(days=40_000)  # broken clocks write the future
    for span in _SPANS if typed else ():
        since, left = at - span, MOST_MESSAGES - len(found)
        with connection.cursor() as cursor:
            asked: dict[str, Any] = {
                "typed": typed,
                "since": since,
                "before": before,
                "hidden": hidden,
                "most": left,
            }
            cursor.execute(_SAID, asked)
            found += [one for (one,) in cursor.fetchall()]
        if len(found) >= MOST_MESSAGES:
            break
        before = since
    return set(found)
