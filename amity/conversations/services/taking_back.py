"""What a reply changes of its conversation, kept while it can be taken back, and given back with it.

A conversation whose reply was taken back is as if that reply had never been: what somebody decided since is kept, what
a later reply would have changed as well stays with that reply.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amity.channels.models import OutboundMessage, OutboundState
from amity.conversations.models import CONVERSATION_LIFE, BeforeReply, Conversation, ConversationState
from amity.conversations.refreshing import refresh
from amity.conversations.services.held import WAKE, fresh, tell_step
from amity.kernel.actor import Actor
from amity.kernel.timers import set_timer

_NEVER_TAKEN_BACK = frozenset({OutboundState.SENT, OutboundState.RETURNED, OutboundState.WITHDRAWN})


def before_reply(conversation: Conversation) -> BeforeReply:
    """How it stands now; `keep` it when the reply is in the outbox."""
    return BeforeReply(
        conversation=conversation,
        state_before=conversation.state,
        closed_at=conversation.closed_at,
        snoozed_until=conversation.snoozed_until,
        last_inbound_at=conversation.last_inbound_at,
        worked_at=conversation.worked_at,
        is_assigned=conversation.assignee_id is None,
    )


def keep(before: BeforeReply, conversation: Conversation, message: OutboundMessage) -> None:
    """Keep how the conversation stood before this reply, now that it has done all that it does."""
    _forget_oldest(conversation)
    before.message_id, before.state_after = message.id, conversation.state
    before.save(force_insert=True)


def _forget_oldest(conversation: Conversation) -> None:
    """Those that can no longer be taken back, up to the first that can: to one after it, it may be handed on."""
    kept = list(BeforeReply.objects.filter(conversation=conversation).order_by("pk"))
    if not kept:
        return
    messages = OutboundMessage.objects.filter(pk__in=[one.message_id for one in kept])
    open_ones = set(messages.exclude(state__in=_NEVER_TAKEN_BACK).values_list("pk", flat=True))
    first = next((one.pk for one in kept if one.message_id in open_ones), kept[-1].pk + 1)
    BeforeReply.objects.filter(conversation=conversation, pk__lt=first).delete()


def give_back(conversation: Conversation, message: OutboundMessage, *, actor: Actor, at: datetime) -> None:
    """The conversation as if this reply, which is off the record, had never been. The caller has locked it."""
    kept = BeforeReply.objects.filter(message_id=message.id, conversation=conversation).first()
    if kept is None:
        refresh([conversation.id])
        return
    later = BeforeReply.objects.filter(conversation=conversation, pk__gt=kept.pk).order_by("pk").first()
    kept.delete()
    if later is None:
        _put_back(conversation, kept, message, actor=actor, at=at)
    else:
        _hand_on(conversation, kept, message, later)
        refresh([conversation.id])


def _put_back(
    conversation: Conversation, kept: BeforeReply, message: OutboundMessage, *, actor: Actor, at: datetime
) -> None:
    was = conversation.state
    if was == kept.state_after:
        slept_out = kept.snoozed_until is not None and kept.snoozed_until <= at
        conversation.state = ConversationState.OPEN if slept_out else kept.state_before
        conversation.snoozed_until = None if slept_out else kept.snoozed_until
        conversation.closed_at = kept.closed_at
        # So that a word of the customer since then wakes or opens it.
        conversation.last_inbound_at = kept.last_inbound_at
    if kept.is_assigned and conversation.assignee_id == message.sender_id:
        conversation.assignee_id = None
    if conversation.worked_at == message.created_at:
        conversation.worked_at = kept.worked_at
    conversation.save(
        update_fields=["state", "snoozed_until", "closed_at", "last_inbound_at", "assignee", "worked_at"]
    )
    refresh([conversation.id])
    _tell_way(fresh(conversation), was, actor=actor, at=at)


def _tell_way(conversation: Conversation, was: str, *, actor: Actor, at: datetime) -> None:
    """The steps back: two where the reply made two, out of sleep and closed."""
    now = conversation.state
    if now == was:
        return
    if conversation.snoozed_until is not None:
        set_timer(WAKE, conversation.id, conversation.snoozed_until)
    between = [] if CONVERSATION_LIFE.may(was, ConversationState(now)) else [str(ConversationState.OPEN)]
    for before, after in zip([was, *between], [*between, now], strict=True):
        tell_step(conversation, before, after, actor=actor, at=at, why=_("A reply was taken back."))


def _hand_on(
    conversation: Conversation, kept: BeforeReply, message: OutboundMessage, later: BeforeReply
) -> None:
    """The reply after it stands, and would have changed the same: it gives it back when it is taken back too."""
    if kept.state_after and later.state_before == kept.state_after:
        later.state_before, later.closed_at = kept.state_before, kept.closed_at
        later.snoozed_until, later.last_inbound_at = kept.snoozed_until, kept.last_inbound_at
    if later.worked_at == message.created_at:
        later.worked_at = kept.worked_at
    if kept.is_assigned and conversation.assignee_id == message.sender_id:
        later.is_assigned = True
        answered = OutboundMessage.objects.only("sender_id").get(pk=later.message_id)
        conversation.assignee_id = answered.sender_id
        conversation.save(update_fields=["assignee"])
    later.save()
