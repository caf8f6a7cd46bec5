"""The company's own fields: the triggers that put down about whom they changed, and when a field itself did.

Making a trigger keeps writers of its table out until this is committed: some milliseconds each, no row is read.
Whoever was read before is read again where own fields have values.
"""

from django.db import migrations

from amity.segments.triggers import not_watching_own_fields, watching_own_fields

_READ_AGAIN = """
    INSERT INTO segments_touched (part, person_id, at)
    SELECT DISTINCT 32, v.person_id, now() FROM people_customvalue v JOIN segments_trait t USING (person_id)
"""


def watch(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(watching_own_fields())
        cursor.execute(_READ_AGAIN)


def look_away(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(not_watching_own_fields())


class Migration(migrations.Migration):

    dependencies = [
        ("segments", "0002_watching"),
        ("people", "0008_fields"),
    ]

    operations = [migrations.RunPython(watch, look_away)]
