"""Which values colleagues chose to be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection

# Of a merged person the own choices count first, then the newest one among those who were merged into them.
_CHOSEN = """
    SELECT DISTINCT ON (who.person_id, k.field) who.person_id, k.field, k.value
    FROM (SELECT person_id, home_id FROM people_link WHERE person_id = ANY(%(people)s::uuid[]) AND revoked_at IS NULL
          UNION SELECT id, NULL FROM unnest(%(people)s::uuid[]) AS one(id)) AS who
    JOIN people_fieldlock k ON k.person_id = COALESCE(who.home_id, who.person_id) AND k.released_at IS NULL
    ORDER BY who.person_id, k.field, (k.person_id = who.person_id) DESC, k.locked_at DESC, k.id
"""


def chosen_values(person_ids: Sequence[UUID]) -> Mapping[UUID, dict[str, str]]:
    """The chosen value of each field, by person; people of whom nothing was chosen are left out."""
    chosen: dict[UUID, dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, {"people": list(person_ids)})
        for person, field, value in cursor.fetchall():
            chosen[person][field] = value
    return chosen
