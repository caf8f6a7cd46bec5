"""A consent of which nobody knows when it was given."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="statement",
            name="is_dated",
            field=models.BooleanField(default=True),
        ),
    ]
