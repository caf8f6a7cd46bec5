"""Conversations by words: what was said in them, newest first, and by the name of the customer."""

from __future__ import annotations

import re
from uuid import UUID

from django.db import connection

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.folding import fold

MOST_MESSAGES = 2_000
MOST_PEOPLE = 200
_WORD = re.compile(r"\w+")

_SAID = """
    SELECT DISTINCT t.conversation_id FROM (
        SELECT a.thread_id FROM activity_activity a
        WHERE to_tsvector('simple', a.text) @@ to_tsquery('simple', %(words)s) AND a.text <> ''
            AND a.source_id <> ALL(%(hidden)s)
        ORDER BY a.occurred_at DESC, a.id DESC LIMIT %(most)s) AS newest
    JOIN conversations_conversationthread t ON t.thread_id = newest.thread_id
"""
_NAMED = """
    SELECT c.id FROM (
        SELECT p.id FROM people_person p
        WHERE to_tsvector('simple', COALESCE(p.search_text, '')) @@ to_tsquery('simple', %(words)s) {name_only}
        ORDER BY p.last_activity_at DESC NULLS LAST LIMIT %(most)s) AS named
    JOIN people_link l ON l.person_id = named.id AND l.revoked_at IS NULL
    JOIN conversations_conversation c ON c.customer_id = l.identity_id
"""
# Search text holds addresses too; who may not see those finds by name only, or a hit would tell.
_NAME_ONLY = "AND to_tsvector('simple', p.sort_name || ' ' || p.name) @@ to_tsquery('simple', %(words)s)"


def query_of(typed: str) -> str:
    """What PostgreSQL is asked for: every word, the last one also as a beginning; "" for no words at all."""
    words = _WORD.findall(typed)
    return " & ".join([*(f"'{word}'" for word in words[:-1]), *(f"'{word}':*" for word in words[-1:])])


def conversations_with(typed: str, *, actor: Actor) -> list[UUID]:
    """Ids of conversations in which these words were said (in the newest 2,000 messages with them) or whose customer
    is called so. The caller still asks the access policy for the conversations themselves."""
    said, named = query_of(typed), query_of(fold(typed))
    found: set[UUID] = set()
    with connection.cursor() as cursor:
        if said:
            hidden = policy.hidden_source_ids(actor)
            cursor.execute(_SAID, {"words": said, "hidden": hidden, "most": MOST_MESSAGES})
            found |= {one for (one,) in cursor.fetchall()}
        if named:
            name_only = "" if policy.sees_field(actor, "person", "address") else _NAME_ONLY
            cursor.execute(_NAMED.format(name_only=name_only), {"words": named, "most": MOST_PEOPLE})
            found |= {one for (one,) in cursor.fetchall()}
    return list(found)
