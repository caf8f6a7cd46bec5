"""Messages that programs bring from places that only they know of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from amity.activity.models import ActivityKey
from amity.activity.rows import ROWS
from amity.channels.adapters import RawItem
from amity.channels.adapters.api.adapter import MESSAGE, raw_item
from amity.channels.inlet import key_of_program, require_readable, source_for_writing, take_in_together
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.pipeline import Batch


@dataclass(frozen=True, slots=True)
class Brought:
    """Which activity it is, and whether it was not there before."""

    activity_id: UUID
    is_new: bool


def record_message(said: Mapping[str, Any], *, actor: Actor, at: datetime, program: str) -> Brought:
    """Take in what a customer said, one raw item of the source of `program`. Raises `Invalid` without an author."""
    policy.require(actor, "write", "activity")
    if not str(said["text"]).strip():
        raise Invalid(_("Write something first."), fields={"text": _("Write something first.")})
    key = key_of_program(program)
    raw = raw_item(1, MESSAGE, said)
    require_readable(raw, key)

    def look(batch: Batch, raws: Sequence[RawItem]) -> list[Brought]:
        fresh = {row.external_id for row in batch.get(ROWS)}
        names = [str(json.loads(one.raw)["external_id"]) for one in raws]
        keys = ActivityKey.objects.filter(source_id=batch.source_id, external_id__in=names)
        ids = dict(keys.values_list("external_id", "activity_id"))
        return [Brought(ids[name], name in fresh) for name in names]

    return take_in_together(
        ("message", key, actor),
        lambda: source_for_writing(program, actor=actor, at=at),
        raw, at=at, look=look,
    )  # fmt: skip
