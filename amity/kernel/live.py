"""Live updates: a NOTIFY inside the transaction of the change, so that nothing is announced that was rolled back.

The payload holds ids only; whoever shows something asks for it again under their own access policy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

CHANNEL = "amity_live"
MOST_BYTES = 7_900  # PostgreSQL refuses a payload of 8,000 bytes


@dataclass(frozen=True, slots=True)
class Announcement:
    """`topic` is what changed (`inbox`, `conversation`, `import`, `person`); `id` which one, empty for many.

    `source_id` lets the stream leave out what a listener may not see.
    """

    topic: str
    id: str = ""
    source_id: str = ""

    def encode(self) -> str:
        return json.dumps({"topic": self.topic, "id": self.id, "source": self.source_id})

    @classmethod
    def decode(cls, payload: str) -> Announcement:
        fields = json.loads(payload)
        return cls(topic=fields["topic"], id=fields["id"], source_id=fields["source"])


def announce(topic: str, id: UUID | str = "", *, source_id: UUID | str = "") -> None:
    """Tell everybody who looks that `topic` changed, when and only if the current transaction commits."""
    payload = Announcement(topic, str(id), str(source_id)).encode()
    if len(payload) > MOST_BYTES:
        raise ValueError("an announcement carries ids only")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
