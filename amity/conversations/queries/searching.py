"""Conversations by words: what was said in them, newest first, and by the name of the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from amity.activity.words import threads_saying
from amity.conversations.models import Conversation, ConversationThread
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries import names_of, people_called
from amity.people.queries.visibility import identities_of

MOST_MESSAGES = 1_000
LATEST_MESSAGES = 200
"""Enough for the few conversations that one search shows."""
MOST_PEOPLE = 200


def conversations_with(typed: str, *, actor: Actor, at: datetime) -> list[UUID]:
    """Ids of conversations in which these words were said (in about the newest 1,000 messages with them) or whose
    customer is called so, or has this number. The caller still asks the access policy for the conversations themselves.
    """
    said, _is_all = _said(typed, MOST_MESSAGES, actor, at)
    people = people_called(actor, typed, MOST_PEOPLE)
    theirs = Conversation.objects.filter(customer_id__in=identities_of(actor, people) if people else [])
    return list(said | set(theirs.values_list("id", flat=True)))


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
    # As ids: of queries inside of this one the planner would not know that they are few.
    theirs = identities_of(actor, people) if people else []
    said, newest = _newest_with(typed, theirs, limit, actor, at)
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


def _newest_with(
    typed: str, theirs: Sequence[UUID], limit: int, actor: Actor, at: datetime
) -> tuple[set[UUID], list[Conversation]]:
    """Ids of conversations in which the words were said, and the newest of those and of these identities. A few
    messages are enough, but where they are of one conversation, or of those that the actor does not see."""
    said: set[UUID] = set()
    newest: list[Conversation] = []
    for most in (LATEST_MESSAGES, MOST_MESSAGES):
        said, is_all = _said(typed, most, actor, at)
        if said or theirs:
            meant = Q(pk__in=said) | Q(customer_id__in=theirs)
            known = Conversation.objects.visible_to(actor).filter(meant)
            newest = list(known.order_by("-last_activity_at", "-id")[:limit])
        if is_all or len(newest) >= limit:
            break
    return said, newest


def _said(typed: str, most: int, actor: Actor, at: datetime) -> tuple[set[UUID], bool]:
    threads, is_all = threads_saying(typed, hidden=policy.hidden_source_ids(actor), most=most, at=at)
    if not threads:
        return set(), is_all
    of_threads = ConversationThread.objects.filter(thread_id__in=threads)
    return set(of_threads.values_list("conversation_id", flat=True)), is_all
