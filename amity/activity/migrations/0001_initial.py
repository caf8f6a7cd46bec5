"""The partitioned activity table by SQL, the tables beside it by the ORM."""

from django.db import migrations, models


TABLE = """
CREATE TABLE activity_activity (
    id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source_id uuid NOT NULL,
    item_id uuid,
    run_id uuid,
    external_id text NOT NULL,
    actor_id uuid,
    staff_id uuid,
    about_id uuid,
    thread_id uuid,
    object_id uuid,
    direction text NOT NULL,
    channel text NOT NULL,
    verb text NOT NULL,
    object_type text NOT NULL,
    subject text NOT NULL DEFAULT '',
    text text NOT NULL DEFAULT '',
    full_text text NOT NULL DEFAULT '',
    html text NOT NULL DEFAULT '',
    in_reply_to text NOT NULL DEFAULT '',
    is_public boolean NOT NULL DEFAULT false,
    amount numeric(14, 2),
    currency text NOT NULL DEFAULT '',
    language text NOT NULL DEFAULT '',
    sentiment real,
    confidence real,
    payload jsonb,
    PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);

-- What no month holds: instants before 2000 or far in the future, as broken clocks write them.
CREATE TABLE activity_activity_other PARTITION OF activity_activity DEFAULT;

CREATE INDEX activity_about ON activity_activity (about_id, occurred_at DESC, id DESC) WHERE about_id IS NOT NULL;
CREATE INDEX activity_thread ON activity_activity (thread_id, occurred_at, id) WHERE thread_id IS NOT NULL;
CREATE INDEX activity_run ON activity_activity (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX activity_text ON activity_activity USING gin (to_tsvector('simple', text)) WHERE text <> '';
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE activity_activity"),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('pk', models.CompositePrimaryKey('occurred_at', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(editable=False)),
                ('occurred_at', models.DateTimeField(verbose_name='when')),
                ('recorded_at', models.DateTimeField()),
                ('source_id', models.UUIDField()),
                ('item_id', models.UUIDField(null=True)),
                ('run_id', models.UUIDField(null=True)),
                ('external_id', models.TextField()),
                ('actor_id', models.UUIDField(null=True)),
                ('staff_id', models.UUIDField(null=True)),
                ('about_id', models.UUIDField(null=True)),
                ('thread_id', models.UUIDField(null=True)),
                ('object_id', models.UUIDField(null=True)),
                ('direction', models.CharField(max_length=8)),
                ('channel', models.CharField(max_length=24)),
                ('verb', models.CharField(max_length=24)),
                ('object_type', models.CharField(max_length=24)),
                ('subject', models.TextField(blank=True)),
                ('text', models.TextField(blank=True)),
                ('full_text', models.TextField(blank=True)),
                ('html', models.TextField(blank=True)),
                ('in_reply_to', models.TextField(blank=True)),
                ('is_public', models.BooleanField(default=False)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('language', models.CharField(blank=True, max_length=12)),
                ('sentiment', models.FloatField(null=True)),
                ('confidence', models.FloatField(null=True)),
                ('payload', models.JSONField(null=True)),
            ],
            options={
                'db_table': 'activity_activity',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='ActivityKey',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'external_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source_id', models.UUIDField()),
                ('external_id', models.TextField()),
                ('activity_id', models.UUIDField()),
                ('occurred_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ('activity_id', models.UUIDField(db_index=True)),
                ('source_id', models.UUIDField()),
                ('filename', models.CharField(max_length=255)),
                ('content_type', models.CharField(max_length=120)),
                ('size_bytes', models.BigIntegerField()),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='DailyCount',
            fields=[
                ('pk', models.CompositePrimaryKey('day', 'source_id', 'channel', 'direction', 'mood', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('source_id', models.UUIDField()),
                ('channel', models.CharField(max_length=24)),
                ('direction', models.CharField(max_length=8)),
                ('mood', models.CharField(max_length=12)),
                ('count', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='ThreadRef',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'ref', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source_id', models.UUIDField()),
                ('ref', models.TextField()),
                ('thread_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['thread_id'], name='activity_ref_thread')],
            },
        ),
        migrations.CreateModel(
            name='ThreadWanted',
            fields=[
                ('pk', models.CompositePrimaryKey('source_id', 'ref', 'thread_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('source_id', models.UUIDField()),
                ('ref', models.TextField()),
                ('thread_id', models.UUIDField()),
            ],
            options={
                'indexes': [models.Index(fields=['thread_id'], name='activity_wanted_thread')],
            },
        ),
    ]
