"""Whether what a rule merged was one person, where somebody looked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0014_links_of_a_split"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("proposal", "was_right", models.BooleanField(null=True)),
        migrations.AddField(
            "proposal",
            "checked_by",
            models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("proposal", "checked_at", models.DateTimeField(null=True)),
    ]
