"""Whether anything names some bytes is asked whenever a file is taken off a draft, and of the whole store once a day."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # a live table is not locked while its index is built

    dependencies = [
        ("activity", "0004_uploads"),
    ]

    operations = [
        # What was left of it where it was interrupted: an index that is not valid and stands in its own way.
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS activity_attachment_bytes", migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            model_name="attachment",
            index=models.Index(
                fields=["digest"], name="activity_attachment_bytes", condition=~models.Q(digest="")
            ),
        ),
    ]
