"""Background work of teamwork."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from amity.kernel.timers import wakes
from amity.teamwork.services import DUE, break_if_open


@wakes(DUE)
def promise_is_due(promise_id: UUID, payload: dict[str, Any], at: datetime) -> None:
    break_if_open(promise_id, at=at)
