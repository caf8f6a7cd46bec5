"""Which values colleagues chose to be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import connection

# Of a merged person the own choices count first, then the newest one among those who were merged into them.
_CHOSEN = """
    SELECT DISTINCT ON (who.person_id, k.field) who.person_id, k.field, k.value
    FROM (SELECT l.person_id, l.home_id FROM people_link l
          WHERE l.person_id = ANY(%(people)s::uuid[]) AND l.revoked_at IS NULL AND (
              cardinality(%(hidden)s::uuid[]) = 0 OR EXISTS (
                  SELECT FROM people_fact f WHERE f.identity_id = l.identity_id AND f.source_id <> ALL(%(hidden)s))
              OR EXISTS (
                  SELECT FROM people_sighting s WHERE s.identity_id = l.identity_id AND s.source_id <> ALL(%(hidden)s)))
          ) AS who
    JOIN people_fieldlock k ON k.person_id = COALESCE(who.home_id, who.person_id) AND k.released_at IS NULL
    ORDER BY who.person_id, k.field, (k.person_id = who.person_id) DESC, k.locked_at DESC, k.id
"""


def chosen_values(person_ids: Sequence[UUID], hidden: Sequence[UUID] = ()) -> Mapping[UUID, dict[str, str]]:
    """The chosen value of each field, by person; people of whom nothing was chosen are left out.

    What was chosen of those of whom only `hidden` sources tell does not count. A value of "" lets the field follow from
    what sources say, whatever was chosen of those who were merged into the person.
    """
    chosen: dict[UUID, dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, {"people": list(person_ids), "hidden": list(hidden)})
        for person, field, value in cursor.fetchall():
            chosen[person][field] = value
    return chosen
