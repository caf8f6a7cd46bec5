"""Rules, what they announced and did, and whom colleagues keep from them. All tables are new."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('people', 'People'), ('words', 'Words of messages'), ('items', 'Raw items')], max_length=10)),
                ('name', models.CharField(max_length=120)),
                ('reason', models.CharField(max_length=500)),
                ('segment_id', models.UUIDField(null=True)),
                ('for_days', models.PositiveIntegerField(null=True)),
                ('source_id', models.UUIDField(null=True)),
                ('months', models.PositiveIntegerField(null=True)),
                ('is_on', models.BooleanField(default=False)),
                ('seen', models.JSONField(null=True)),
                ('before', models.JSONField(null=True)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('turned_on_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Keep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=500)),
                ('kept_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('kept_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('revoked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keeps', to='retention.rule')),
            ],
        ),
        migrations.CreateModel(
            name='Due',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('state', models.CharField(default='announced', max_length=10)),
                ('announced_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('why', models.CharField(blank=True, max_length=20)),
                ('erasure_id', models.UUIDField(null=True)),
                ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='dues', to='retention.rule')),
            ],
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('announced', models.PositiveIntegerField(default=0)),
                ('asked', models.PositiveIntegerField(default=0)),
                ('dropped', models.PositiveIntegerField(default=0)),
                ('emptied', models.PositiveBigIntegerField(default=0)),
                ('removed', models.PositiveBigIntegerField(default=0)),
                ('files', models.PositiveBigIntegerField(default=0)),
                ('stood_still', models.CharField(blank=True, max_length=20)),
                ('cursor', models.JSONField(null=True)),
                ('rule', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='retention.rule')),
            ],
        ),
        migrations.CreateModel(
            name='KeptAccount',
            fields=[
                ('pk', models.CompositePrimaryKey('keep_id', 'identity_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('identity_id', models.UUIDField()),
                ('keep', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='retention.keep')),
            ],
            options={
                'indexes': [models.Index(fields=['identity_id'], name='retention_kept_identity')],
            },
        ),
        migrations.AddConstraint(
            model_name='rule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('for_days__isnull', False), ('kind', 'people'), ('months__isnull', True), ('segment_id__isnull', False)), models.Q(('kind__in', ['words', 'items']), ('months__isnull', False), ('segment_id__isnull', True)), _connector='OR'), name='retention_rule_is_whole'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(condition=models.Q(('state', 'announced')), fields=['due_on', 'id'], name='retention_due_next'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(fields=['person_id'], name='retention_due_person'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(condition=models.Q(('erasure_id__isnull', False)), fields=['erasure_id'], name='retention_due_erasure'),
        ),
        migrations.AddIndex(
            model_name='due',
            index=models.Index(fields=['rule', '-decided_at'], name='retention_due_rule'),
        ),
        migrations.AddConstraint(
            model_name='due',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'announced')), fields=('person_id',), name='retention_due_once'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['-started_at', '-id'], name='retention_run_recent'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(fields=('rule', 'on'), name='retention_run_once'),
        ),
    ]
