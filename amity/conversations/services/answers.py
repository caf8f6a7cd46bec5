"""What is said in a conversation: answers to the customer, on their way and taken back, and notes among ourselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from amity.activity.models import Activity
from amity.activity.services import Deed, expect_answers, record_deed, take_back
from amity.activity.uploads import send_with
from amity.channels import accounts, outbox
from amity.channels.adapters import OutgoingFile
from amity.channels.models import OutboundMessage, OutboundState, Source
from amity.channels.records import NOBODY, Direction
from amity.conversations.events import ConversationAnswered
from amity.conversations.models import Conversation, ConversationState, ConversationThread
from amity.conversations.queries.parties import asked_in
from amity.conversations.refreshing import refresh
from amity.conversations.services.attaching import as_sent, give_back_files, taken
from amity.conversations.services.held import fresh, locked, move_by_reply, thread_ids, worked, written
from amity.conversations.services.taking_back import before_reply, give_back, keep
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Staff
from amity.people.models import Identity, Link


class AnsweredMeanwhile(Conflict):
    """A colleague answered while this answer was written. `context` holds `name` and `at`."""

    code = "conversation.answered_meanwhile"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply that was put into the outbox."""

    conversation: Conversation
    message: OutboundMessage


@transaction.atomic
def reply(
    conversation_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    to: UUID | None = None,
    is_public: bool = False,
    close: bool = False,
    seen_at: datetime | None = None,
    via: UUID | None = None,
    files: Sequence[UUID] = (),
) -> Answer:
    """Answer the customer: onto the record now, out of the house when the time to undo is over.

    `to` names the identity to write to (default: the one that wrote last of those who take part; a stranger who wrote
    into the thread is answered only where they are named). With `close` the conversation is closed in the same step.
    With `seen_at` it is refused (`AnsweredMeanwhile`) if a colleague answered after that instant. `via` names the
    account that sends it (default: the one that the customer wrote to). `files` wait in the actor's draft (`attach`).
    """
    conversation = locked(conversation_id, actor)
    text = written(text)
    if seen_at is not None:
        _refuse_if_answered(conversation, actor=actor, since=seen_at)
    asked = asked_in(conversation, Activity.objects.in_threads(thread_ids(conversation.id)))
    answered = asked.last if to == asked.stranger else asked.own
    recipient = _recipient(conversation, to, answered)
    message_id = uuid4()
    way_out = _way_out(conversation, via, recipient)
    carried = taken(conversation, files, actor=actor, via=way_out, recipient=recipient)
    before = before_reply(conversation)
    if conversation.state != ConversationState.OPEN:
        move_by_reply(conversation, ConversationState.OPEN, actor=actor, at=at)
    external_id = outbox.external_id_of(message_id, way_out)
    answer = _answer(conversation, answered, recipient, text, is_public=is_public, external_id=external_id)
    deed = record_deed(answer, actor=actor, at=at)
    send_with(deed.id, carried)
    if way_out.id != conversation.source_id and deed.thread_id is not None:
        expect_answers(way_out.id, deed, deed.thread_id)
    message = _put_out(
        conversation,
        answer,
        recipient,
        deed.id,
        message_id,
        actor=actor,
        at=at,
        via=way_out,
        files=as_sent(carried),
    )
    worked(conversation, actor=actor, at=at, assign=True)
    publish(ConversationAnswered(conversation.id, deed.id, message.sender_id, at))
    if close:
        move_by_reply(conversation, ConversationState.CLOSED, actor=actor, at=at)
    keep(before, conversation, message)
    return Answer(fresh(conversation), message)


def _answer(
    conversation: Conversation,
    answered: Activity | None,
    recipient: Identity,
    text: str,
    *,
    is_public: bool,
    external_id: str,
) -> Deed:
    """An answer on the channel, in the thread and under the subject of what it answers."""
    return Deed(
        source_id=conversation.source_id,
        thread_id=answered.thread_id if answered else thread_ids(conversation.id)[0],
        about_id=recipient.id,
        direction=Direction.OUT,
        channel=answered.channel if answered else conversation.channel,
        verb="create",
        object_type="note",
        text=text,
        subject=answered.subject if answered else conversation.subject,
        in_reply_to=answered.external_id if answered else "",
        is_public=is_public,
        external_id=external_id,
        payload={"references": _chain(answered)[::-1]}
        if answered
        else None,  # nearest first, as of what comes in
    )


def _chain(answered: Activity | None) -> list[str]:
    """The ids of the thread up to what is answered, oldest first (RFC 5322, 3.6.4)."""
    if answered is None:
        return []
    named = (answered.payload or {}).get("references") or (
        [answered.in_reply_to] if answered.in_reply_to else []
    )
    return [*dict.fromkeys([*reversed(named), answered.external_id])]


def _way_out(conversation: Conversation, via: UUID | None, recipient: Identity) -> Source:
    """The source whose account sends: the chosen one, else that of the conversation, else one that fits."""
    fitting = accounts.sending_accounts(conversation.source) if recipient.network == "email" else []
    if via is not None and via != conversation.source_id:
        chosen = next((one.source for one in fitting if one.pk == via), None)
        if chosen is None:
            raise Invalid(_("This account cannot answer here."), fields={"via": _("Choose another account.")})
        return chosen
    own = accounts.account_of(conversation.source_id)
    if own is None:
        return fitting[0].source if fitting else conversation.source
    if recipient.network != "email":
        raise Invalid(_("This account sends e-mail only."), fields={"to": _("Choose an e-mail address.")})
    if why := accounts.why_it_cannot_send(conversation.source):
        raise Invalid(why, fields={"via": why})
    return conversation.source


def _put_out(
    conversation: Conversation,
    answer: Deed,
    recipient: Identity,
    activity_id: UUID,
    message_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    via: Source,
    files: Sequence[OutgoingFile],
) -> OutboundMessage:
    assert actor.staff_id is not None
    return outbox.queue_message(
        id=message_id,
        source=conversation.source,
        activity_id=activity_id,
        thread_id=answer.thread_id,
        network=recipient.network,
        address=recipient.address,
        channel=answer.channel,
        subject=answer.subject,
        text=answer.text,
        in_reply_to=answer.in_reply_to,
        sender_id=actor.staff_id,
        at=at,
        references=(answer.payload or {}).get("references", [])[::-1],
        via=None if via.id == conversation.source_id else via,
        files=files,
    )


def _refuse_if_answered(conversation: Conversation, *, actor: Actor, since: datetime) -> None:
    written = Activity.objects.in_threads(thread_ids(conversation.id)).filter(
        direction=Direction.OUT, recorded_at__gt=since
    )
    other = written.exclude(staff_id=actor.staff_id).order_by("-recorded_at").first()
    if other is not None:
        wrote = Staff.objects.filter(pk=other.staff_id).first() if other.staff_id else None
        name = wrote.name if wrote else _("A colleague")
        raise AnsweredMeanwhile(
            _("%(name)s answered while you wrote.") % {"name": name}, name=name, at=other.recorded_at
        )


def _recipient(conversation: Conversation, to: UUID | None, answered: Activity | None) -> Identity:
    here = {id for id in (conversation.customer_id, answered and answered.actor_id) if id}
    chosen = to or (answered.actor_id if answered else None) or conversation.customer_id
    known = Identity.objects.filter(pk=chosen).first() if chosen else None
    if known is None or (known.id not in here and not _is_of_somebody_here(conversation, known.id, here)):
        raise Invalid(
            _("Nobody to write to: this conversation has no customer."), fields={"to": _("Choose somebody.")}
        )
    if known.address.endswith(f"@{NOBODY}"):
        raise Invalid(_("This mail came without a sender: there is nobody to answer."))
    return known


def _is_of_somebody_here(conversation: Conversation, identity_id: UUID, here: set[UUID]) -> bool:
    """Whether somebody wrote under this identity here, or it is another one of the customer; nobody else is told."""
    wrote = Activity.objects.in_threads(thread_ids(conversation.id)).filter(actor_id=identity_id)
    people = Link.objects.filter(identity_id__in=here, revoked_at__isnull=True).values("person_id")
    also = Link.objects.filter(identity_id=identity_id, revoked_at__isnull=True, person_id__in=people)
    return wrote.exists() or also.exists()


def _thread_of(message: OutboundMessage | None) -> ConversationThread | None:
    if message is None or message.thread_id is None:
        return None
    return ConversationThread.objects.filter(thread_id=message.thread_id).first()


def _outgoing(message_id: UUID, actor: Actor) -> tuple[OutboundMessage, Conversation]:
    """A message of ours, with its conversation locked; neither is known to who may not see the conversation."""
    policy.require(actor, "write", "conversation")
    message = OutboundMessage.objects.filter(pk=message_id).first()
    thread = _thread_of(message)
    if message is None or thread is None:
        raise NotFound(_("This message does not exist."))
    return message, locked(thread.conversation_id, actor)


@transaction.atomic
def send_again(message_id: UUID, *, actor: Actor, at: datetime) -> Conversation:
    """Try a failed message again, or an unknown one after a person looked whether it arrived."""
    message, conversation = _outgoing(message_id, actor)
    outbox.send_again(message.id, actor=actor, at=at)
    refresh([conversation.id])
    announce("conversation", conversation.id, source_id=conversation.source_id)
    return conversation


@transaction.atomic
def confirm_sent(message_id: UUID, *, actor: Actor, at: datetime) -> Conversation:
    """A person looked: the message of which Amity does not know whether it left has arrived."""
    message, conversation = _outgoing(message_id, actor)
    locked = OutboundMessage.objects.select_for_update().get(pk=message.id)
    if locked.state != OutboundState.UNKNOWN:
        raise Conflict(_("It is known already what became of this message."))
    outbox.move(locked, OutboundState.SENT, actor=actor, at=at, why=_("A colleague saw that it arrived."))
    announce("conversation", conversation.id, source_id=conversation.source_id)
    return conversation


@transaction.atomic
def withdraw_reply(message_id: UUID, *, actor: Actor, at: datetime) -> Conversation:
    """Undo a reply that has not left: it is off the record, and what it changed of the conversation is as before."""
    message, conversation = _outgoing(message_id, actor)
    outbox.withdraw(message.id, actor=actor, at=at)
    give_back_files(conversation, message.activity_id, actor=actor, at=at)
    take_back(message.activity_id, message.created_at)
    give_back(conversation, message, actor=actor, at=at)
    announce("conversation", conversation.id, source_id=conversation.source_id)
    announce("inbox", source_id=conversation.source_id)
    return fresh(conversation)


@transaction.atomic
def note(conversation_id: UUID, *, actor: Actor, at: datetime, text: str) -> Conversation:
    """Write something that only colleagues see."""
    conversation = locked(conversation_id, actor)
    threads = thread_ids(conversation.id)
    record_deed(Deed(
        source_id=conversation.source_id, thread_id=threads[0], about_id=conversation.customer_id,
        direction=Direction.INTERNAL, channel="note", verb="add", object_type="note", text=written(text),
    ), actor=actor, at=at)  # fmt: skip
    worked(conversation, actor=actor, at=at)
    return fresh(conversation)
