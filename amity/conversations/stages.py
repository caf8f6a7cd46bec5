"""The inbox's part of the corridor: threads become conversations, and wait for us if the customer spoke last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from amity.activity.rows import MERGES, ROWS, ThreadMerge
from amity.commerce.stages import BUYERS
from amity.conversations import refreshing
from amity.conversations.refreshing import refresh
from amity.conversations.services import WAKE
from amity.kernel.copying import copy_insert
from amity.kernel.ids import stable_id
from amity.kernel.live import announce
from amity.kernel.pipeline import Batch, Key
from amity.kernel.timers import clear_timer
from amity.people.stages import JOINED

NEW_CONVERSATIONS: Key[set[UUID]] = Key("conversations.new")
OF_BUYERS: Key[set[UUID]] = Key("conversations.of_buyers")
"""All conversations with those of whom this batch says that they bought something, or that they are who did."""
OPEN_AFTER: Key[datetime | None] = Key("conversations.open_after")


def hold(batch: Batch) -> Batch:
    """Lock the conversations that this batch adds to or joins, and those of whom it says that they bought something,
    or that they are who did, before anything is written into their threads."""
    buyers = {*batch.get(BUYERS), *batch.get(JOINED)}
    customers = refreshing.conversations_of_customers(buyers) if buyers else set()
    batch.put(OF_BUYERS, customers)
    threads = {row.thread_id for row in batch.get(ROWS) if row.thread_id}
    threads |= {thread for merge in batch.get(MERGES) for thread in (merge.winner, merge.loser)}
    held = customers | _known(threads)
    if held:
        refreshing.hold(sorted(held, key=str))
    return batch


def _known(threads: set[UUID]) -> set[UUID]:
    if not threads:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conversation_id FROM conversations_conversationthread WHERE thread_id = ANY(%s)",
            [list(threads)],
        )
        return {id for (id,) in cursor.fetchall()}


def file_in(batch: Batch) -> Batch:
    """Find or make the conversation of every thread in the batch and bring it up to date; then the clocks of those
    who wait and bought something."""
    spoken = [row for row in batch.get(ROWS) if row.thread_id]
    threads = {row.thread_id for row in spoken if row.thread_id}
    for merge in batch.get(MERGES):
        _merge(merge)
    made: set[UUID] = set()
    conversations = conversations_of(
        sorted(threads, key=str), source_id=batch.source_id, at=batch.at, made=made
    )
    batch.put(NEW_CONVERSATIONS, made)
    since = None if batch.get(MERGES) else min((row.occurred_at for row in spoken), default=None)
    refresh(conversations, open_after=batch.get(OPEN_AFTER), since=since)
    of_buyers = batch.get(OF_BUYERS)
    refreshing.reset_clocks(of_buyers)
    if conversations:
        announce("inbox", source_id=batch.source_id)
    return batch


def _merge(merge: ThreadMerge) -> None:
    """Two threads are one now: the older conversation takes what belongs to the younger one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT thread_id, conversation_id FROM conversations_conversationthread WHERE thread_id = ANY(%s)",
            [[merge.winner, merge.loser]],
        )
        found: dict[UUID, UUID] = dict(cursor.fetchall())
        loser = found.get(merge.loser)
        if loser is None:
            return
        winner = found.get(merge.winner)
        cursor.execute("DELETE FROM conversations_conversationthread WHERE thread_id = %s", [merge.loser])
        for table in ("teamwork_promise", "channels_outboundmessage"):
            cursor.execute(
                f"UPDATE {table} SET thread_id = %s WHERE thread_id = %s", [merge.winner, merge.loser]
            )
        if winner is None:
            cursor.execute(
                "INSERT INTO conversations_conversationthread (thread_id, conversation_id) VALUES (%s, %s)",
                [merge.winner, loser],
            )
            return
        if winner == loser:
            return
        cursor.execute(
            "UPDATE conversations_conversationthread SET conversation_id = %s WHERE conversation_id = %s",
            [winner, loser],
        )
        cursor.execute("DELETE FROM conversations_readmark WHERE conversation_id = %s", [loser])
        cursor.execute(
            "UPDATE activity_upload SET conversation_id = %s WHERE conversation_id = %s", [winner, loser]
        )
        # A reply that is taken back leaves a joined conversation open: somebody waits in it.
        cursor.execute(
            "UPDATE conversations_beforereply SET conversation_id = %s, state_before = 'open', closed_at = NULL, "
            "snoozed_until = NULL WHERE conversation_id IN (%s, %s)",
            [winner, winner, loser],
        )
        cursor.execute(
            "UPDATE conversations_conversation w SET assignee_id = COALESCE(w.assignee_id, l.assignee_id), "
            "worked_at = GREATEST(w.worked_at, l.worked_at), "
            "state = CASE WHEN l.state = 'open' OR (l.state = 'snoozed' AND w.state = 'closed') THEN 'open' "
            "ELSE w.state END "
            "FROM conversations_conversation l WHERE w.id = %s AND l.id = %s",
            [winner, loser],
        )
        cursor.execute(
            "UPDATE kernel_transition SET subject_id = %s WHERE subject IN ('conversation', 'assignment') "
            "AND subject_id = %s",
            [winner, loser],
        )
        clear_timer(WAKE, loser)
        cursor.execute("DELETE FROM conversations_conversation WHERE id = %s", [loser])


def conversations_of(
    threads: Sequence[UUID], *, source_id: UUID, at: datetime, made: set[UUID] | None = None
) -> list[UUID]:
    """The conversations of threads of one source; made, and yet to be brought up to date, where there is none.

    `made` is told of those.
    """
    if not threads:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT thread_id, conversation_id FROM conversations_conversationthread WHERE thread_id = ANY(%s)",
            [list(threads)],
        )
        known: dict[UUID, UUID] = dict(cursor.fetchall())
    new = {thread: stable_id("conversation", str(thread)) for thread in threads if thread not in known}
    if new:
        if made is not None:
            made.update(new.values())
        copy_insert(
            "conversations_conversation",
            ["id", "source_id", "subject", "preview", "channel", "channels_count", "state", "opened_at",
             "last_activity_at", "messages", "language"],
            ((id, source_id, "", "", "", 1, "new", at, at, 0, "") for id in new.values()),
        )  # fmt: skip
        copy_insert(
            "conversations_conversationthread",
            ["thread_id", "conversation_id"],
            new.items(),
        )
    return sorted({*known.values(), *new.values()}, key=str)
