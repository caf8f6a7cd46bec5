"""Relations over time, organisations that are one, employers by name, households."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


# What is said of a person, or of an identity, goes with it, whoever removes it and how.
_CASCADES = (
    ("people_relation", "person_id", "people_person"),
    ("people_relation", "other_id", "people_person"),
    ("people_householdmember", "person_id", "people_person"),
    ("people_householdrefusal", "one_id", "people_person"),
    ("people_householdrefusal", "other_id", "people_person"),
    ("people_employer", "identity_id", "people_identity"),
)


def _cascade(table, column, to):
    name = f"{table}_{column}_goes_along"
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {to} (id) "
        "ON DELETE CASCADE",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0020_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Employer',
            fields=[
                ('pk', models.CompositePrimaryKey('identity_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('identity', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.identity')),
                ('key', models.CharField(max_length=200)),
            ],
            options={'indexes': [models.Index(fields=['key'], name='people_employer_key')]},
        ),
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('said_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('rule', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HouseholdMember',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('said_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='HouseholdRefusal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('said_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OrganisationDomain',
            fields=[
                ('domain', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('is_on', models.BooleanField(default=True)),
                ('said_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='OrganisationMerge',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('said_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='OrganisationRelation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('said_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('kind', models.CharField(max_length=20)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('from_on', models.DateField(null=True)),
                ('until_on', models.DateField(null=True)),
                ('method', models.CharField(default='staff', max_length=80)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Relation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('said_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('kind', models.CharField(max_length=20)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('from_on', models.DateField(null=True)),
                ('until_on', models.DateField(null=True)),
                ('method', models.CharField(default='staff', max_length=80)),
            ],
        ),
        migrations.AddField(
            model_name='fact',
            name='first_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='organisation',
            name='merged_into',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='is_ours',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='organisation',
            name='told_name',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
        migrations.AddField(
            model_name='household',
            name='revoked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='household',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='householdmember',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='people.household'),
        ),
        migrations.AddField(
            model_name='householdmember',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='householdmember',
            name='revoked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='householdmember',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='householdrefusal',
            name='one',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='householdrefusal',
            name='other',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='householdrefusal',
            name='revoked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='householdrefusal',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='organisationdomain',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='domains', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='organisationdomain',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='organisationmerge',
            name='into',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='organisationmerge',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='organisationmerge',
            name='revoked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='organisationmerge',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='organisationrelation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='organisation_relations', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='organisationrelation',
            name='other',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='organisation_relations_in', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='organisationrelation',
            name='revoked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='organisationrelation',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='relation',
            name='organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='relations', to='people.organisation'),
        ),
        migrations.AddField(
            model_name='relation',
            name='other',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='relations_in', to='people.person'),
        ),
        migrations.AddField(
            model_name='relation',
            name='person',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='relations', to='people.person'),
        ),
        migrations.AddField(
            model_name='relation',
            name='revoked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='relation',
            name='said_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='organisationmerge',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('organisation',), name='people_orgmerge_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='relation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('organisation__isnull', True), ('other__isnull', False)), models.Q(('organisation__isnull', False), ('other__isnull', True)), _connector='OR'), name='people_relation_has_one_end'),
        ),
        *(_cascade(*one) for one in _CASCADES),
    ]
