"""What is wrong with whom; how many have it is counted by triggers.

The tables are new and empty. Those of people get a trigger each, for which their writers wait as long as that takes.
"""

import django.db.models.deletion
from django.conf import settings
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

_COUNT = """
CREATE OR REPLACE FUNCTION quality_verdict_made() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO quality_tally (finding_id, change)
        SELECT finding, count(*) FROM made, unnest(made.findings) AS finding GROUP BY 1;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION quality_verdict_went() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO quality_tally (finding_id, change)
        SELECT finding, -count(*) FROM went, unnest(went.findings) AS finding GROUP BY 1;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION quality_verdict_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO quality_tally (finding_id, change)
        SELECT finding, sum(sign) FROM (
            SELECT unnest(findings) AS finding, 1 AS sign FROM made UNION ALL SELECT unnest(findings), -1 FROM went
        ) AS both_of_them GROUP BY 1 HAVING sum(sign) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_verdict_made AFTER INSERT ON quality_verdict REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION quality_verdict_made();
CREATE TRIGGER quality_verdict_went AFTER DELETE ON quality_verdict REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION quality_verdict_went();
CREATE TRIGGER quality_verdict_changed AFTER UPDATE ON quality_verdict
    REFERENCING NEW TABLE AS made OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION quality_verdict_changed();
"""
# Many people go in one statement (an import is undone): a foreign key would remove their verdicts one by one.
_FOLLOW = """
CREATE OR REPLACE FUNCTION quality_person_went() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM quality_verdict v USING went WHERE v.person_id = went.id;
    DELETE FROM quality_shared s USING went WHERE s.person_id = went.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION quality_person_merged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM quality_verdict WHERE person_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION quality_identity_went() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM quality_flag f USING went WHERE f.identity_id = went.id;
    RETURN NULL;
END $$;
CREATE TRIGGER quality_person_went AFTER DELETE ON people_person REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION quality_person_went();
CREATE TRIGGER quality_person_merged AFTER UPDATE OF merged_into_id ON people_person FOR EACH ROW
    WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION quality_person_merged();
CREATE TRIGGER quality_identity_went AFTER DELETE ON people_identity REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION quality_identity_went();
"""
_FOLLOW_NO_MORE = """
DROP FUNCTION IF EXISTS quality_person_went() CASCADE;
DROP FUNCTION IF EXISTS quality_person_merged() CASCADE;
DROP FUNCTION IF EXISTS quality_identity_went() CASCADE;
"""
_COUNT_NO_MORE = """
DROP FUNCTION IF EXISTS quality_verdict_made() CASCADE;
DROP FUNCTION IF EXISTS quality_verdict_went() CASCADE;
DROP FUNCTION IF EXISTS quality_verdict_changed() CASCADE;
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0014_links_of_a_split'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Finding',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('scope', models.CharField(max_length=8)),
                ('scope_id', models.UUIDField(null=True)),
                ('field', models.CharField(blank=True, max_length=60)),
                ('problem', models.CharField(max_length=12)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('scope', 'scope_id', 'field', 'problem'), name='quality_finding_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Day',
            fields=[
                ('pk', models.CompositePrimaryKey('on', 'sight', 'finding_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('sight', models.CharField(blank=True, max_length=32)),
                ('count', models.BigIntegerField()),
                ('finding', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='quality.finding')),
            ],
        ),
        migrations.CreateModel(
            name='Repair',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('field', models.CharField(max_length=60)),
                ('people', models.IntegerField()),
                ('at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('change', models.BigIntegerField()),
                ('finding', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='quality.finding')),
            ],
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('person', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='people.person')),
                ('findings', django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ('judged_at', models.DateTimeField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['findings'], name='quality_verdict_findings')],
            },
        ),
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('source_id', models.UUIDField()),
                ('run_id', models.UUIDField(null=True)),
                ('position', models.IntegerField()),
                ('field', models.CharField(max_length=60)),
                ('rule', models.CharField(max_length=12)),
                ('flagged_at', models.DateTimeField()),
                ('identity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.identity')),
            ],
            options={
                'indexes': [models.Index(fields=['run_id', 'position', 'id'], name='quality_flag_run')],
                'constraints': [models.UniqueConstraint(fields=('identity', 'source_id', 'run_id', 'field', 'rule'), name='quality_flag_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='Shared',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('field', models.CharField(max_length=60)),
                ('digest', models.UUIDField()),
                ('source_id', models.UUIDField()),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.person')),
            ],
            options={
                'indexes': [models.Index(fields=['field', 'digest'], name='quality_shared_value')],
            },
        ),
        migrations.RunSQL(_COUNT, _COUNT_NO_MORE),
        migrations.RunSQL(_FOLLOW, _FOLLOW_NO_MORE),
    ]
