from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0002_kinds_of_files"),
    ]

    operations = [
        migrations.CreateModel(
            name="Retold",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "source_id",
                        "external_id",
                        "item_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("source_id", models.UUIDField()),
                ("external_id", models.TextField()),
                ("item_id", models.UUIDField()),
            ],
            options={
                "indexes": [models.Index(fields=["item_id"], name="activity_retold_item")],
            },
        ),
    ]
