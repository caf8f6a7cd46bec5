"""What happened is noted for whoever wants to hear of it, in the transaction in which it happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from amity.kernel.copying import copy_insert
from amity.kernel.ids import stable_id, uuid7_of
from amity.webhooks.kinds import Happening
from amity.webhooks.models import DeliveryState

Wanted = Mapping[str, Sequence[UUID]]


def wanted() -> Wanted:
    """Which endpoints that are on want which types. One small query; empty when nobody listens."""
    found: dict[str, list[UUID]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unnest(types), id FROM webhooks_endpoint WHERE state = 'on' ORDER BY created_at, id"
        )
        for kind, endpoint_id in cursor.fetchall():
            found[kind].append(endpoint_id)
    return found


@transaction.atomic
def tell(
    happenings: Collection[Happening], *, at: datetime, to: Wanted | None = None, again: str = ""
) -> int:
    """Note these for the endpoints that want them; returns how many deliveries that makes.

    Telling the same happening twice is telling it once: its id follows from type, subject and time (and `again`).
    """
    listeners = wanted() if to is None else to
    heard = {_id_of(happening, again): happening for happening in happenings if listeners.get(happening.type)}
    if not heard:
        return 0
    written = copy_insert(
        "webhooks_event",
        ["id", "type", "subject_id", "happened_at", "data", "told_at"],
        (
            (id, happening.type, happening.subject_id, happening.at, Jsonb(happening.data), at)
            for id, happening in heard.items()
        ),
        returning=["id"],
        order_by="id",
    )
    pairs = [(id, endpoint) for (id,) in written for endpoint in listeners[heard[id].type]]
    copy_insert(
        "webhooks_delivery",
        ["id", "endpoint_id", "event_id", "state", "attempts", "created_at", "next_at"],
        (
            (
                stable_id("delivery", str(event), str(endpoint)),
                endpoint,
                event,
                DeliveryState.WAITING,
                0,
                at,
                at,
            )
            for event, endpoint in pairs
        ),
    )
    return len(pairs)


def _id_of(happening: Happening, again: str) -> UUID:
    return uuid7_of(happening.at, happening.type, str(happening.subject_id), again)
