"""Tiers that colleagues give by hand. They go with the identity, whoever removes it and how."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('commerce', '0005_ends_of_numbers'),
        ('people', '0022_found_by'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TierChoice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('tier', models.CharField(max_length=40)),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('until_on', models.DateField(null=True)),
                ('chosen_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('chosen_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('identity', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='tier_choices', to='people.identity')),
                ('revoked_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE commerce_tierchoice ADD CONSTRAINT commerce_tierchoice_goes_along "
            "FOREIGN KEY (identity_id) REFERENCES people_identity (id) ON DELETE CASCADE",
            "ALTER TABLE commerce_tierchoice DROP CONSTRAINT commerce_tierchoice_goes_along",
        ),
    ]
