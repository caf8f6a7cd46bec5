"""The conversations of somebody who is erased: theirs alone go, those that they share are told again without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.activity.erasing import SHARED, come_apart
from amity.conversations.models import Conversation
from amity.conversations.refreshing import hold, refresh
from amity.conversations.stages import conversations_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.erasing import Counts, Line, Subject, erases_person, foretells

_TOUCHED = """
    SELECT DISTINCT t.conversation_id FROM conversations_conversationthread t WHERE t.thread_id = ANY(%(threads)s)
    UNION SELECT id FROM conversations_conversation WHERE customer_id = ANY(%(ids)s)
"""
_EMPTY = """
    SELECT c.id FROM conversations_conversation c WHERE c.id = ANY(%(touched)s) AND NOT EXISTS (
        SELECT FROM conversations_conversationthread t JOIN activity_activity a ON a.thread_id = t.thread_id
        WHERE t.conversation_id = c.id AND t.thread_id <> ALL(%(threads)s))
"""
_GONE = {
    "conversations_readmark": "conversation_id",
    "conversations_beforereply": "conversation_id",
    "conversations_conversationthread": "conversation_id",
    "conversations_conversation": "id",
}
LEFT = "conversation_left"
"""Conversations in which somebody else is left."""


@erases_person("conversations.find", 20)
def find(subject: Subject) -> Counts:
    """Hold those that it concerns: a colleague who writes in one of them finishes first."""
    threads = [UUID(one) for one in (*subject.of("thread"), *subject.of(SHARED))]
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"threads": threads, "ids": subject.identity_ids})
        touched = [id for (id,) in cursor.fetchall()]
        hold(touched)
        cursor.execute(_EMPTY, {"touched": touched, "threads": [UUID(one) for one in subject.of("thread")]})
        empty = {id for (id,) in cursor.fetchall()}
    subject.add("conversation", empty)
    subject.add(LEFT, set(touched) - empty)
    return {}


@erases_person("conversations", 70)
def erase(subject: Subject) -> Counts:
    """Remove those that were theirs alone, and tell again what the others are about."""
    done: Counts = {}
    gone, left = ([UUID(one) for one in subject.of(kind)] for kind in ("conversation", LEFT))
    with connection.cursor() as cursor:
        for table, column in _GONE.items():
            cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [gone])
            done[table] = cursor.rowcount
        cursor.execute(
            "DELETE FROM conversations_picturesshown WHERE subject_id = ANY(%s)",
            [[UUID(one) for one in subject.of("activity")] + subject.identity_ids],
        )
        done["conversations_picturesshown"] = cursor.rowcount
        cursor.execute(
            "DELETE FROM conversations_conversationthread WHERE thread_id = ANY(%s)",
            [[UUID(one) for one in subject.of("thread")]],
        )
        cursor.execute(
            "UPDATE conversations_conversation SET customer_id = NULL WHERE customer_id = ANY(%s)",
            [subject.identity_ids],
        )
    threads: dict[UUID, list[UUID]] = defaultdict(list)
    for thread, source_id in come_apart(subject).items():
        threads[source_id].append(thread)
    for source_id, made in threads.items():
        left += conversations_of(made, source_id=source_id, at=subject.at)
    refresh(left)
    return done


@foretells("conversations", 20)
def tell(identity_ids: Sequence[UUID], actor: Actor) -> Iterable[Line]:
    """How many conversations go; figures of the past that count them count fewer."""
    if not policy.may(actor, "read", "conversation"):
        return
    found = policy.visible(Conversation.objects.filter(customer_id__in=identity_ids), actor)
    if count := found.count():
        words = ngettext("%(count)s conversation", "%(count)s conversations", count)
        yield Line(
            "inbox",
            words % {"count": f"{count:,}"},
            _("with drafts and waiting files; figures count fewer of them"),
        )
