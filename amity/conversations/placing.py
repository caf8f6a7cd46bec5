"""Conversations that were worked on elsewhere: put each into the state that it had there, many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from amity.conversations.models import BeforeReply, ConversationState
from amity.conversations.services import WAKE
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.live import announce
from amity.kernel.timers import set_timer


@dataclass(frozen=True, slots=True)
class Placement:
    """What another system knew of the conversation that begins with the message `external_id`."""

    external_id: str
    state: ConversationState
    assignee_id: UUID | None = None
    snoozed_until: datetime | None = None


_PLACE = """
    UPDATE conversations_conversation AS c SET
        state = new.state,
        assignee_id = new.assignee_id,
        snoozed_until = new.snoozed_until,
        closed_at = CASE WHEN new.state = 'closed' THEN c.last_activity_at END
    FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::timestamptz[])
            AS new(external_id, state, assignee_id, snoozed_until)
        JOIN activity_threadref r ON r.ref = new.external_id AND r.source_id = %s
        JOIN conversations_conversationthread t ON t.thread_id = r.thread_id
    WHERE c.id = t.conversation_id
    RETURNING c.id, c.snoozed_until
"""


@transaction.atomic
def place_many(source_id: UUID, placements: Sequence[Placement], *, actor: Actor) -> int:
    """Set state and assignee of conversations of one source; returns how many were found.

    Conversations that end closed count as closed at their last activity. Nothing is sent and nobody is told.
    """
    policy.require(actor, "write", "import")
    with connection.cursor() as cursor:
        cursor.execute(
            _PLACE,
            [
                [placement.external_id for placement in placements],
                [placement.state for placement in placements],
                [placement.assignee_id for placement in placements],
                [placement.snoozed_until for placement in placements],
                source_id,
            ],
        )
        placed = cursor.fetchall()
    replies = BeforeReply.objects.filter(
        conversation_id__in=[conversation_id for conversation_id, _ in placed]
    )
    replies.update(state_after="", is_assigned=False)
    for conversation_id, until in placed:
        if until is not None:
            set_timer(WAKE, conversation_id, until)
    announce("inbox", source_id=source_id)
    return len(placed)
