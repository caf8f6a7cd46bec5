"""What matching keeps of people goes with them; light enough to be called from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection


def forget(person_ids: Iterable[UUID]) -> None:
    """Remove what matching keeps of these persons."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH gone AS (DELETE FROM people_matchrecord WHERE person_id = ANY(%s) RETURNING id) "
            "DELETE FROM people_matchkey USING gone WHERE record_id = gone.id",
            [list(person_ids)],
        )
