"""The outbox: a message is sent at most once, or says that it does not know.

The step to `sending` is committed before anything leaves. Whoever finds a message in `sending` that nobody holds
knows only that an attempt was begun: it becomes `unknown`, and a person decides.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels import accounts
from amity.channels.adapters import NotSent, Outgoing, OutgoingFile, adapter, live_adapter
from amity.channels.events import MessageFailed
from amity.channels.models import OUTBOUND_LIFE, OutboundMessage, OutboundState, Source
from amity.kernel import metrics, tracing
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Conflict
from amity.kernel.live import announce
from amity.kernel.models import Transition

log = structlog.get_logger(__name__)

SENDINGS = metrics.Counter("amity_sendings_total", "Messages sent or not.", ("adapter", "outcome"))
SEND_SECONDS = metrics.Timing("amity_send_seconds", "How long it takes to hand a message over.", ("adapter",))
TIME_TO_UNDO = timedelta(seconds=10)
_WITH_A_REASON = frozenset({OutboundState.FAILED, OutboundState.UNKNOWN, OutboundState.RETURNED})


TRY_AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
LOOK_AFTER = timedelta(seconds=20)


def external_id_of(message_id: UUID, source: Source) -> str:
    """What a message of ours is called outside: its answers name it, and a copy of it that comes in is the same."""
    live = live_adapter(source.adapter)
    account = accounts.account_of(source.id) if live else None
    if live is None or account is None:
        return f"<{message_id}@amity>"
    return live.message_id(accounts.login_of(account), str(message_id))


def queue_message(  # noqa: PLR0913  # a row with all that is known of it
    *,
    id: UUID,
    source: Source,
    activity_id: UUID,
    thread_id: UUID | None,
    network: str,
    address: str,
    channel: str,
    subject: str,
    text: str,
    in_reply_to: str,
    sender_id: UUID,
    at: datetime,
    references: Sequence[str] = (),
    via: Source | None = None,
    files: Sequence[OutgoingFile] = (),
) -> OutboundMessage:
    """Put a message into the outbox in the caller's transaction; it leaves when the time to undo is over.

    `via` is the source whose account sends it, where that is another one. `references` are the ids before it in its
    thread, oldest first.
    """
    message = OutboundMessage.objects.create(
        id=id,
        source=source,
        via=via,
        external_id=external_id_of(id, via or source),
        references=list(references),
        activity_id=activity_id,
        thread_id=thread_id,
        network=network,
        address=address,
        channel=channel,
        subject=subject,
        text=text,
        in_reply_to=in_reply_to,
        files=[asdict(file) for file in files],
        sender_id=sender_id,
        created_at=at,
        send_at=at + TIME_TO_UNDO,
    )
    _defer(message)
    return message


def _defer(message: OutboundMessage) -> None:
    from amity.channels.jobs import send_message

    send_message.configure(schedule_at=message.send_at, lock=f"outbound:{message.id}").defer(
        message_id=str(message.id)
    )


def move(message: OutboundMessage, to: OutboundState, *, actor: Actor, at: datetime, why: str = "") -> None:
    """One step in the life of a message, with its row of history. The row is locked by the caller."""
    OUTBOUND_LIFE.check(message.state, to)
    Transition.objects.create(
        subject="outbound_message", subject_id=message.id, before=message.state, after=to,
        staff_id=actor.staff_id, at=at, why=why[:200],
    )  # fmt: skip
    message.state, message.error = to, why if to in _WITH_A_REASON else ""
    message.settled_at = None if to in {OutboundState.QUEUED, OutboundState.SENDING} else at
    message.save(update_fields=["state", "error", "settled_at", "claimed_at", "attempts", "send_at"])
    announce("outbox", message.id, source_id=message.source_id)


def withdraw(message_id: UUID, *, actor: Actor, at: datetime) -> OutboundMessage:
    """Take a message back before it leaves. Refused with `Conflict` when an attempt was begun."""
    with transaction.atomic():
        message = OutboundMessage.objects.select_for_update().get(pk=message_id)
        if message.state in {OutboundState.SENDING, OutboundState.SENT}:
            raise Conflict(_("It has left already. Write again if something is wrong."))
        if (
            message.state == OutboundState.UNKNOWN
        ):  # taken off the record, it would deny what the customer may have
            raise Conflict(_("It may have left. Look whether it arrived, then say so or send it again."))
        move(message, OutboundState.WITHDRAWN, actor=actor, at=at)
    return message


def send_again(message_id: UUID, *, actor: Actor, at: datetime) -> OutboundMessage:
    """Try a failed message again, or an unknown one after a person looked whether it arrived."""
    with transaction.atomic():
        message = OutboundMessage.objects.select_for_update().get(pk=message_id)
        message.send_at = at
        move(message, OutboundState.QUEUED, actor=actor, at=at)
        _defer(message)
    return message


def returned(message_id: UUID, *, at: datetime, why: str) -> OutboundMessage | None:
    """A report says that a message of ours was not delivered. None where it never left, or came back before.

    Call it inside a transaction. `why` is a sentence.
    """
    message = OutboundMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None or not OUTBOUND_LIFE.may(message.state, OutboundState.RETURNED):
        return None
    move(message, OutboundState.RETURNED, actor=SYSTEM, at=at, why=why)
    return message


def deliver(message_id: UUID, *, at: datetime) -> OutboundState:
    """Send one message: called by a job, also again after a crash."""
    with transaction.atomic(durable=True):  # the step to `sending` must be committed before anything leaves
        message = (
            OutboundMessage.objects.select_for_update(of=("self",))
            .select_related("source", "via", "sender")
            .get(pk=message_id)
        )
        if message.state == OutboundState.SENDING:
            move(
                message,
                OutboundState.UNKNOWN,
                actor=SYSTEM,
                at=at,
                why=_("Amity was interrupted while sending."),
            )
            _look_later(message, at)
            return OutboundState.UNKNOWN
        if message.state != OutboundState.QUEUED:
            return OutboundState(message.state)
        message.claimed_at, message.attempts = at, message.attempts + 1
        move(message, OutboundState.SENDING, actor=SYSTEM, at=at)
    outcome, why, passing = _attempt(message)
    with transaction.atomic():
        message = OutboundMessage.objects.select_for_update().get(pk=message_id)
        if message.state != OutboundState.SENDING:  # it came back before we knew that it had left
            return OutboundState(message.state)
        move(message, outcome, actor=SYSTEM, at=at, why=why)
        if outcome is OutboundState.FAILED and passing:
            _try_later(message, at=at, why=why)
        if message.state == OutboundState.FAILED:
            publish(MessageFailed(message.id, at))
        if outcome is OutboundState.UNKNOWN:
            _look_later(message, at)
    SENDINGS.add(adapter=(message.via or message.source).adapter, outcome=outcome.value)
    return OutboundState(message.state)


def _attempt(message: OutboundMessage) -> tuple[OutboundState, str, bool]:
    """What became of it, why, and whether a failure may pass by itself."""
    source = message.via or message.source
    if why := accounts.why_it_cannot_send(source):
        return OutboundState.FAILED, why, False
    started = time.perf_counter()
    try:
        with tracing.span(f"send {source.adapter}", kind="client", amity__message_id=str(message.id)):
            adapter(source.adapter).send(accounts.login_to(source), outgoing_of(message))
    except NotSent as refusal:
        return OutboundState.FAILED, refusal.reason, refusal.passing
    except Exception as error:  # the boundary: whatever happened, it may have left
        log.exception("message may or may not have left", message=str(message.id), kind=type(error).__name__)
        return OutboundState.UNKNOWN, _("The connection broke while sending. Look whether it arrived."), False
    finally:
        SEND_SECONDS.observe(time.perf_counter() - started, adapter=source.adapter)
    return OutboundState.SENT, "", False


def _try_later(message: OutboundMessage, *, at: datetime, why: str) -> None:
    """What certainly did not leave is tried again, a few times and ever later."""
    if message.attempts > len(TRY_AGAIN_AFTER):
        return
    message.send_at = at + TRY_AGAIN_AFTER[message.attempts - 1]
    move(message, OutboundState.QUEUED, actor=SYSTEM, at=at, why=why)
    message.error = why
    message.save(update_fields=["error"])
    _defer(message)


def _look_later(message: OutboundMessage, at: datetime) -> None:
    from amity.channels.jobs import look_for_message

    if live_adapter((message.via or message.source).adapter) is not None:
        look_for_message.configure(schedule_at=at + LOOK_AFTER).defer(message_id=str(message.id))


def look_for(message_id: UUID, *, at: datetime) -> OutboundState:
    """Look whether a message of unknown fate left, where the other side can tell. Never sends anything."""
    message = OutboundMessage.objects.select_related("source", "via", "sender").get(pk=message_id)
    source = message.via or message.source
    live = live_adapter(source.adapter)
    if message.state != OutboundState.UNKNOWN or live is None:
        return OutboundState(message.state)
    if live.find_sent(accounts.login_to(source), outgoing_of(message)):
        settle_unknown(message_id, at=at, why=_("A copy of it lies in the folder of sent mail."))
        return OutboundState.SENT
    return OutboundState.UNKNOWN


def settle_unknown(message_id: UUID, *, at: datetime, why: str) -> None:
    """It is certain now that a message of unknown fate left."""
    with transaction.atomic():
        message = OutboundMessage.objects.select_for_update().get(pk=message_id)
        if message.state == OutboundState.UNKNOWN:
            move(message, OutboundState.SENT, actor=SYSTEM, at=at, why=why)


def outgoing_of(message: OutboundMessage) -> Outgoing:
    """The message as adapters send it."""
    sender = message.sender
    answers_to = accounts.account_of(message.source_id) if message.via_id else None
    return Outgoing(
        key=str(message.id),
        message_id=message.external_id or f"<{message.id}@amity>",
        channel=message.channel,
        network=message.network,
        address=message.address,
        recipient_name="",
        sender_name=sender.name,
        sender_address=sender.email,
        subject=message.subject,
        text=message.text,
        in_reply_to=message.in_reply_to,
        references=tuple(message.references) or ((message.in_reply_to,) if message.in_reply_to else ()),
        sent_at=message.send_at.isoformat(),
        reply_to=answers_to.address if answers_to else "",
        files=tuple(OutgoingFile(**one) for one in message.files),
    )
