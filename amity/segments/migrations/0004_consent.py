"""Consent: the triggers that put down who said something, and when a purpose became another.

Making a trigger keeps writers of its table out until this is committed: some milliseconds each, no row is read.
"""

from django.db import migrations

from amity.segments.triggers import not_watching_consent, watching_consent


def watch(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(watching_consent())


def look_away(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(not_watching_consent())


class Migration(migrations.Migration):

    dependencies = [
        ("segments", "0003_own_fields"),
        ("consent", "0001_initial"),
    ]

    operations = [migrations.RunPython(watch, look_away)]
