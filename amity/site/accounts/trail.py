"""What happens to accounts, for the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from amity.kernel.actor import Actor

log = structlog.get_logger(__name__)


def note(
    action: str,
    *,
    actor: Actor,
    at: datetime,
    subject_id: UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    """Put down one thing that happened to an account. Call it inside the transaction of the change.

    Never hand it a secret, an address or a name: ids, roles and kinds are enough.
    """
    log.info(
        "account", action=action, at=at.isoformat(), staff_id=str(actor.staff_id), subject_id=str(subject_id)
    )
    del before, after, why
