"""What is done with a conversation: assign, close, reopen, snooze, wake, promise, read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.conversations.events import ConversationAssigned
from amity.conversations.models import BeforeReply, Conversation, ConversationState, ReadMark
from amity.conversations.queries.colleagues import knows_colleague
from amity.conversations.services.held import WAKE, fresh, locked, move, thread_ids, worked
from amity.kernel.actor import Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Invalid
from amity.kernel.models import Transition
from amity.kernel.timers import set_timer
from amity.teamwork.models import Promise
from amity.teamwork.services import make_promise


@transaction.atomic
def assign(conversation_id: UUID, *, actor: Actor, at: datetime, assignee_id: UUID | None) -> Conversation:
    """Give it to a colleague, or to nobody."""
    conversation = locked(conversation_id, actor)
    if assignee_id is not None and not knows_colleague(actor, assignee_id):
        raise Invalid(_("Choose a colleague who is active."), fields={"assignee": _("Choose a colleague.")})
    before = conversation.assignee_id
    conversation.assignee_id = assignee_id
    conversation.save(update_fields=["assignee"])
    BeforeReply.objects.filter(conversation_id=conversation.id).update(is_assigned=False)
    Transition.objects.create(
        subject="assignment", subject_id=conversation.id, before=str(before or ""),
        after=str(assignee_id or ""), staff_id=actor.staff_id, at=at,
    )  # fmt: skip
    worked(conversation, actor=actor, at=at)
    publish(ConversationAssigned(conversation.id, assignee_id, at))
    return fresh(conversation)


@transaction.atomic
def close(conversation_id: UUID, *, actor: Actor, at: datetime) -> Conversation:
    """It is done. If the customer writes again it opens again."""
    conversation = locked(conversation_id, actor)
    move(conversation, ConversationState.CLOSED, actor=actor, at=at)
    return fresh(conversation)


@transaction.atomic
def reopen(conversation_id: UUID, *, actor: Actor, at: datetime) -> Conversation:
    """It is not done after all (also the undo of closing and snoozing)."""
    conversation = locked(conversation_id, actor)
    move(conversation, ConversationState.OPEN, actor=actor, at=at)
    return fresh(conversation)


@transaction.atomic
def snooze(conversation_id: UUID, *, actor: Actor, at: datetime, until: datetime) -> Conversation:
    """Out of sight until `until`, or until the customer writes again."""
    conversation = locked(conversation_id, actor)
    if until <= at or until > at + timedelta(days=366):
        raise Invalid(
            _("Choose a time within the next year."), fields={"until": _("Choose a time in the future.")}
        )
    move(conversation, ConversationState.SNOOZED, actor=actor, at=at)
    conversation.snoozed_until = until
    conversation.save(update_fields=["snoozed_until"])
    set_timer(WAKE, conversation.id, until)
    return fresh(conversation)


def wake(conversation_id: UUID, *, actor: Actor, at: datetime) -> None:
    """The time of a snoozed conversation has come."""
    found = (
        Conversation.objects.select_for_update()
        .filter(pk=conversation_id, state=ConversationState.SNOOZED)
        .first()
    )
    if found is not None:
        move(found, ConversationState.OPEN, actor=actor, at=at)


@transaction.atomic
def promise(
    conversation_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    what: str,
    due_at: datetime,
    owner_id: UUID | None = None,
) -> Promise:
    """Promise the customer of a conversation something; it follows them about."""
    conversation = locked(conversation_id, actor)
    owner = owner_id or actor.staff_id
    if conversation.customer_id is None or owner is None:
        raise Invalid(_("This conversation has no customer to promise something to."))
    made = make_promise(
        actor=actor, at=at, about_id=conversation.customer_id, source_id=conversation.source_id, what=what,
        due_at=due_at, owner_id=owner, thread_id=thread_ids(conversation.id)[0],
    )  # fmt: skip
    worked(conversation, actor=actor, at=at)
    return made


def mark_read(conversation_id: UUID, *, actor: Actor, at: datetime) -> None:
    """The actor has seen what stands there now."""
    if actor.staff_id and Conversation.objects.visible_to(actor).filter(pk=conversation_id).exists():
        ReadMark.objects.update_or_create(
            staff_id=actor.staff_id, conversation_id=conversation_id, defaults={"read_at": at}
        )
