"""The index of notes is built month by month while everybody works: an upgrade may be cut short in between."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection

migration = import_module("amity.activity.migrations.0006_notes_about_people")
_INVALID = """
    SELECT i.indexrelid::regclass::text FROM pg_index i WHERE NOT i.indisvalid
        AND i.indexrelid::regclass::text LIKE 'activity\\_%notes'
"""


@pytest.mark.django_db(transaction=True)
def test_what_an_upgrade_that_was_cut_short_left_is_built_anew() -> None:
    editor = SimpleNamespace(connection=connection)
    migration.take_away(None, editor)
    with connection.cursor() as cursor:
        cursor.execute(migration._PARTITIONS)
        ((month,), *_others) = cursor.fetchall()
        somebody = connection.copy()
        try:
            somebody.set_autocommit(False)
            with somebody.cursor() as writing:
                writing.execute(
                    f"LOCK TABLE {month} IN ROW EXCLUSIVE MODE"
                )  # the index waits for who writes there
                cursor.execute("SET statement_timeout = 300")
                with pytest.raises(OperationalError):
                    cursor.execute(f"CREATE INDEX CONCURRENTLY {month}_notes ON {month} {migration.ON}")
        finally:
            cursor.execute("RESET statement_timeout")
            somebody.close()
        cursor.execute(_INVALID)
        assert cursor.fetchall() == [(f"{month}_notes",)]
        migration.make(None, editor)
        cursor.execute(_INVALID)
        assert cursor.fetchall() == []
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", [migration.NAME])
        assert cursor.fetchone() == (True,)
