"""The triggers that write changed rows into the trail, made from what the models declare (`amity.kernel.audited`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from amity.kernel.audited import Audited, watched

TRIGGER = "amity_audit"


@dataclass(frozen=True, slots=True)
class Watch:
    """One table with its trigger. The arguments are subject, columns of its id, secret columns, quiet columns."""

    table: str
    arguments: tuple[str, str, str, str]

    def statement(self) -> str:
        told = ", ".join("'" + argument.replace("'", "''") + "'" for argument in self.arguments)
        return (
            f'CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON "{self.table}" FOR EACH ROW '
            f"WHEN (current_setting('amity.actor', true) <> '') EXECUTE FUNCTION kernel_audit_change({told})"
        )

    def mark(self) -> str:
        return hashlib.sha256(self.statement().encode()).hexdigest()[:16]


def declared() -> Iterator[tuple[type[Model], Audited]]:
    """Every watched model with its declaration."""
    others = watched()
    for model in apps.get_models(include_auto_created=True):
        audited = model.__dict__.get("audited") or others.get(model._meta.label_lower)
        if audited is not None:
            yield model, audited


def watches() -> list[Watch]:
    """The triggers that there must be, by table."""
    return sorted((_watch(model, audited) for model, audited in declared()), key=lambda watch: watch.table)


def _watch(model: type[Model], audited: Audited) -> Watch:
    columns = {field.column for field in model._meta.local_fields if field.column}
    id_columns = (
        audited.subject_id.split(",") if audited.subject_id else [f.column for f in model._meta.pk_fields]
    )
    unknown = {*audited.secret, *audited.quiet, *id_columns} - columns
    if unknown:
        raise ValueError(
            f"{model._meta.label} has no columns {sorted(unknown)} for the audit trail to leave out"
        )
    subject = audited.subject or str(model._meta.model_name)
    lists = (id_columns, audited.secret, audited.quiet)
    return Watch(model._meta.db_table, (subject, *(",".join(names) for names in lists)))  # type: ignore[arg-type]


_THERE = """
    SELECT c.relname, coalesce(obj_description(t.oid, 'pg_trigger'), '')
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = %s AND NOT t.tgisinternal AND t.tgparentid = 0 AND c.relnamespace = 'public'::regnamespace
"""


def install() -> int:
    """Bring the triggers to what the models declare; returns how many changed. Does nothing where all is right."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_THERE, [TRIGGER])
        there = dict(cursor.fetchall())
        wanted = {watch.table: watch for watch in watches()}
        changed = [watch for table, watch in wanted.items() if there.get(table) != watch.mark()]
        for watch in changed:
            cursor.execute(watch.statement())
            cursor.execute(f"COMMENT ON TRIGGER {TRIGGER} ON \"{watch.table}\" IS '{watch.mark()}'")
        for table in there.keys() - wanted.keys():
            cursor.execute(f'DROP TRIGGER {TRIGGER} ON "{table}"')
        return len(changed) + len(there.keys() - wanted.keys())
