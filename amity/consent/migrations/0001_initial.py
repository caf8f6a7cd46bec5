"""Purposes, wordings, and what people said; three purposes to begin with, which every company may change or hide."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

_STARTING = (
    ("support", "contract", ["email", "phone", "text", "letter", "direct"]),
    ("newsletter", "consent", ["email"]),
    ("surveys", "legitimate_interests", ["email", "text"]),
)


def start(apps, schema_editor):
    purpose = apps.get_model("consent", "Purpose")
    for position, (key, basis, channels) in enumerate(_STARTING, 1):
        purpose.objects.create(
            key=key, basis=basis, channels=channels, position=position, created_at=timezone.now()
        )


def _by():
    return models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0022_found_by'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Purpose',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=40, unique=True, verbose_name='key')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('words', models.CharField(blank=True, max_length=500, verbose_name='what it is for')),
                ('basis', models.CharField(max_length=24, verbose_name='lawful basis')),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), size=None)),
                ('months', models.PositiveSmallIntegerField(null=True, verbose_name='months')),
                ('position', models.IntegerField(default=0)),
                ('hidden_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', _by()),
            ],
            options={'ordering': ['position', 'id']},
        ),
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('made_by', _by()),
                ('purpose', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wordings', to='consent.purpose')),
            ],
            options={
                'ordering': ['purpose', 'version'],
                'constraints': [models.UniqueConstraint(fields=('purpose', 'version'), name='consent_wording_version')],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('act_id', models.UUIDField()),
                ('channel', models.CharField(blank=True, max_length=12)),
                ('said', models.CharField(max_length=12)),
                ('said_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('how', models.CharField(max_length=20)),
                ('proof', models.TextField(blank=True)),
                ('url', models.CharField(blank=True, max_length=500)),
                ('ip', models.GenericIPAddressField(null=True)),
                ('activity_id', models.UUIDField(null=True)),
                ('item_id', models.UUIDField(null=True)),
                ('source_id', models.UUIDField()),
                ('run_id', models.UUIDField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_why', models.CharField(blank=True, max_length=300)),
                ('identity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='statements', to='people.identity')),
                ('purpose', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='consent.purpose')),
                ('revoked_by', _by()),
                ('said_by', _by()),
                ('wording', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='consent.wording')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose__isnull', False), ('said__in', ['withdrawn', 'objected']), _connector='OR'), name='consent_statement_everything_is_refused')],
                'indexes': [
                    models.Index(fields=['purpose', 'channel', 'identity'], name='consent_statement_of_purpose'),
                    models.Index(condition=models.Q(('said', 'given')), fields=['purpose', 'said_at'], name='consent_statement_given'),
                    models.Index(condition=models.Q(('run_id__isnull', False)), fields=['run_id'], name='consent_statement_run'),
                ],
            },
        ),
        # What was said of an account goes with it, whoever removes it and how.
        migrations.RunSQL(
            "ALTER TABLE consent_statement ADD CONSTRAINT consent_statement_goes_along "
            "FOREIGN KEY (identity_id) REFERENCES people_identity (id) ON DELETE CASCADE",
            "ALTER TABLE consent_statement DROP CONSTRAINT consent_statement_goes_along",
        ),
        migrations.RunPython(start, migrations.RunPython.noop),
    ]
