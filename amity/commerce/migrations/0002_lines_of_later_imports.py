from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="run_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="orderline",
            name="added",
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True),
        ),
    ]
