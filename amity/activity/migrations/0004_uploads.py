import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activity", "0003_retold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("source_id", models.UUIDField()),
                ("conversation_id", models.UUIDField()),
                ("filename", models.CharField(max_length=255)),
                ("media_type", models.CharField(max_length=120)),
                ("size_bytes", models.BigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["staff", "conversation_id"], name="activity_upload_of"),
                    models.Index(fields=["conversation_id"], name="activity_upload_in"),
                    models.Index(fields=["digest"], name="activity_upload_bytes"),
                    models.Index(fields=["created_at", "id"], name="activity_upload_age"),
                ],
            },
        ),
    ]
