"""What happens to accounts, for the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from amity.kernel.actor import Actor
from amity.kernel.audit import record
from amity.kernel.audited import Audited, watch

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
    record(
        action,
        actor=actor,
        at=at,
        subject="staff" if subject_id else "",
        subject_id=subject_id,
        before=before,
        after=after,
        why=why,
    )


def watch_accounts() -> None:
    """Have the trail watch the tables of django-allauth."""
    watch("account.emailaddress", Audited(subject="staff", subject_id="user_id"))
    watch(
        "mfa.authenticator",
        Audited(subject="staff", subject_id="user_id", secret=("data",), quiet=("last_used_at",)),
    )
    watch(
        "socialaccount.socialaccount",
        Audited(subject="staff", subject_id="user_id", secret=("extra_data",), quiet=("last_login",)),
    )
