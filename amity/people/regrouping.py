"""What merging, unmerging and splitting share: whose links count for whom, and what follows from that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from amity.kernel.bus import publish
from amity.people.deriving import derive
from amity.people.events import PeopleRegrouped

_RECOUNT = """
    UPDATE people_link SET person_id = %(root)s,
        home_id = NULLIF(COALESCE(home_id, person_id), %(root)s::uuid)
    WHERE person_id = %(counted_for)s AND revoked_at IS NULL AND COALESCE(home_id, person_id) = ANY(%(homes)s)
"""
_LATEST = """
    UPDATE people_person p SET last_activity_at = (
        SELECT max(a.occurred_at) FROM people_link l
        JOIN activity_activity a ON a.actor_id = l.identity_id AND a.about_id = l.identity_id AND a.direction = 'in'
        WHERE l.person_id = p.id AND l.revoked_at IS NULL) WHERE p.id = ANY(%(people)s)
"""


def count_for(root: UUID, homes: Iterable[UUID], *, instead_of: UUID) -> None:
    """Have the links that belong to `homes`, and counted for `instead_of`, count for `root`."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, {"root": root, "homes": list(homes), "counted_for": instead_of})


def bring_up_to_date(person_ids: Sequence[UUID], *, at: datetime) -> None:
    """Tell again what is shown of these persons and when they last spoke, and tell the rest of the house."""
    people = sorted(set(person_ids))
    derive(people, run_id=None, at=at)
    find_latest(people)
    publish(PeopleRegrouped(person_ids=tuple(people), at=at))


def find_latest(person_ids: Sequence[UUID]) -> None:
    """Take the last activity of these persons from the stream."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"people": list(person_ids)})
