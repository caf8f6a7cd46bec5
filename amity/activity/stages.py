"""The stream's part of the corridor: records become activities, once, each in its thread."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from amity.activity import files
from amity.activity.domain.threads import join
from amity.activity.partitions import ensure_months
from amity.activity.rows import AGAIN, MERGES, ROWS, ActivityRow, ThreadMerge
from amity.activity.shaping import rows_of
from amity.activity.strangers import without_strangers
from amity.channels.records import Direction, MessageRecord, PersonRecord
from amity.channels.stages import ITEMS
from amity.kernel.copying import copy_insert
from amity.kernel.ids import uuid7_of
from amity.kernel.models import Staff
from amity.kernel.pipeline import Batch

_COLUMNS = (
    "id occurred_at recorded_at source_id item_id run_id external_id actor_id staff_id about_id thread_id object_id "
    "direction channel verb object_type subject text full_text html in_reply_to is_public amount currency language "
    "sentiment confidence payload"
).split()


def shape(batch: Batch) -> Batch:
    """Records become activity rows with ids that follow from source, external id and time."""
    rows: dict[str, ActivityRow] = {}
    again: list[tuple[str, UUID]] = []
    batch.put(AGAIN, again)
    if all(isinstance(record, PersonRecord) for item in batch.get(ITEMS) for record in item.records):
        batch.put(ROWS, [])  # an entry of an address book is no deed
        return batch
    staff = {email.lower(): id for email, id in Staff.objects.values_list("email", "id")}
    for item in batch.get(ITEMS):
        for record in item.records:
            row = rows_of(record, batch.source_id, item.id, staff)
            if row is None:
                continue
            first = rows.setdefault(row.external_id, row)
            if _is_another(row, first.occurred_at, first.text):
                _rename(row)
                first = rows.setdefault(row.external_id, row)
            if first is not row:
                again.append((row.external_id, item.id))
    batch.put(ROWS, list(rows.values()))
    return batch


def make_room(batch: Batch) -> Batch:
    """Make the months that the rows need, before this transaction touches the table: making one locks it."""
    ensure_months((row.occurred_at for row in batch.get(ROWS)), batch.at)
    return batch


def claim_keys(batch: Batch) -> Batch:
    """Keep the rows whose external id this source has not used before.

    Some programs put the same id on every mail: what somebody else says, or says later, is not lost for that.
    """
    rows = batch.get(ROWS)
    fresh = _claim(batch, rows)
    others = _renamed([row for row in rows if row.external_id not in fresh], batch)
    fresh |= _claim(batch, others)
    _note_retold(batch, rows, fresh)
    batch.put(ROWS, [row for row in rows if row.external_id in fresh])
    return batch


def _claim(batch: Batch, rows: list[ActivityRow]) -> set[str]:
    claimed = copy_insert(
        "activity_activitykey",
        ["source_id", "external_id", "activity_id", "occurred_at"],
        ((batch.source_id, row.external_id, row.id, row.occurred_at) for row in rows),
        returning=["external_id"],
    )
    return {external_id for (external_id,) in claimed}


def _note_retold(batch: Batch, rows: list[ActivityRow], fresh: set[str]) -> None:
    """Keep which items of this import tell what another import told: they count when that one is taken back."""
    if batch.run_id is None:
        return  # no other source can tell the same, and what came live is never taken back
    told = [(row.external_id, row.item_id) for row in rows if row.item_id] + batch.get(AGAIN)
    late = [(external_id, item_id) for external_id, item_id in told if external_id not in fresh]
    if not late:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.external_id FROM activity_activitykey k JOIN activity_activity a "
            "ON a.occurred_at = k.occurred_at AND a.id = k.activity_id "
            "WHERE k.source_id = %s AND k.external_id = ANY(%s) AND a.run_id IS DISTINCT FROM %s",
            [batch.source_id, list({external_id for external_id, _ in late}), batch.run_id],
        )
        others = {external_id for (external_id,) in cursor.fetchall()}
    copy_insert(
        "activity_retold",
        ["source_id", "external_id", "item_id"],
        ((batch.source_id, external_id, item_id) for external_id, item_id in late if external_id in others),
    )


def _renamed(known: list[ActivityRow], batch: Batch) -> list[ActivityRow]:
    """Those that only share the id of an earlier message, each with an id of its own."""
    odd = [row for row in known if isinstance(row.record, MessageRecord) and row.record.ids_repeat]
    if not odd:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.external_id, a.occurred_at, a.text FROM activity_activitykey k "
            "JOIN activity_activity a ON a.occurred_at = k.occurred_at AND a.id = k.activity_id "
            "WHERE k.source_id = %s AND k.external_id = ANY(%s)",
            [batch.source_id, [row.external_id for row in odd]],
        )
        first = {external_id: (at, text) for external_id, at, text in cursor.fetchall()}
    others = [row for row in odd if row.external_id in first and _is_another(row, *first[row.external_id])]
    for row in others:
        _rename(row)
    return others


def _is_another(row: ActivityRow, at: datetime, text: str) -> bool:
    """Whether a message under a used id is another one: written at another time, in other words, to us."""
    repeats = isinstance(row.record, MessageRecord) and row.record.ids_repeat
    return repeats and row.direction == Direction.IN and row.occurred_at != at and row.text != text


def _rename(row: ActivityRow) -> None:
    """The same name each time that the same mail comes, also from another folder."""
    row.external_id = f"<{row.occurred_at.astimezone(UTC):%Y%m%dT%H%M%S}.{row.external_id.lstrip('<')}"


def join_threads(batch: Batch) -> Batch:
    """Give every message its thread; threads that turn out to be one are noted, the older one stays."""
    messages = {row.external_id: row for row in batch.get(ROWS) if row.is_message}
    if not messages:
        batch.put(MERGES, [])
        return batch
    named = {name for row in messages.values() for name in row.in_reply_to}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ref, thread_id FROM activity_threadref WHERE source_id = %s AND ref = ANY(%s)",
            [batch.source_id, list(named | messages.keys())],
        )
        known: dict[str, UUID] = dict(cursor.fetchall())
        cursor.execute(
            "SELECT ref, thread_id FROM activity_threadwanted WHERE source_id = %s AND ref = ANY(%s)",
            [batch.source_id, list(messages)],
        )
        wanted: list[tuple[str, UUID]] = cursor.fetchall()
    answer = join(
        list(without_strangers(messages, known).items()),
        known,
        wanted,
        lambda ref: uuid7_of(messages[ref].occurred_at, "thread", str(batch.source_id), ref),
    )
    for ref, row in messages.items():
        row.thread_id = answer.thread_of[ref]
    _write_refs(batch, list(messages), answer.thread_of, answer.wanted)
    batch.put(MERGES, [ThreadMerge(winner, loser) for winner, loser in answer.merged])
    return batch


def _write_refs(
    batch: Batch, refs: list[str], thread_of: dict[str, UUID], wanted: list[tuple[str, UUID]]
) -> None:
    columns = ["source_id", "ref", "thread_id"]
    copy_insert("activity_threadref", columns, ((batch.source_id, ref, thread_of[ref]) for ref in refs))
    copy_insert("activity_threadwanted", columns, ((batch.source_id, ref, thread) for ref, thread in wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM activity_threadwanted WHERE source_id = %s AND ref = ANY(%s)",
            [batch.source_id, refs],
        )


def _merge(merge: ThreadMerge) -> None:
    with connection.cursor() as cursor:
        for table in ("activity_threadref", "activity_activity"):
            cursor.execute(
                f"UPDATE {table} SET thread_id = %s WHERE thread_id = %s", [merge.winner, merge.loser]
            )
        cursor.execute(
            "INSERT INTO activity_threadwanted (source_id, ref, thread_id) "
            "SELECT source_id, ref, %s FROM activity_threadwanted WHERE thread_id = %s ON CONFLICT DO NOTHING",
            [merge.winner, merge.loser],
        )
        cursor.execute("DELETE FROM activity_threadwanted WHERE thread_id = %s", [merge.loser])


def record(batch: Batch) -> Batch:
    """Join threads that are one, write the activities, their attachments, and the counts that charts read."""
    rows = batch.get(ROWS)
    for merge in batch.get(MERGES):
        _merge(merge)
    write_rows(rows, source_id=batch.source_id, run_id=batch.run_id, recorded_at=batch.at)
    return batch


def write_rows(rows: list[ActivityRow], *, source_id: UUID, run_id: UUID | None, recorded_at: object) -> None:
    """COPY `rows` into the stream and count them by day. Their keys were claimed in the same transaction."""
    if not rows:
        return
    copy_insert(
        "activity_activity",
        _COLUMNS,
        (
            (row.id, row.occurred_at, recorded_at, source_id, row.item_id, run_id, row.external_id, row.actor_id,
             row.staff_id, row.about_id, row.thread_id, row.object_id, row.direction, row.channel, row.verb,
             row.object_type, row.subject, row.text, row.full_text, row.html,
             row.in_reply_to[0] if row.in_reply_to else "", row.is_public, row.amount, row.currency, row.language,
             row.sentiment, row.confidence, None if row.payload is None else Jsonb(row.payload))
            for row in rows
        ),
    )  # fmt: skip
    files.keep([row for row in rows if row.attachments], source_id)
    count_days(rows, source_id)


def count_days(rows: list[ActivityRow], source_id: UUID, *, by: int = 1) -> None:
    """Add the rows to the daily counts (`by` −1 takes them out)."""
    counts = Counter(
        (row.occurred_at.astimezone(UTC).date(), row.channel, row.direction, mood_of(row.sentiment))
        for row in rows
        if row.is_message
    )
    copy_insert(
        "activity_dailycount",
        ["day", "source_id", "channel", "direction", "mood", "count"],
        (
            (day, source_id, channel, direction, mood, n * by)
            for (day, channel, direction, mood), n in counts.items()
        ),
        on_conflict="(day, source_id, channel, direction, mood) DO UPDATE "
        "SET count = activity_dailycount.count + excluded.count",
        order_by="day, source_id, channel, direction, mood",
    )


NEGATIVE_BELOW, POSITIVE_ABOVE = -0.25, 0.25


def mood_of(sentiment: float | None) -> str:
    """`negative`, `neutral`, `positive`, or empty where nobody judged."""
    if sentiment is None:
        return ""
    return (
        "negative" if sentiment < NEGATIVE_BELOW else "positive" if sentiment > POSITIVE_ABOVE else "neutral"
    )
