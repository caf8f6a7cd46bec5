"""The audit trail: who did what, when, with old and new value. Append-only and sealed into a chain of hashes.

Changes of watched rows enter by themselves (`amity.kernel.audited`); `record` is for what is no change of a row: a
login, an export, the reading of a sensitive field, a secret that was shown, a permission that was decided.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from amity.kernel import policy
from amity.kernel.acting import now_acting
from amity.kernel.actor import Actor
from amity.kernel.copying import copy_insert
from amity.kernel.storable import holdable, holdable_json

_COLUMNS = (
    "at", "actor_id", "actor_name", "role", "via", "address", "token_id", "on_behalf_of",
    "action", "subject", "subject_id", "before", "after", "why",
)  # fmt: skip
_INSERT = f"""
    INSERT INTO kernel_audit_entry ({", ".join(_COLUMNS)}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})
"""

_LOOKED_AT = """
    SELECT 1 FROM kernel_audit_entry
    WHERE subject_id = %s AND actor_id = %s AND action = 'sensitive.read' AND subject = %s AND at >= %s LIMIT 1
"""


def record(
    action: str,
    *,
    actor: Actor,
    at: datetime,
    subject: str = "",
    subject_id: UUID | str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str = "",
) -> None:
    """Write an entry, in the transaction of what it is about. `action` is dotted and in the past: `export.made`.

    How the actor came in (page, API, token, address) is taken from the `acting` around the call. Never pass a secret:
    what stands here can be read for as long as Amity is kept.
    """
    what = (action, subject, str(subject_id or ""), _json(before), _json(after), holdable(why))
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, *_who(actor), *what])


def record_many(
    action: str,
    about: Sequence[tuple[UUID, dict[str, Any]]],
    *,
    actor: Actor,
    at: datetime,
    subject: str,
) -> None:
    """`record` for several records of one kind, each with its id and what is so after it, in one statement."""
    who = _who(actor)
    copy_insert(
        "kernel_audit_entry",
        _COLUMNS,
        ((at, *who, action, subject, str(subject_id), None, _json(after), "") for subject_id, after in about),
    )


def _who(actor: Actor) -> tuple[Any, ...]:
    """Who acts, and how they came in."""
    now = now_acting()
    came = (
        ("", "", "", None)
        if now is None
        else (now.via, now.address, str(now.token_id or ""), now.on_behalf_of)
    )
    return (actor.staff_id, actor.name, actor.role.value if actor.role else "", *came)


def exported(
    subject: str, *, actor: Actor, at: datetime, kind: str = "csv", subject_id: UUID | str | None = None,
    **told: Any,
) -> None:  # fmt: skip
    """Write down that records left as a file: which kind, and what was `told` of it (filters, how many)."""
    after = {"format": kind, **told}
    record("export.made", actor=actor, at=at, subject=subject, subject_id=subject_id, after=after)


def looked_at(subject: str, subject_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Write down that somebody read what the policy calls sensitive of a record: once per actor, record and day (UTC).

    Costs one look along an index; nothing where the actor is not shown those fields, or is Amity itself.
    """
    fields = policy.sensitive_for(actor, subject)
    if actor.staff_id is None or not fields:
        return
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED_AT, [str(subject_id), actor.staff_id, subject, day])
        if cursor.fetchone() is not None:
            return
    record(
        "sensitive.read", actor=actor, at=at, subject=subject, subject_id=subject_id, after={"fields": fields}
    )


def _json(values: dict[str, Any] | None) -> str | None:
    if values is None:
        return None
    return json.dumps(holdable_json(values), cls=DjangoJSONEncoder, ensure_ascii=False)
