"""Birthdays: the trigger that puts down that another one may be shown, and whoever has one is read again.

Making a trigger keeps writers of its table out until this is committed: some milliseconds.
"""

from django.db import migrations

from amity.segments.triggers import NO_SHOWN_RULES, SHOWN_RULES

_READ_AGAIN = """
    INSERT INTO segments_touched (part, identity_id, at)
    SELECT DISTINCT 32, f.identity_id, now() FROM people_fact f
    WHERE f.field = 'birthday' AND (SELECT is_kept FROM segments_state WHERE id = 1)
"""


def watch(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SHOWN_RULES)
        cursor.execute(_READ_AGAIN)


def look_away(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(NO_SHOWN_RULES)


class Migration(migrations.Migration):

    dependencies = [
        ("segments", "0004_consent"),
        ("people", "0023_shown_rules"),
    ]

    operations = [migrations.RunPython(watch, look_away)]
