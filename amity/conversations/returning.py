"""What programs answer to mails of ours: an answer that came back waits again, and programs do not go on for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from amity.activity.models import Activity
from amity.activity.rows import ROWS, ActivityRow
from amity.activity.shaping import identity_id
from amity.channels import outbox
from amity.channels.machine_mail import REASONS, Told, automatic_of
from amity.channels.mime import MailKind, Outcome, Reason
from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.records import Direction, Handle
from amity.conversations.domain.loops import MOST, WITHIN, is_loop
from amity.conversations.models import Conversation, ConversationState, ConversationThread
from amity.conversations.queries.talk import LOOP
from amity.conversations.refreshing import hold, refresh
from amity.conversations.services.held import move
from amity.kernel.actor import SYSTEM
from amity.kernel.live import announce
from amity.kernel.models import Transition
from amity.kernel.pipeline import Batch
from amity.people.stages import note_unreachable

_OURS = re.compile(r"<([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@[^<>@\s]+>")


@dataclass(frozen=True, slots=True)
class _Returned:
    """A report: which message of ours, when, and what it says about one address."""

    message_id: UUID
    at: datetime
    told: Told


def hear_reports(batch: Batch) -> Batch:
    """Mark messages of ours that came back, and see that programs do not answer each other for ever.

    A report counts only if it names a message by its id, which nobody but its receivers knows: others cannot say that
    a mail came back. Its conversation waits again, and the address is known to be dead where the report says so.
    """
    automatic = [row for row in batch.get(ROWS) if row.direction == Direction.AUTO]
    if automatic:
        _take_back(batch, [one for row in automatic for one in _reported(row)])
        _cut_loops(batch, {row.thread_id for row in automatic if row.thread_id})
    return batch


def _reported(row: ActivityRow) -> Iterable[_Returned]:
    """The nearest message of ours that a report names: the one it returns, or the one whose answer address it used."""
    said = automatic_of(row.payload)
    if said is None or said.kind != MailKind.BOUNCE:
        return
    ours = next((UUID(found[1]) for name in row.in_reply_to if (found := _OURS.fullmatch(name))), None)
    if ours is not None:
        yield from (
            _Returned(ours, row.occurred_at, told) for told in said.told if told.outcome == Outcome.FAILED
        )


def _take_back(batch: Batch, reports: Sequence[_Returned]) -> None:
    by_message: dict[UUID, list[_Returned]] = {}
    for report in reports:
        by_message.setdefault(report.message_id, []).append(report)
    threads = dict(_sent_to(by_message))
    found = dict(
        ConversationThread.objects.filter(thread_id__in=[id for id in threads.values() if id]).values_list(
            "thread_id", "conversation_id"
        )
    )
    hold(sorted(found.values(), key=str))
    dead: dict[UUID, tuple[str, datetime]] = {}
    again: set[UUID] = set()
    for message_id, thread_id in sorted(threads.items(), key=lambda one: str(one[0])):
        message = _mark(message_id, by_message[message_id], batch.at, dead)
        if message is not None and thread_id in found:
            again.add(found[thread_id])
    note_unreachable(batch, [(identity, reason, at) for identity, (reason, at) in dead.items()])
    _wait_again(sorted(again, key=str), batch.at)


def _sent_to(by_message: dict[UUID, list[_Returned]]) -> Iterable[tuple[UUID, UUID | None]]:
    """The messages, with their threads, that are reported not to have reached the address they were sent to.

    What became of a mail that somebody passed on to another address says nothing of ours. The reports on other
    addresses are taken out of `by_message`.
    """
    sent = OutboundMessage.objects.filter(pk__in=by_message, network="email")
    for id, thread_id, address in sent.values_list("id", "thread_id", "address"):
        by_message[id] = [one for one in by_message[id] if one.told.address in {"", address.lower()}]
        if by_message[id]:
            yield id, thread_id


def _mark(
    message_id: UUID, reports: list[_Returned], at: datetime, dead: dict[UUID, tuple[str, datetime]]
) -> OutboundMessage | None:
    """Say of a message that it came back; note in `dead` an address to which it was sent and that is none."""
    told = reports[0].told
    why = str(REASONS.get(told.reason, REASONS[Reason.OTHER]))
    message = outbox.returned(message_id, at=at, why=why)
    if message is not None:
        for report in reports:
            if report.told.is_address_dead and report.told.address == message.address:
                dead[identity_id(Handle("email", message.address))] = (report.told.reason, report.at)
    return message


def wait_for_another(message_id: UUID, at: datetime) -> None:
    """A message of ours did not leave: whom it was for waits again."""
    with transaction.atomic():
        failed = OutboundMessage.objects.filter(pk=message_id, state=OutboundState.FAILED)
        threads = failed.values("thread_id")
        found = ConversationThread.objects.filter(thread_id__in=threads).values_list(
            "conversation_id", flat=True
        )
        _wait_again(list(found), at)


def _wait_again(conversation_ids: Sequence[UUID], at: datetime) -> None:
    """The customer has not got our answer: the conversation is open, and waits since they wrote."""
    refresh(conversation_ids)
    for conversation in Conversation.objects.filter(pk__in=conversation_ids).order_by("pk"):
        if conversation.state != ConversationState.OPEN:
            move(conversation, ConversationState.OPEN, actor=SYSTEM, at=at)
        announce("conversation", conversation.id, source_id=conversation.source_id)


def _cut_loops(batch: Batch, threads: set[UUID]) -> None:
    """Say in the thread, once in an hour, that nothing of ours answers automatically there for now."""
    since = batch.at - WITHIN
    rows = Activity.objects.filter(thread_id__in=threads, direction=Direction.AUTO, occurred_at__gte=since)
    instants: dict[UUID, list[datetime]] = {}
    for thread, at in rows.values_list("thread_id", "occurred_at"):
        if thread is not None:
            instants.setdefault(thread, []).append(at)
    loud = [thread for thread, times in instants.items() if len(times) > MOST and is_loop(times)]
    found = ConversationThread.objects.filter(thread_id__in=loud).order_by("conversation_id")
    for conversation in found.values_list("conversation_id", flat=True).distinct():
        if not Transition.objects.filter(subject=LOOP, subject_id=conversation, at__gte=since).exists():
            Transition.objects.create(
                subject=LOOP, subject_id=conversation, before="", after="cut", at=batch.at
            )


def is_cut(conversation_id: UUID, *, at: datetime) -> bool:
    """Whether programs answered each other here within the last hour: whatever answers by itself has to be silent."""
    return Transition.objects.filter(subject=LOOP, subject_id=conversation_id, at__gt=at - WITHIN).exists()
