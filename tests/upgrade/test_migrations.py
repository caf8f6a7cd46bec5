"""A migration changes a large table only in ways that do not make its users wait. Checked from the last release on."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, CheckConstraint, ForeignKey, ManyToManyField

from amity.site import upgrading
from amity.site.upgrading import TablesInUse
from tests.upgrade.test_upgrade import DUMP

# tables that grow with every message, person or order
LARGE = {
    "activity.activity", "activity.activitykey", "activity.attachment", "channels.item", "commerce.order",
    "commerce.orderline", "conversations.conversation", "conversations.conversationthread", "kernel.transition",
    "kernel.auditentry", "kernel.auditseal", "people.identity", "people.link", "people.person", "people.sighting",
}  # fmt: skip
# "app.name": why it may nevertheless
ALLOWED: dict[str, str] = {}


def released() -> set[str]:
    """The migrations of the last release: they ran on empty tables or are behind everybody."""
    dump = lzma.decompress(DUMP.read_bytes()).decode()
    table = re.search(r"COPY public\.django_migrations .*?\n(.*?)\n\\\.", dump, re.DOTALL)
    assert table
    return {".".join(line.split("\t")[1:3]) for line in table[1].splitlines()}


def new_migrations() -> Iterator[Migration]:
    before = released()
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if f"{app}.{name}" not in before and migration.__module__.startswith("amity."):
            yield migration


def faults(migration: Migration) -> Iterator[str]:
    """What makes users of a large table wait while the whole of it is read or written."""
    made_here = {
        f"{migration.app_label}.{operation.name.lower()}"
        for operation in migration.operations
        if isinstance(operation, operations.CreateModel)
    }
    for operation in migration.operations:
        table = f"{migration.app_label}.{getattr(operation, 'model_name', '').lower()}"
        if table not in LARGE - made_here:
            continue
        if isinstance(operation, operations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
            yield f"{table}: AddIndex blocks writes while it is built; AddIndexConcurrently with atomic = False"
        if isinstance(operation, operations.RemoveIndex) and not isinstance(
            operation, RemoveIndexConcurrently
        ):
            yield f"{table}: RemoveIndexConcurrently"
        if isinstance(operation, operations.AddConstraint):
            how = (
                "AddConstraintNotValid, then ValidateConstraint"
                if isinstance(operation.constraint, CheckConstraint)
                else "a unique index made concurrently"
            )
            yield f"{table}: AddConstraint reads the whole table under a lock; {how}"
        if isinstance(operation, operations.AlterField):
            yield f"{table}: AlterField may rewrite the table; say in ALLOWED why it does not"
        if isinstance(operation, operations.AddField):
            yield from _fault_of_new_field(table, operation)


def _fault_of_new_field(table: str, operation: operations.AddField) -> Iterator[str]:
    field = operation.field
    if isinstance(field, ManyToManyField):
        return
    is_checked = isinstance(field, ForeignKey) and getattr(
        field, "db_constraint", True
    )  # without, it is a column as any other
    if is_checked or field.unique or getattr(field, "db_index", False):
        yield f"{table}: AddField {operation.name} with a key or an index; add the column, then the index concurrently"
    elif not field.null and callable(field.default) and field.default is not NOT_PROVIDED:
        yield f"{table}: AddField {operation.name} with a computed default; make it null, fill it in parts"


def test_no_migration_makes_users_of_a_large_table_wait() -> None:
    found = {
        f"{migration.app_label}.{migration.name}": list(faults(migration)) for migration in new_migrations()
    }
    assert found  # there are migrations since, so something was looked at
    assert {name: wrong for name, wrong in found.items() if wrong and name not in ALLOWED} == {}


def test_the_check_sees_what_it_is_for() -> None:
    from django.db import models

    slow = Migration("slow", "people")
    slow.operations = [  # type: ignore[misc]  # an instance has its own
        operations.AddIndex("person", models.Index(fields=["name"], name="slow")),
        operations.AddConstraint(
            "person", models.CheckConstraint(condition=models.Q(name="x"), name="slow2")
        ),
        operations.AlterField("person", "name", models.TextField()),
        operations.AddField("person", "boss", models.ForeignKey("people.Person", models.CASCADE, null=True)),
        operations.AddField("team", "boss", models.ForeignKey("people.Person", models.CASCADE, null=True)),
    ]
    assert len(list(faults(slow))) == 4


@pytest.mark.django_db(transaction=True)
def test_a_step_that_finds_a_table_in_use_does_not_hold_up_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody reads a table for long: the step gives up soon, so that whoever comes after it need not wait."""
    monkeypatch.setattr(upgrading, "LOCK_TIMEOUT_S", 1)
    monkeypatch.setattr(upgrading, "missing_steps", lambda: [upgrading.Step("a.b", ())])
    monkeypatch.setattr(upgrading, "call_command", lambda *_, **__: _change_table())
    parameters = connection.get_connection_params()
    url = {key: parameters[key] for key in ("host", "port", "user", "dbname") if parameters.get(key)}
    with psycopg.connect(**url) as reader:
        reader.execute("SELECT count(*) FROM kernel_team")
        with pytest.raises(TablesInUse, match="amity migrate"):
            upgrading.upgrade(attempts=2, pause_s=0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def _change_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_team ADD COLUMN never int")
