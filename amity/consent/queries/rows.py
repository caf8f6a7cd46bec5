"""What rows of imports say of consent that nobody had said of the same person: for what became of each row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.db import connection

from amity.channels.own_fields import CONSENT

_NAME = f"concat('{CONSENT}', COALESCE(p.key, '*'), ':', s.channel)"
_FIRST = f"""
    SELECT s.identity_id, {_NAME} FROM consent_statement s LEFT JOIN consent_purpose p ON p.id = s.purpose_id
    WHERE s.run_id = %(run)s AND s.identity_id = ANY(%(ids)s) AND s.revoked_at IS NULL AND NOT EXISTS (
        SELECT FROM people_link l JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
        JOIN consent_statement o ON o.identity_id = k.identity_id
        WHERE l.identity_id = s.identity_id AND l.revoked_at IS NULL AND o.revoked_at IS NULL
            AND o.purpose_id IS NOT DISTINCT FROM s.purpose_id AND o.channel = s.channel AND o.said = s.said
            AND o.is_dated >= s.is_dated AND o.run_id IS DISTINCT FROM s.run_id AND o.source_id <> ALL(%(hidden)s))
"""
_SAID = f"""
    SELECT l.person_id, {_NAME}, s.said, s.is_dated FROM people_link l
    JOIN consent_statement s ON s.identity_id = l.identity_id AND s.revoked_at IS NULL
    LEFT JOIN consent_purpose p ON p.id = s.purpose_id
    WHERE l.person_id = ANY(%(people)s) AND l.revoked_at IS NULL AND s.source_id <> ALL(%(hidden)s)
"""


def first_said(
    run_id: UUID, identity_ids: Collection[UUID], hidden: Sequence[UUID]
) -> Mapping[UUID, set[str]]:
    """The fields (`consent:newsletter:email`) in which a run said something of accounts that nothing else says."""
    found: dict[UUID, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {"run": run_id, "ids": list(identity_ids), "hidden": list(hidden)})
        for identity, name in cursor.fetchall():
            found[identity].add(name)
    return found


def said_of(
    person_ids: Collection[UUID], hidden: Sequence[UUID]
) -> Mapping[UUID, set[tuple[str, str, bool]]]:
    """What was said of each of these people: field, and given, pending, withdrawn or objected, and whether with its
    day. What was said with its day was also said: it stands for both."""
    found: dict[UUID, set[tuple[str, str, bool]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_SAID, {"people": list(person_ids), "hidden": list(hidden)})
        for person, name, said, is_dated in cursor.fetchall():
            found[person] |= {(name, said, False), (name, said, is_dated)}
    return found
