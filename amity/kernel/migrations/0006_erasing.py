"""Marks of erased accounts are made under a key; values of erased people can be taken out of the audit trail.

The new function of the trail's trigger refuses all that the old one refused, but for one change: emptying `before`,
`after` and `salt` of an entry, in a transaction that says that it erases. No table is rewritten.
"""

from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION kernel_audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('amity.erasing', true) = 'on'
        AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.salt = '00000000-0000-0000-0000-000000000000'
        AND to_jsonb(NEW) - '{before,after,salt}'::text[] = to_jsonb(OLD) - '{before,after,salt}'::text[]
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Correct a mistake by a new entry.';
END $$;
CREATE OR REPLACE TRIGGER kernel_audit_append_only BEFORE UPDATE OR DELETE ON kernel_audit_entry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse_change();
"""
BACKWARDS = """
CREATE OR REPLACE TRIGGER kernel_audit_append_only BEFORE UPDATE OR DELETE ON kernel_audit_entry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse();
DROP FUNCTION kernel_audit_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_erasure")]

    operations = [
        migrations.CreateModel(
            name="ErasureKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("secret", models.BinaryField(max_length=32, unique=True)),
            ],
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
