"""An index of the links that a split made."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.fields.json import KT
from django.db.models.lookups import IsNull


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [("people", "0011_disclosures")]

    operations = [
        # What was left where this was interrupted.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS people_link_split", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "link",
            models.Index(
                KT("evidence__split"),
                name="people_link_split",
                condition=models.Q(IsNull(KT("evidence__split"), False)),
            ),
        ),
    ]
