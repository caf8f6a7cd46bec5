"""Settings of the workspace: declared here with type and default, changed on the Settings screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.models import WorkspaceSetting


@dataclass(frozen=True, slots=True)
class Workspace:
    """What the company calls itself and what it expects of itself."""

    name: str = "Amity"
    icon: str = ""  # of the sprite, beside the name; its first letter where empty
    currency: str = "EUR"
    phone_region: str = ""  # country of phone numbers that do not say theirs; none where empty
    reply_target_minutes: int = 240
    public_reply_target_minutes: int = 90  # many read a public post while it waits
    vip_reply_target_minutes: int = 60
    silver_from: int = 1_000
    gold_from: int = 3_000
    propose_duplicates_from: int = (
        50  # percent: how likely two records are one person before people are asked
    )
    link_duplicates: bool = False  # whether those that are sure are merged by rule

    @property
    def reply_target(self) -> timedelta:
        return timedelta(minutes=self.reply_target_minutes)

    @property
    def public_reply_target(self) -> timedelta:
        return timedelta(minutes=self.public_reply_target_minutes)

    @property
    def vip_reply_target(self) -> timedelta:
        return timedelta(minutes=self.vip_reply_target_minutes)


_FIELDS = Workspace.__dataclass_fields__


def workspace() -> Workspace:
    """The settings in force. One small query; callers that loop keep the result."""
    changed = dict(WorkspaceSetting.objects.filter(key__in=_FIELDS).values_list("key", "value"))
    return Workspace(**changed)


def change_workspace(
    changes: dict[str, Any],
    *,
    actor: Actor,
    at: datetime,
    unchanged: Callable[[Workspace], None] | None = None,
) -> Workspace:
    """Set some of the fields of `Workspace`. Unknown names and wrong kinds are refused with `Invalid`.

    `unchanged` may refuse: it sees the settings in the turn of this change, when nobody else writes them.
    """
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        take_turn()
        if unchanged is not None:
            unchanged(workspace())
        for key, value in changes.items():
            default = _FIELDS[key].default if key in _FIELDS else None
            if default is None or type(value) is not type(default):
                raise Invalid(f"{key} cannot be set to this", fields={key: "wrong kind"})
            WorkspaceSetting.objects.update_or_create(
                key=key, defaults={"value": value, "changed_by_id": actor.staff_id, "changed_at": at}
            )
        return workspace()


_TURN = 4171002


def take_turn() -> None:
    """Wait until nobody else writes settings, to the end of this transaction.

    A setting that has its default has no row that could be locked, so the turn is one for all of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
