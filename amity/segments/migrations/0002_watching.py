"""The one row of state, and the triggers that put down about whom something changed.

Making a trigger keeps writers of its table out until this is committed: some milliseconds each, no row is read.
"""

from django.db import migrations

from amity.segments.triggers import not_watching, watching


def watch(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(watching())
    apps.get_model("segments", "State").objects.get_or_create(id=1)


def look_away(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(not_watching())


class Migration(migrations.Migration):

    dependencies = [
        ("segments", "0001_initial"),
        ("people", "0007_links_of_an_identity"),
        ("activity", "0005_bytes_by_digest"),
        ("commerce", "0005_ends_of_numbers"),
        ("conversations", "0004_before_reply"),
        ("teamwork", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(watch, look_away),
        # A queue: what was taken is swept away before it is in the way.
        migrations.RunSQL(
            "ALTER TABLE segments_touched SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
            "ALTER TABLE segments_touched RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
    ]
