"""Pairs of people who may be one, and what became of them."""

import amity.people.proposal_models
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_matching'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('bits', models.FloatField()),
                ('evidence', models.JSONField(default=list)),
                ('state', models.CharField(default=amity.people.proposal_models.ProposalState['OPEN'], max_length=8)),
                ('found_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('act_id', models.UUIDField(null=True)),
                ('is_by_rule', models.BooleanField(default=False)),
                ('until', models.DateTimeField(null=True)),
                ('decided_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('one', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
            ],
            options={
                'indexes': [models.Index(models.OrderBy(models.F('bits'), descending=True), models.F('id'), condition=models.Q(('state__in', ['open', 'later'])), name='people_proposal_open'), models.Index(fields=['decided_at'], name='people_proposal_decided'), models.Index(fields=['act_id'], name='people_proposal_act')],
                'constraints': [models.UniqueConstraint(fields=('one', 'other'), name='people_proposal_once')],
            },
        ),
    ]
