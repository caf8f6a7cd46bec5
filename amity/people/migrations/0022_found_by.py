"""Whom merges lead away, audiences by size, and the employers that facts named until now."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models

from amity.people.domain.folding import fold

_AUDIENCE = "CASE WHEN value ~ '^[0-9]{1,15}$' THEN value::bigint END"


def _note_employers(_apps, _schema_editor):
    """In batches, each a transaction of its own; what is there already stays."""
    with connection.cursor() as reading, connection.cursor() as writing:
        reading.execute("SELECT DISTINCT value FROM people_fact WHERE field = 'organisation'")
        keys = {value: key for (value,) in reading.fetchall() if (key := fold(value)[:200])}
        listed = list(keys.items())
        for start in range(0, len(listed), 500):
            some = listed[start : start + 500]
            writing.execute(
                "INSERT INTO people_employer (identity_id, key) SELECT DISTINCT f.identity_id, k.key FROM people_fact f "
                "JOIN unnest(%s::text[], %s::text[]) AS k(value, key) ON k.value = f.value "
                "WHERE f.field = 'organisation' ON CONFLICT DO NOTHING",
                [[value for value, _ in some], [key for _, key in some]],
            )


class Migration(migrations.Migration):
    atomic = False  # no table is locked while its index is built

    dependencies = [("people", "0021_relations")]

    operations = [
        # What was left where this was interrupted.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS people_person_merged", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "person",
            models.Index(
                fields=["merged_into"],
                name="people_person_merged",
                condition=models.Q(("merged_into__isnull", False)),
            ),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS people_fact_audience", migrations.RunSQL.noop),
        migrations.RunSQL(
            f"CREATE INDEX CONCURRENTLY people_fact_audience ON people_fact (({_AUDIENCE}), identity_id) "
            "WHERE field = 'followers'",
            "DROP INDEX CONCURRENTLY IF EXISTS people_fact_audience",
        ),
        migrations.RunPython(_note_employers, migrations.RunPython.noop),
    ]
