"""A small index of when items came in, by which the newest are found."""

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [("channels", "0006_rows_refused")]

    operations = [
        # What was left where this was interrupted.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS channels_item_received", migrations.RunSQL.noop),
        AddIndexConcurrently("item", BrinIndex(fields=["received_at"], name="channels_item_received")),
    ]
