"""A conversation held by whoever works on it, and what every verb leaves behind."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from amity.conversations.events import ConversationMoved
from amity.conversations.models import (
    CONVERSATION_LIFE,
    BeforeReply,
    Conversation,
    ConversationState,
    ConversationThread,
)
from amity.conversations.refreshing import refresh
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Transition
from amity.kernel.timers import clear_timer

LONGEST_TEXT = 50_000
WAKE = "conversation.wake"


def locked(conversation_id: UUID, actor: Actor) -> Conversation:
    policy.require(actor, "write", "conversation")
    found = (
        Conversation.objects.visible_to(actor)
        .filter(pk=conversation_id)
        .select_for_update(of=("self",))
        .select_related("source")
        .first()
    )
    if found is None:
        raise NotFound(_("This conversation does not exist."))
    return found


def written(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise Invalid(_("Write something first."), fields={"text": _("Write something first.")})
    if len(text) > LONGEST_TEXT:
        raise Invalid(_("This is too long."), fields={"text": _("At most 50,000 characters.")})
    return text


def thread_ids(conversation_id: UUID) -> list[UUID]:
    """The threads of the stream that make up a conversation."""
    return list(
        ConversationThread.objects.filter(conversation_id=conversation_id)
        .order_by("thread_id")
        .values_list("thread_id", flat=True)
    )


def move(conversation: Conversation, to: ConversationState, *, actor: Actor, at: datetime) -> None:
    """Somebody decides on the state: no reply that is taken back changes it any more."""
    BeforeReply.objects.filter(conversation_id=conversation.id).update(state_after="")
    move_by_reply(conversation, to, actor=actor, at=at)


def move_by_reply(conversation: Conversation, to: ConversationState, *, actor: Actor, at: datetime) -> None:
    """The state follows from a reply, and goes back with it."""
    CONVERSATION_LIFE.check(conversation.state, to)
    before, conversation.state = conversation.state, to
    conversation.closed_at = at if to is ConversationState.CLOSED else None
    conversation.snoozed_until = None
    conversation.worked_at = at
    conversation.save(update_fields=["state", "closed_at", "snoozed_until", "worked_at"])
    clear_timer(WAKE, conversation.id)
    tell_step(conversation, before, to, actor=actor, at=at)


def tell_step(
    conversation: Conversation, before: str, after: str, *, actor: Actor, at: datetime, why: str = ""
) -> None:
    """Write a step down that was made, and tell everybody."""
    Transition.objects.create(
        subject="conversation",
        subject_id=conversation.id,
        before=before,
        after=after,
        staff_id=actor.staff_id,
        at=at,
        why=why,
    )
    publish(ConversationMoved(conversation.id, before, after, at))
    announce("conversation", conversation.id, source_id=conversation.source_id)
    announce("inbox", source_id=conversation.source_id)


def worked(conversation: Conversation, *, actor: Actor, at: datetime, assign: bool = False) -> None:
    conversation.worked_at = at
    if assign and conversation.assignee_id is None:
        conversation.assignee_id = actor.staff_id
    conversation.save(update_fields=["worked_at", "assignee"])
    refresh([conversation.id])
    announce("conversation", conversation.id, source_id=conversation.source_id)
    announce("inbox", source_id=conversation.source_id)


def fresh(conversation: Conversation) -> Conversation:
    conversation.refresh_from_db()
    return conversation
