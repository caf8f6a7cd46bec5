"""How many rows of an import were left out because somebody whom they name was erased. A constant: no row is touched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0005_files_out")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="rows_refused",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
