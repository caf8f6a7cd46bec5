import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0003_lines_of_a_run"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstTelling",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="commerce.order",
                    ),
                ),
                ("number", models.CharField(max_length=80)),
                ("status", models.CharField(max_length=20)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("currency", models.CharField(max_length=3)),
                ("items", models.IntegerField()),
                ("lines", models.JSONField()),
            ],
        ),
    ]
