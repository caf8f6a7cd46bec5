"""Numbers of orders from behind: customers tell the digits of A-20418 and not its letter."""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # a live table is not locked while its index is built

    dependencies = [("commerce", "0004_first_tellings")]

    operations = [
        # What was left of it where it was interrupted: an index that is not valid and stands in its own way.
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS commerce_order_number_end", migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY commerce_order_number_end ON commerce_order "
            "(reverse(upper(number)) text_pattern_ops)",
            "DROP INDEX CONCURRENTLY IF EXISTS commerce_order_number_end",
        ),
    ]
