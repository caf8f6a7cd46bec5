"""Conversations by words: what was said in them, newest first, and by the name of the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from amity.activity.words import threads_saying
from amity.conversations.models import Conversation, ConversationThread
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries import names_of, people_called
from amity.people.queries.visibility import identities_of, known_links

MOST_MESSAGES = 1_000
LATEST_MESSAGES = 200
"""Enough for the few conversations that one search shows."""
MOST_PEOPLE = 200


def conversations_with(typed: str, *, actor: Actor, at: datetime) -> list[UUID]:
    """Ids of conversations in which these words were said (in about the newest 1,000 messages with them) or whose
    customer is called so, or has this number. The caller still asks the access policy for the conversations themselves.
    """
    said = _said(typed, MOST_MESSAGES, actor, at)
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
    said = _said(typed, LATEST_MESSAGES, actor, at)
    # As ids: of queries inside of this one the planner would not know that they are few.
    theirs = identities_of(actor, people) if people else []
    if not said and not theirs:
        return []
    meant = Q(pk__in=said) | Q(customer_id__in=theirs)
    newest = list(
        Conversation.objects.visible_to(actor).filter(meant).order_by("-last_activity_at", "-id")[:limit]
    )
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


def _said(typed: str, most: int, actor: Actor, at: datetime) -> set[UUID]:
    threads = threads_saying(typed, hidden=policy.hidden_source_ids(actor), most=most, at=at)
    if not threads:
        return set()
    of_threads = ConversationThread.objects.filter(thread_id__in=threads)
    return set(of_threads.values_list("conversation_id", flat=True))
