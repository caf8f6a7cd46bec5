"""The verbs of the stream for what colleagues do; what comes from outside goes through `stages`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from amity.activity.models import Activity, ActivityKey, ThreadRef
from amity.activity.partitions import ensure_months
from amity.activity.rows import ActivityRow
from amity.activity.stages import count_days, write_rows
from amity.channels.records import Direction
from amity.kernel.actor import Actor
from amity.kernel.ids import uuid7


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a colleague did, for whom, in which thread; the words are those of `Activity`.

    `external_id` is what a message is called outside; one that answers it later finds the thread by that.
    """

    source_id: UUID
    thread_id: UUID | None
    about_id: UUID | None
    direction: Direction
    channel: str
    verb: str
    object_type: str
    text: str = ""
    subject: str = ""
    in_reply_to: str = ""
    is_public: bool = False
    object_id: UUID | None = None
    payload: dict[str, Any] | None = None
    external_id: str = ""


def record_deed(deed: Deed, *, actor: Actor, at: datetime) -> ActivityRow:
    """Write what a colleague did onto the stream, in the caller's transaction."""
    row = ActivityRow(
        id=uuid7(at),
        occurred_at=at,
        external_id=deed.external_id or f"<{uuid4()}@amity>",
        direction=deed.direction,
        channel=deed.channel,
        verb=deed.verb,
        object_type=deed.object_type,
        staff_id=actor.staff_id,
        about_id=deed.about_id,
        thread_id=deed.thread_id,
        object_id=deed.object_id,
        subject=deed.subject,
        text=deed.text,
        in_reply_to=(deed.in_reply_to,) if deed.in_reply_to else (),
        is_public=deed.is_public,
        payload=deed.payload,
    )
    ActivityKey.objects.create(
        source_id=deed.source_id, external_id=row.external_id, activity_id=row.id, occurred_at=row.occurred_at
    )
    if deed.thread_id is not None:
        ThreadRef.objects.create(source_id=deed.source_id, ref=row.external_id, thread_id=deed.thread_id)
    ensure_months([at], at)
    write_rows([row], source_id=deed.source_id, run_id=None, recorded_at=at)
    return row


def rewrite(deed: Activity, *, text: str, payload: dict[str, Any] | None) -> None:
    """Have other words stand where a colleague's own stood, in the caller's transaction, which locked the row.

    The only words of the stream that change: a note is nobody's but its author's. What stood there is in `payload`.
    """
    deed.text, deed.payload = text, payload
    Activity.objects.filter(occurred_at=deed.occurred_at, id=deed.id).update(text=text, payload=payload)


def expect_answers(source_id: UUID, deed: ActivityRow, thread_id: UUID) -> None:
    """Answers to a message that leaves through another source belong into its thread; a copy of it is the same."""
    ThreadRef.objects.get_or_create(
        source_id=source_id, ref=deed.external_id, defaults={"thread_id": thread_id}
    )
    ActivityKey.objects.get_or_create(
        source_id=source_id,
        external_id=deed.external_id,
        defaults={"activity_id": deed.id, "occurred_at": deed.occurred_at},
    )


@transaction.atomic
def take_back(activity_id: UUID, occurred_at: datetime) -> None:
    """Remove a message that never left: it was withdrawn in the seconds before it was sent."""
    found = Activity.objects.get(occurred_at=occurred_at, id=activity_id)
    row = ActivityRow(
        id=found.id, occurred_at=found.occurred_at, external_id=found.external_id, direction=found.direction,
        channel=found.channel, verb=found.verb, object_type=found.object_type, sentiment=found.sentiment,
    )  # fmt: skip
    count_days([row], found.source_id, by=-1)
    ActivityKey.objects.filter(external_id=found.external_id, activity_id=found.id).delete()
    if found.thread_id is not None:  # also where answers were expected through another source
        ThreadRef.objects.filter(ref=found.external_id, thread_id=found.thread_id).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM activity_activity WHERE occurred_at = %s AND id = %s", [found.occurred_at, found.id]
        )
