"""The last stage of the corridor: what a live source brought is told to the outside, if anybody wants to hear it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from amity.activity.rows import ROWS
from amity.channels.records import Direction
from amity.commerce.stages import NEW_ORDERS
from amity.conversations.models import Conversation, ConversationState, ConversationThread
from amity.conversations.stages import NEW_CONVERSATIONS
from amity.kernel.pipeline import Batch
from amity.people.stages import CHANGED, FOUNDED
from amity.webhooks.kinds import Happening
from amity.webhooks.services import tell as note
from amity.webhooks.services import wanted
from amity.webhooks.services.telling import Wanted


def tell(batch: Batch) -> Batch:
    """Note the events of this batch in its own transaction.

    An import of a file brings history, not news: of it only `import.finished` is told.
    """
    if batch.run_id is None:
        listeners = wanted()
        if listeners:
            note(list(_happened(batch, listeners)), at=batch.at, to=listeners)
    return batch


def _happened(batch: Batch, to: Wanted) -> Iterator[Happening]:
    if "message.received" in to:
        yield from _messages(batch)
    if "conversation.opened" in to:
        yield from _conversations(batch)
    for kind, ids, path in (
        ("person.created", batch.get(FOUNDED), "people"),
        ("person.updated", batch.get(CHANGED), "people"),
        ("order.received", batch.get(NEW_ORDERS), "orders"),
    ):
        if kind in to:
            for id in sorted(ids, key=str):
                yield Happening(kind, id, batch.at, _link(id, path))


def _messages(batch: Batch) -> Iterator[Happening]:
    rows = [row for row in batch.get(ROWS) if row.is_message and row.direction == Direction.IN]
    threads = ConversationThread.objects.filter(
        thread_id__in={row.thread_id for row in rows if row.thread_id}
    )
    conversation_of: dict[UUID, UUID] = dict(threads.values_list("thread_id", "conversation_id"))
    for row in rows:
        conversation = conversation_of.get(row.thread_id) if row.thread_id else None
        data = {**_link(row.id, "activities"), "conversation_id": str(conversation) if conversation else None}
        yield Happening("message.received", row.id, row.occurred_at, data)


def _conversations(batch: Batch) -> Iterator[Happening]:
    opened = Conversation.objects.filter(pk__in=batch.get(NEW_CONVERSATIONS), state=ConversationState.OPEN)
    for id in opened.order_by("pk").values_list("pk", flat=True):
        yield Happening("conversation.opened", id, batch.at, _link(id, "conversations"))


def _link(id: UUID, path: str) -> dict[str, str]:
    return {"id": str(id), "link": f"/api/v1/{path}/{id}"}
