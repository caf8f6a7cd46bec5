"""The words of old messages go, the row stays: who, when, where, in which thread and mood is counted as before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from amity.activity.files import forget_soon

MARK = "emptied"
"""The key in `payload` under which a message says that its words went, when, and by which rule."""
HAS_WORDS = """(a.text <> '' OR a.subject <> '' OR a.full_text <> '' OR a.html <> ''
    OR EXISTS (SELECT FROM activity_attachment f WHERE f.activity_id = a.id))"""
"""SQL of whether something is left to take from message `a`: a picture without a word too."""
_STAYS = (
    "'to', 'references', 'due_at', 'owner'"  # accounts and ids by which threads and answers hold together
)
_EMPTY = f"""
    UPDATE activity_activity a SET text = '', subject = '', full_text = '', html = '', item_id = NULL,
        payload = COALESCE((SELECT jsonb_object_agg(kept.key, kept.value) FROM jsonb_each(a.payload) AS kept
            WHERE kept.key IN ({_STAYS})), '{{}}'::jsonb)
            || CASE WHEN a.text <> '' THEN %(mark)s ELSE %(mark_of_textless)s END
    FROM unnest(%(instants)s::timestamptz[], %(ids)s::uuid[]) AS one(occurred_at, id)
    WHERE a.occurred_at = one.occurred_at AND a.id = one.id AND {HAS_WORDS}
"""
_FILES = "DELETE FROM activity_attachment WHERE activity_id = ANY(%s) RETURNING digest"


@dataclass(frozen=True, slots=True)
class Emptied:
    """How many messages lost their words, and how many files went with them."""

    messages: int
    files: int


def empty(messages: Sequence[tuple[Any, UUID]], mark: Mapping[str, Any]) -> Emptied:
    """Take the words and files off these (instant and id of each), in the current transaction.

    `mark` says by which rule (`rule`, `months`) and `on` which day; it is shown where the words stood.
    """
    ids = [id for _at, id in messages]
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"mark": Jsonb({MARK: dict(mark)}), "ids": ids}
        told["mark_of_textless"] = Jsonb({MARK: dict(mark) | {"textless": True}})  # its mood never counted
        cursor.execute(_EMPTY, told | {"instants": [at for at, _id in messages]})
        count = cursor.rowcount
        cursor.execute(_FILES, [ids])
        digests = [digest for (digest,) in cursor.fetchall()]
    forget_soon(digests)
    return Emptied(count, len(digests))


def forget_items(item_ids: Sequence[UUID]) -> None:
    """Raw items that are removed tell nothing any more, also when an import that told the same is taken back."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM activity_retold WHERE item_id = ANY(%s)", [list(item_ids)])


def emptied_words(told: str | None) -> str:
    """What stands where the words were; empty for a message that has them. `told` is the mark as JSON."""
    if not told:
        return ""
    mark = json.loads(told)
    named = {"months": mark.get("months", 0), "rule": mark.get("rule", "")}
    return _("Removed after %(months)s months by the rule “%(rule)s”") % named
