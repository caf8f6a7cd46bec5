"""The partitioned activity table by SQL, the tables beside it by the ORM."""

from django.db import migrations, models

import amity.activity.models

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

FIELDS = [
    ("pk", models.CompositePrimaryKey("occurred_at", "id", blank=True, editable=False, primary_key=True, serialize=False)),
    ("id", models.UUIDField(editable=False)),
    ("occurred_at", models.DateTimeField(verbose_name="when")),
]


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(TABLE, "DROP TABLE activity_activity"),
    ]
