"""What is done in a conversation. Each is one verb of `amity.conversations.services`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Router

from amity.conversations import services
from amity.conversations.api.reading import found, shown
from amity.conversations.api.schemas import (
    AssignIn,
    ConversationOut,
    ManyIn,
    ManyOut,
    NoteIn,
    PromiseIn,
    PromiseOut,
    ReplyIn,
    ReplyOut,
    SettleIn,
    SnoozeIn,
)
from amity.conversations.services import many
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, operation
from amity.kernel.errors import Invalid
from amity.teamwork.models import Promise, PromiseState
from amity.teamwork.services import settle_promise

router = Router(tags=["conversations"])
_ONE = "/conversations/{uuid:conversation_id}"


@operation(router, "POST", f"{_ONE}/replies", of="conversation", does="write", answer=ReplyOut, status=201)
def reply_to_customer(request: ApiRequest, conversation_id: UUID, body: ReplyIn) -> Answer:
    """Answer the customer. It leaves when the time to withdraw it is over; it leaves at most once."""
    answer = services.reply(
        conversation_id, actor=request.actor, at=request.now, text=body.text, to=body.to,
        is_public=body.is_public, close=body.close, seen_at=body.seen_at, files=body.files,
    )  # fmt: skip
    sent = answer.message
    return Answer(
        {
            "message_id": sent.id,
            "state": sent.state,
            "send_at": sent.send_at,
            "conversation_state": answer.conversation.state,
        },
        201,
    )


@operation(
    router, "POST", "/messages/{uuid:message_id}/withdrawal", of="conversation", does="write",
    answer=ConversationOut,
)  # fmt: skip
def withdraw_message(request: ApiRequest, message_id: UUID) -> Mapping[str, Any]:
    """Take back a reply that has not left. The conversation is as before it, but for what somebody decided since."""
    one = services.withdraw_reply(message_id, actor=request.actor, at=request.now)
    return shown(request, found(request, one.id))


@operation(
    router, "POST", "/messages/{uuid:message_id}/attempt", of="conversation", does="write",
    answer=ConversationOut,
)  # fmt: skip
def send_message_again(request: ApiRequest, message_id: UUID) -> Mapping[str, Any]:
    """Try a message again that failed, or of which nobody knows whether it left."""
    one = services.send_again(message_id, actor=request.actor, at=request.now)
    return shown(request, found(request, one.id))


@operation(
    router, "POST", "/messages/{uuid:message_id}/confirmation", of="conversation", does="write",
    answer=ConversationOut,
)  # fmt: skip
def confirm_message_sent(request: ApiRequest, message_id: UUID) -> Mapping[str, Any]:
    """Say that a message arrived of which Amity does not know whether it left."""
    one = services.confirm_sent(message_id, actor=request.actor, at=request.now)
    return shown(request, found(request, one.id))


@operation(
    router, "POST", f"{_ONE}/notes", of="conversation", does="write", answer=ConversationOut, status=201
)
def note_in_conversation(request: ApiRequest, conversation_id: UUID, body: NoteIn) -> Answer:
    """Write something that only colleagues see."""
    services.note(conversation_id, actor=request.actor, at=request.now, text=body.text)
    return Answer(shown(request, found(request, conversation_id)), 201)


@operation(router, "PUT", f"{_ONE}/assignment", of="conversation", does="write", answer=ConversationOut)
def assign_conversation(request: ApiRequest, conversation_id: UUID, body: AssignIn) -> Mapping[str, Any]:
    """Give it to a colleague, or to nobody."""
    given = services.assign(
        conversation_id, actor=request.actor, at=request.now, assignee_id=body.assignee_id
    )
    return shown(request, given)  # whoever sees only their own gives it out of sight


def _after(request: ApiRequest, conversation_id: UUID) -> Mapping[str, Any]:
    return shown(request, found(request, conversation_id))


@operation(router, "POST", f"{_ONE}/closure", of="conversation", does="write", answer=ConversationOut)
def close_conversation(request: ApiRequest, conversation_id: UUID) -> Mapping[str, Any]:
    """It is done. If the customer writes again it opens again."""
    services.close(conversation_id, actor=request.actor, at=request.now)
    return _after(request, conversation_id)


@operation(router, "POST", f"{_ONE}/opening", of="conversation", does="write", answer=ConversationOut)
def reopen_conversation(request: ApiRequest, conversation_id: UUID) -> Mapping[str, Any]:
    """It is not done after all (also the undo of closing and snoozing)."""
    services.reopen(conversation_id, actor=request.actor, at=request.now)
    return _after(request, conversation_id)


@operation(router, "POST", f"{_ONE}/snooze", of="conversation", does="write", answer=ConversationOut)
def snooze_conversation(request: ApiRequest, conversation_id: UUID, body: SnoozeIn) -> Mapping[str, Any]:
    """Out of sight until an instant, or until the customer writes again."""
    services.snooze(conversation_id, actor=request.actor, at=request.now, until=body.until)
    return _after(request, conversation_id)


@operation(router, "POST", "/conversations/bulk", of="conversation", does="write", answer=ManyOut)
def bulk_conversations(request: ApiRequest, body: ManyIn) -> Mapping[str, Any]:
    """Close, snooze or assign many at once: all of them, or none where one refuses."""
    actor, at = request.actor, request.now
    chosen = many.chosen(body.ids, actor)
    match body.do:
        case "close":
            deed = many.closing(actor=actor, at=at)
        case "snooze":
            if body.until is None:
                raise Invalid(_("Choose a time."), fields={"until": _("Choose a time.")})
            deed = many.snoozing(body.until, actor=actor, at=at)
        case "assign":
            deed = many.assigning(body.assignee_id, actor=actor, at=at)
    done = many.do_with_each(chosen, deed)
    return {"done": [one.id for one in done], "were_so": len(chosen) - len(done)}


@operation(router, "PUT", f"{_ONE}/read-mark", of="conversation", does="read", answer=ConversationOut)
def mark_conversation_read(request: ApiRequest, conversation_id: UUID) -> Mapping[str, Any]:
    """You have seen what stands there now."""
    services.mark_read(conversation_id, actor=request.actor, at=request.now)
    return _after(request, conversation_id)


@operation(router, "POST", f"{_ONE}/promises", of="promise", does="write", answer=PromiseOut, status=201)
def promise_to_customer(request: ApiRequest, conversation_id: UUID, body: PromiseIn) -> Answer:
    """Promise the customer something by a time; it stands on their timeline and is broken when the time passes."""
    made = services.promise(
        conversation_id, actor=request.actor, at=request.now, what=body.what, due_at=body.due_at,
        owner_id=body.assignee_id,
    )  # fmt: skip
    return Answer(_promise(made), 201)


@operation(
    router, "POST", "/promises/{uuid:promise_id}/settlement", of="promise", does="write", answer=PromiseOut
)
def settle_a_promise(request: ApiRequest, promise_id: UUID, body: SettleIn) -> Mapping[str, Any]:
    """Keep, withdraw or reopen a promise."""
    return _promise(settle_promise(promise_id, PromiseState(body.state), actor=request.actor, at=request.now))


def _promise(promise: Promise) -> Mapping[str, Any]:
    names = ("id", "what", "state", "due_at", "made_at", "settled_at")
    return {name: getattr(promise, name) for name in names} | {"owner": promise.owner.name}
