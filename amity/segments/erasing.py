"""What segments keep of somebody who is erased."""

from __future__ import annotations

from django.db import connection

from amity.kernel.erasing import Counts, Subject, erases_person
from amity.segments.services import forget_people


@erases_person("segments", 88)
def erase(subject: Subject) -> Counts:
    """Remove their traits and memberships, and what waits to be looked at of them."""
    of = {"people": subject.person_ids, "ids": subject.identity_ids}
    done: Counts = {}
    with connection.cursor() as cursor:
        for table in ("segments_trait", "segments_member"):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE person_id = ANY(%(people)s)", of)
            (done[table],) = cursor.fetchone() or (0,)
        forget_people(subject.person_ids)
        cursor.execute(
            "DELETE FROM segments_touched WHERE person_id = ANY(%(people)s) OR identity_id = ANY(%(ids)s)", of
        )
    return done
