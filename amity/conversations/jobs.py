"""Background work of conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from amity.channels.events import MessageFailed
from amity.conversations import returning, services
from amity.kernel.actor import SYSTEM
from amity.kernel.bus import handles
from amity.kernel.timers import wakes


@wakes(services.WAKE)
def conversation_wakes(conversation_id: UUID, payload: dict[str, Any], at: datetime) -> None:
    services.wake(conversation_id, actor=SYSTEM, at=at)


@handles(MessageFailed)
def answer_failed(happened: MessageFailed) -> None:
    returning.wait_for_another(happened.message_id, happened.at)
