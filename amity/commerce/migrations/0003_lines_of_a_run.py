from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("commerce", "0002_lines_of_later_imports"),
    ]

    operations = [
        # What was left of it where it was interrupted: an index that is not valid and stands in its own way.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS commerce_line_run", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="orderline",
            index=models.Index(
                fields=["run_id"], name="commerce_line_run", condition=Q(run_id__isnull=False)
            ),
        ),
    ]
