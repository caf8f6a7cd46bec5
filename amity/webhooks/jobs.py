"""What the house tells itself becomes what the outside is told; old logs are forgotten."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from amity.channels.events import ImportFinished
from amity.conversations.events import ConversationAnswered, ConversationAssigned, ConversationMoved
from amity.kernel.bus import handles
from amity.webhooks import services
from amity.webhooks.kinds import Happening

_MOVED = {"closed": "conversation.closed", "open": "conversation.reopened", "snoozed": "conversation.snoozed"}


@handles(ConversationAnswered)
def conversation_answered(event: ConversationAnswered) -> None:
    data = {
        **_conversation(event.conversation_id),
        "message_id": str(event.activity_id),
        "by": str(event.staff_id),
    }
    _tell(Happening("conversation.answered", event.conversation_id, event.at, data))


@handles(ConversationMoved)
def conversation_moved(event: ConversationMoved) -> None:
    if event.after in _MOVED:
        data = {**_conversation(event.conversation_id), "before": event.before, "after": event.after}
        _tell(Happening(_MOVED[event.after], event.conversation_id, event.at, data))


@handles(ConversationAssigned)
def conversation_assigned(event: ConversationAssigned) -> None:
    assignee = str(event.assignee_id) if event.assignee_id else None
    data = {**_conversation(event.conversation_id), "assignee_id": assignee}
    _tell(Happening("conversation.assigned", event.conversation_id, event.at, data))


@handles(ImportFinished)
def import_finished(event: ImportFinished) -> None:
    data = {"id": str(event.run_id), "link": f"/api/v1/imports/{event.run_id}"}
    _tell(Happening("import.finished", event.run_id, event.at, data))


def _conversation(conversation_id: object) -> dict[str, str]:
    return {"id": str(conversation_id), "link": f"/api/v1/conversations/{conversation_id}"}


def _tell(happening: Happening) -> None:
    services.tell([happening], at=timezone.now())


@app.periodic(cron="17 3 * * *")
@app.task(name="webhooks.forget_old", queue="rescue", queueing_lock="webhooks.forget_old")
def forget_old(timestamp: int) -> None:
    """Once a night."""
    services.forget_received(timezone.now())
    while services.forget_old(timezone.now()) >= 10_000:
        pass
