"""The words by which people and organisations are found, kept by triggers and a job; indexes of what search looks up.

Measured at 1 M people: the triggers and the list of what is to be counted are there after 3 s, in which writers of people
wait; the indexes are built while everybody goes on, and a job counts the words.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

# Table and column of what is found by words, and the name of its triggers.
WATCHED = (("people_person", "search_text"), ("people_organisation", "key"))
_TRIGGERS = """
CREATE OR REPLACE FUNCTION {table}_words_came() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO people_wordchange (record_id, sign, words) SELECT id, 1, {column} FROM came WHERE {column} <> '';
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION {table}_words_went() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO people_wordchange (record_id, sign, words) SELECT id, -1, {column} FROM went WHERE {column} <> '';
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION {table}_words_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO people_wordchange (record_id, sign, words) SELECT NEW.id, sign, words
        FROM (VALUES (-1, OLD.{column}), (1, NEW.{column})) AS both_of_them (sign, words) WHERE words <> '';
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_words_came AFTER INSERT ON {table} REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_words_came();
CREATE TRIGGER {table}_words_went AFTER DELETE ON {table} REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_words_went();
CREATE TRIGGER {table}_words_changed AFTER UPDATE OF {column} ON {table} FOR EACH ROW
    WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION {table}_words_changed();
INSERT INTO people_wordchange (record_id, sign, words) SELECT id, 1, {column} FROM {table} WHERE {column} <> '';
"""
_NO_TRIGGERS = """
DROP FUNCTION IF EXISTS {table}_words_came() CASCADE;
DROP FUNCTION IF EXISTS {table}_words_went() CASCADE;
DROP FUNCTION IF EXISTS {table}_words_changed() CASCADE;
"""


def watch(apps, schema_editor):
    """The trigger keeps writers out until this is committed: what is there is listed once, what comes by the trigger."""
    with schema_editor.connection.cursor() as cursor:
        for table, column in WATCHED:
            cursor.execute(_NO_TRIGGERS.format(table=table))
            cursor.execute(_TRIGGERS.format(table=table, column=column))


def look_away(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for table, _ in WATCHED:
            cursor.execute(_NO_TRIGGERS.format(table=table))


class Migration(migrations.Migration):
    atomic = False  # a live table is not locked while its index is built

    dependencies = [("people", "0005_proposals")]

    operations = [
        # What was left where this was interrupted; the triggers first, or they would write into a table that is gone.
        migrations.RunPython(look_away, migrations.RunPython.noop),
        migrations.RunSQL("DROP TABLE IF EXISTS people_word, people_wordchange", migrations.RunSQL.noop),
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS people_organisation_search", migrations.RunSQL.noop
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                ("word", models.TextField(db_collation="C", primary_key=True, serialize=False)),
                ("records", models.IntegerField()),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["keys"], name="people_word_keys")
                ]
            },
        ),
        migrations.CreateModel(
            name="WordChange",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("record_id", models.UUIDField()),
                ("sign", models.SmallIntegerField()),
                ("words", models.TextField()),
            ],
            options={"indexes": [models.Index(fields=["record_id"], name="people_wordchange_record")]},
        ),
        AddIndexConcurrently(
            model_name="organisation",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("key", config="simple"),
                name="people_organisation_search",
            ),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS people_identity_number", migrations.RunSQL.noop),
        # The digits of numbers, last first: a number is found by its end in any notation (amity.people.queries.numbers).
        migrations.RunSQL(
            r"CREATE INDEX CONCURRENTLY people_identity_number ON people_identity "
            r"(reverse(regexp_replace(address, '\D', '', 'g')) text_pattern_ops) "
            r"WHERE address ~ '^[^@]*[0-9]{4}[^@[:alpha:]]*$'",
            "DROP INDEX CONCURRENTLY IF EXISTS people_identity_number",
        ),
        # What hidden sources say is looked up by the source: without these, by a scan (250 ms at a million facts).
        *(
            migrations.RunSQL(
                [
                    f"DROP INDEX CONCURRENTLY IF EXISTS people_{table}_source",
                    f"CREATE INDEX CONCURRENTLY people_{table}_source ON people_{table} (source_id)",
                ],
                f"DROP INDEX CONCURRENTLY IF EXISTS people_{table}_source",
            )
            for table in ("fact", "sighting")
        ),
        migrations.RunPython(watch, look_away, atomic=True),
    ]
