"""The words of notes about people have an index of their own: they are few among all that was ever said.

An index of a partitioned table cannot be built concurrently. Each month gets its own that way, and then the table
takes them over, so that writers wait for nothing.
"""

from django.db import migrations

NAME = "activity_notes"
ON = "USING gin (to_tsvector('simple', text)) WHERE channel = 'note' AND thread_id IS NULL AND text <> ''"
_PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'activity_activity'::regclass ORDER BY 1"
# An upgrade that is cut short leaves an index that nobody reads and that counts as there.
_UNFINISHED = "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid)"


def make(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PARTITIONS)
        partitions = [name for (name,) in cursor.fetchall()]
        for name in partitions:
            cursor.execute(_UNFINISHED, [f"{name}_notes"])
            if cursor.fetchone()[0]:
                cursor.execute(f"DROP INDEX CONCURRENTLY {name}_notes")
            cursor.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name}_notes ON {name} {ON}")
        # It finds what is there, and makes what a month that came meanwhile lacks.
        cursor.execute(f"CREATE INDEX IF NOT EXISTS {NAME} ON activity_activity {ON}")


def take_away(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {NAME}")


class Migration(migrations.Migration):
    atomic = False  # no month is locked while its index is built

    dependencies = [("activity", "0005_bytes_by_digest")]

    operations = [migrations.RunPython(make, take_away)]
