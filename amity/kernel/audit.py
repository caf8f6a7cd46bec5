"""The audit trail: who did what, when, with old and new value. Append-only and sealed into a chain of hashes.

Changes of watched rows enter by themselves (`amity.kernel.audited`); `record` is for what is no change of a row: a
login, an export, the reading of a sensitive field, a secret that was shown, a permission that was decided.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from amity.kernel.acting import now_acting
from amity.kernel.actor import Actor

_INSERT = """
    INSERT INTO kernel_audit_entry (at, actor_id, actor_name, role, via, address, token_id, on_behalf_of,
                                    action, subject, subject_id, before, after, why)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
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
    now = now_acting()
    came = (
        ("", "", "", None)
        if now is None
        else (now.via, now.address, str(now.token_id or ""), now.on_behalf_of)
    )
    who = (actor.staff_id, actor.name, actor.role.value if actor.role else "")
    what = (action, subject, str(subject_id or ""), _json(before), _json(after), why)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [at, *who, *came, *what])


def _json(values: dict[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False)
