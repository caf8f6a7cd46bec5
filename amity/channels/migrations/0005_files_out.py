from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0004_repeats"),
    ]

    operations = [
        migrations.AddField(
            model_name="outboundmessage",
            name="files",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
