"""An index of all links of an identity, also those that ended: removing identities looks for them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [("people", "0006_words")]

    operations = [
        # What was left where this was interrupted.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS people_link_identity", migrations.RunSQL.noop),
        AddIndexConcurrently("link", models.Index(fields=["identity"], name="people_link_identity")),
    ]
