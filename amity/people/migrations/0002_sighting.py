"""Which import named which identity, and together with which other."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "identity_id",
                        "source_id",
                        "run_id",
                        "with_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "identity",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="people.identity",
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("run_id", models.UUIDField()),
                ("with_id", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["run_id"], name="people_sighting_run")]},
        ),
    ]
