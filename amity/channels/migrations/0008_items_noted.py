"""A small index of the rows of an import of which something could not be read, all of it or some."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [("channels", "0007_item_received")]

    operations = [
        # What was left where this was interrupted.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS channels_item_noted", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "item",
            models.Index(
                condition=models.Q(("error_code", ""), _negated=True),
                fields=["run", "position"],
                name="channels_item_noted",
            ),
        ),
    ]
