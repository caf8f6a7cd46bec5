"""What rules noted of somebody who is erased: that they were announced, and why somebody kept them once."""

from __future__ import annotations

from django.db import connection

from amity.kernel.erasing import Counts, Subject, erases_person


@erases_person("retention", 87)
def erase(subject: Subject) -> Counts:
    """Remove it. What a night did is counted without a name, and stays."""
    of = {"people": subject.person_ids, "ids": subject.identity_ids}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM retention_due WHERE person_id = ANY(%(people)s) RETURNING id", of)
        dues = [id for (id,) in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM retention_keptaccount WHERE identity_id = ANY(%(ids)s) RETURNING keep_id", of
        )
        accounts = [keep for (keep,) in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM retention_keep k WHERE k.id = ANY(%s) AND NOT EXISTS "
            "(SELECT FROM retention_keptaccount a WHERE a.keep_id = k.id) RETURNING k.id",
            [accounts],
        )
        keeps = [id for (id,) in cursor.fetchall()]
    subject.add("due", dues)
    subject.add("keep", keeps)
    return {"retention_due": len(dues), "retention_keptaccount": len(accounts), "retention_keep": len(keeps)}
