"""Fields that a company makes for itself, their values, and who typed a fact."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0007_links_of_an_identity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='fact',
            name='said_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='CustomValue',
            fields=[
                ('pk', models.CompositePrimaryKey('person_id', 'field_id', 'place', blank=True, editable=False, primary_key=True, serialize=False)),
                ('person_id', models.UUIDField()),
                ('field_id', models.IntegerField()),
                ('place', models.SmallIntegerField(default=0)),
                ('value', models.TextField()),
                ('word', models.CharField(blank=True, max_length=200)),
                ('number', models.DecimalField(decimal_places=6, max_digits=21, null=True)),
                ('day', models.DateField(null=True)),
                ('words', models.TextField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('word', ''), _negated=True), fields=['field_id', 'word', 'person_id'], name='people_customvalue_word'), models.Index(condition=models.Q(('number__isnull', False)), fields=['field_id', 'number', 'person_id'], name='people_customvalue_number'), models.Index(condition=models.Q(('day__isnull', False)), fields=['field_id', 'day', 'person_id'], name='people_customvalue_day'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.search.SearchVector('words', config='simple'), condition=models.Q(('words__isnull', False)), name='people_customvalue_words')],
            },
        ),
        migrations.CreateModel(
            name='OrganisationFact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('field', models.CharField(max_length=40)),
                ('value', models.TextField()),
                ('observed_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='facts', to='people.organisation')),
                ('said_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('resource', models.CharField(max_length=20, verbose_name='of')),
                ('key', models.CharField(max_length=32, verbose_name='key')),
                ('label', models.CharField(max_length=80, verbose_name='label')),
                ('help', models.CharField(blank=True, max_length=300, verbose_name='help')),
                ('kind', models.CharField(max_length=12, verbose_name='kind')),
                ('options', models.JSONField(default=list, verbose_name='options')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                ('purposes', models.JSONField(default=list, verbose_name='purposes')),
                ('writers', models.JSONField(default=list, verbose_name='written by')),
                ('position', models.IntegerField(default=0)),
                ('is_listed', models.BooleanField(default=False, verbose_name='shown in lists')),
                ('hidden_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['resource', 'position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('resource', 'key'), name='people_customfield_key')],
            },
        ),
        # How often an option occurs depends on its field: without this the planner takes each for rare.
        migrations.RunSQL(
            "CREATE STATISTICS people_customvalue_told (mcv) ON field_id, word FROM people_customvalue",
            "DROP STATISTICS people_customvalue_told",
        ),
    ]
