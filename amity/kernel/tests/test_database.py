"""When a connection to the database is asked whether it still holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from psycopg import Cursor, Error

from amity.kernel.database import base


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to the server past Django, as its look after a connection is."""
    seen: list[str] = []
    execute = Cursor.execute

    def told(self: Any, query: Any, *more: Any, **options: Any) -> Any:
        seen.append(query)
        return execute(self, query, *more, **options)

    monkeypatch.setattr(Cursor, "execute", told)
    return seen


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_asked_after_a_rest_and_not_before_each_request(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    connection.ensure_connection()
    asked.clear()
    assert connection.is_usable()
    assert not asked, "it answered when it was made"
    monkeypatch.setattr(base, "TRUSTED_S", 0.0)
    assert connection.is_usable()
    assert asked == ["SELECT 1"]


@pytest.mark.django_db(transaction=True)
def test_a_server_that_went_away_is_noticed_before_the_next_request() -> None:
    connection.ensure_connection()
    assert connection.is_usable()
    lost = connection.connection.info.backend_pid
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
    assert not connection.is_usable()
    connection.close_if_unusable_or_obsolete()
    with CaptureQueriesContext(connection), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone() != (lost,)
    assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_stuck_in_a_failed_transaction_does_not_hold() -> None:
    connection.close()
    connection.ensure_connection()
    raw = connection.connection
    raw.autocommit = False
    with pytest.raises(Error):
        raw.execute("SELECT 1 / 0")
    assert not connection.is_usable()
    connection.close()
