"""Erasures of people: what was asked for, when it is due, and the certificate. A new table."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0008_fields'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonErasure',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField(db_index=True, null=True)),
                ('state', models.CharField(default='waiting', max_length=10)),
                ('ground', models.CharField(choices=[('request', 'They asked for it'), ('objection', 'They object to the use of their data'), ('consent', 'They withdrew their consent'), ('purpose', 'The data is not needed any more'), ('unlawful', 'The data should never have been kept'), ('duty', 'A law demands it')], max_length=12)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('stopped_at', models.DateTimeField(null=True)),
                ('begun_at', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('step', models.CharField(blank=True, max_length=20)),
                ('scope', models.JSONField(null=True)),
                ('certificate', models.JSONField(null=True)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('asked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stopped_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['-asked_at', '-id'], name='people_erasure_recent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'running'])), fields=('person_id',), name='people_erasure_one_at_a_time')],
            },
        ),
    ]
