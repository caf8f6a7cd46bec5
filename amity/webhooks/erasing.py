"""What the log of webhooks keeps of somebody who is erased. What was delivered is with those who heard it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from amity.kernel.erasing import Counts, Subject, erases_person

_OF = "subject_id = ANY(%(ids)s::uuid[]) OR data::text LIKE ANY(%(patterns)s)"


@erases_person("webhooks", 85)
def erase(subject: Subject) -> Counts:
    """Remove events about their records, with the deliveries; what waited to be told is not told any more."""
    ids = [UUID(one) for kind in _KINDS for one in subject.of(kind)]
    ids += [*subject.identity_ids, *subject.person_ids]
    # What names them under another heading: a conversation's event holds its customer.
    patterns = [f"%{one}%" for one in (*subject.identity_ids, *subject.person_ids)]
    done: Counts = {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM webhooks_event WHERE {_OF}", {"ids": ids, "patterns": patterns})
        events = [id for (id,) in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM webhooks_attempt WHERE delivery_id IN "
            "(SELECT id FROM webhooks_delivery WHERE event_id = ANY(%s))",
            [events],
        )
        done["webhooks_attempt"] = cursor.rowcount
        cursor.execute("DELETE FROM webhooks_delivery WHERE event_id = ANY(%s)", [events])
        done["webhooks_delivery"] = cursor.rowcount
        cursor.execute("DELETE FROM webhooks_event WHERE id = ANY(%s)", [events])
        done["webhooks_event"] = cursor.rowcount
    return done


_KINDS = ("activity", "conversation", "promise", "order", "message", "merge", "split")
"""Kinds of records of which events tell."""
