"""The rules by which of several values one is shown."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0022_found_by"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="ShownRules",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("rules", models.JSONField(verbose_name="rules")),
                ("said_at", models.DateTimeField()),
                ("upto", models.UUIDField(null=True)),
                ("looked_at", models.IntegerField(default=0)),
                ("of_people", models.IntegerField(default=0)),
                ("changed", models.IntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "said_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
