"""Conversations by words: what was said in them, newest first, and by the name of the customer."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.domain.folding import fold
from amity.people.queries.listing import matching_words
from amity.people.queries.visibility import known_links, known_people

MOST_MESSAGES = 1_000
MOST_PEOPLE = 200
_WORD = re.compile(r"\w+")

# Without an order inside, the words are looked up in their index, month by month of the stream; with one the planner
# walks all of time backwards for a word that nobody ever said (11 s against 5 ms at a million messages).
_SAID = """
    WITH hits AS MATERIALIZED (
        SELECT a.thread_id, a.occurred_at FROM activity_activity a
        WHERE to_tsvector('simple', a.text) @@ to_tsquery('simple', %(words)s) AND a.text <> ''
            AND a.occurred_at >= %(since)s AND a.occurred_at < %(before)s AND a.source_id <> ALL(%(hidden)s))
    SELECT t.conversation_id FROM (SELECT thread_id FROM hits ORDER BY occurred_at DESC LIMIT %(most)s) AS newest
    JOIN conversations_conversationthread t ON t.thread_id = newest.thread_id
"""
# A common word is found often enough in the last days, a rare one costs little in all years.
_SPANS = (timedelta(days=14), timedelta(days=60), timedelta(days=400), timedelta(days=40_000))
_NAMED = """
    SELECT c.id FROM (
        SELECT p.id FROM people_person p
        WHERE to_tsvector('simple', COALESCE(p.search_text, '')) @@ to_tsquery('simple', %(words)s) {name_only}
        ORDER BY p.last_activity_at DESC NULLS LAST LIMIT %(most)s) AS named
    JOIN people_link l ON l.person_id = named.id AND l.revoked_at IS NULL
    JOIN conversations_conversation c ON c.customer_id = l.identity_id
"""
# Search text holds addresses too; who may not see those finds by name only, or a hit would tell. And where nobody gave
# a name, an address stands in its place: only what somebody gave, and what is no address itself, is one.
_NAME_ONLY = """
    AND to_tsvector('simple', p.sort_name || ' ' || p.name) @@ to_tsquery('simple', %(words)s)
    AND p.name ~ '[[:alpha:]]' AND p.name NOT LIKE '%%@%%' AND EXISTS (
        SELECT FROM people_link k JOIN people_fact f ON f.identity_id = k.identity_id
        WHERE k.person_id = p.id AND k.revoked_at IS NULL AND f.field IN ('name', 'given_name', 'family_name')
            AND f.value ~ '[[:alpha:]]' AND f.value NOT LIKE '%%@%%')
"""


def query_of(typed: str) -> str:
    """What PostgreSQL is asked for: every word, the last one also as a beginning; "" for no words at all."""
    words = _WORD.findall(typed)
    return " & ".join([*(f"'{word}'" for word in words[:-1]), *(f"'{word}':*" for word in words[-1:])])


def conversations_with(typed: str, *, actor: Actor, at: datetime) -> list[UUID]:
    """Ids of conversations in which these words were said (in about the newest 1,000 messages with them) or whose
    customer is called so. The caller still asks the access policy for the conversations themselves."""
    found = _said(query_of(typed), policy.hidden_source_ids(actor), at)
    named = query_of(fold(typed))
    if named and policy.hidden_source_ids(actor):
        people = matching_words(known_people(actor), typed, actor)
        named_ids = list(people.order_by("-id").values_list("pk", flat=True)[:MOST_PEOPLE])
        links = known_links(actor).filter(person_id__in=named_ids)
        found |= set(
            Conversation.objects.filter(customer_id__in=links.values("identity_id")).values_list(
                "id", flat=True
            )
        )
    elif named:
        name_only = "" if policy.sees_field(actor, "person", "address") else _NAME_ONLY
        with connection.cursor() as cursor:
            cursor.execute(_NAMED.format(name_only=name_only), {"words": named, "most": MOST_PEOPLE})
            found |= {one for (one,) in cursor.fetchall()}
    return list(found)


def _said(words: str, hidden: list[UUID], at: datetime) -> set[UUID]:
    found: list[UUID] = []
    before = at + timedelta(days=40_000)  # broken clocks write the future
    for span in _SPANS if words else ():
        since, left = at - span, MOST_MESSAGES - len(found)
        with connection.cursor() as cursor:
            asked: dict[str, Any] = {
                "words": words,
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
