"""Legal holds: two new tables; and why an erasure was asked for, or stopped by itself: two columns that begin empty."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0023_shown_rules'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=500)),
                ('placed_at', models.DateTimeField()),
                ('released_at', models.DateTimeField(null=True)),
                ('released_why', models.CharField(blank=True, max_length=500)),
                ('placed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('released_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('released_at__isnull', True)), fields=['-placed_at', '-id'], name='people_hold_now')],
            },
        ),
        migrations.CreateModel(
            name='HeldAccount',
            fields=[
                ('pk', models.CompositePrimaryKey('hold_id', 'identity_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hold', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='accounts', to='people.legalhold')),
                ('identity', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='people.identity')),
            ],
            options={
                'indexes': [models.Index(fields=['identity'], name='people_held_identity')],
            },
        ),
        migrations.AddField(
            model_name='personerasure',
            name='asked_why',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
        migrations.AddField(
            model_name='personerasure',
            name='stopped_why',
            field=models.CharField(blank=True, db_default='', max_length=200),
        ),
    ]
