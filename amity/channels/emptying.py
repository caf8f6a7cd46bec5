"""Raw items and sent messages lose what they hold when it is old enough; what became of them is kept elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from amity.channels.models import OutboundState

# The first rows of a file, by which its columns were guessed.
SAMPLES = """
    UPDATE channels_importrun SET shape = jsonb_set(shape, '{sample}', '[]')
    WHERE id = ANY(%s) AND COALESCE(jsonb_array_length(shape -> 'sample'), 0) > 0
"""
# What is on its way, or may be sent again, keeps its words.
_OVER = [OutboundState.SENT.value, OutboundState.WITHDRAWN.value, OutboundState.RETURNED.value]
_SENT = """
    UPDATE channels_outboundmessage SET text = '', subject = '', files = '[]'
    WHERE activity_id = ANY(%s) AND state = ANY(%s) RETURNING id
"""


def remove_items(item_ids: Sequence[UUID]) -> int:
    """Remove these raw items, and the sample rows of the imports that brought them; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_item WHERE id = ANY(%s) RETURNING run_id", [list(item_ids)])
        rows = cursor.fetchall()
        cursor.execute(SAMPLES, [sorted({run for (run,) in rows if run}, key=str)])
    return len(rows)


def empty_sent(activity_ids: Sequence[UUID]) -> int:
    """Take the words off what left the house with these activities, and the copies that were handed over as files once
    this is committed; how many messages that were."""
    with connection.cursor() as cursor:
        cursor.execute(_SENT, [list(activity_ids), _OVER])
        sent = [str(id) for (id,) in cursor.fetchall()]
    if sent:
        transaction.on_commit(lambda: forget_sent(sent), robust=True)
    return len(sent)


def forget_sent(message_ids: Sequence[str]) -> int:
    """Remove the files that were handed over in the outbox folder for these messages; how many."""
    gone = 0
    for key in message_ids:
        for path in (Path(settings.HOME) / "outbox").glob(f"*/*/{key}*"):
            path.unlink(missing_ok=True)
            gone += 1
    return gone
