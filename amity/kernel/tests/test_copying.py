"""What bulk writes put down is what was given to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from psycopg.types.json import Jsonb

from amity.kernel.copying import copy_insert, copy_new


class Kind(StrEnum):
    ODD = "odd\\ta\tb"


_TABLE = (
    "CREATE TEMP TABLE IF NOT EXISTS copied (n bigint, id uuid, words text, at timestamptz, flag bool, share float8, "
    "raw bytea, said jsonb, list text[], PRIMARY KEY (n)) ON COMMIT DROP"
)
_COLUMNS = ["n", "id", "words", "at", "flag", "share", "raw", "said", "list"]
_words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
_rows = st.lists(
    st.tuples(
        st.none() | st.uuids(),
        _words | st.none() | st.just(Kind.ODD),
        st.datetimes(timezones=st.just(timezone(timedelta(hours=5.5)))),
        st.booleans(),
        st.floats(allow_nan=False),
        st.binary(),
        st.dictionaries(_words, _words),
        st.none() | st.lists(_words),
    ),
    max_size=80,
)


class CopiedRows(TestCase):
    @given(_rows)
    def test_rows_come_back_as_they_went(self, rows: list[tuple[Any, ...]]) -> None:
        numbered = [(number, *row[:6], Jsonb(row[6]), row[7]) for number, row in enumerate(rows)]
        for write in (copy_new, copy_insert):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_TABLE)
                cursor.execute("DELETE FROM copied")
                write("copied", _COLUMNS, numbered)
                cursor.execute(
                    "SELECT id, words, at, flag, share, raw, said::text, list FROM copied ORDER BY n"
                )
                found = [(*row[:5], bytes(row[5]), json.loads(row[6]), row[7]) for row in cursor.fetchall()]
            assert found == rows


@pytest.mark.django_db
def test_a_nul_is_refused_as_by_any_other_statement() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with pytest.raises(psycopg.DataError, match="NUL"):
            copy_new("copied", ["n", "words"], [(1, "a\x00b")])
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_row_that_is_there_is_refused_with_all_others() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLE)
        copy_new("copied", ["n", "id"], [(1, UUID(int=1))])
        with pytest.raises(Exception, match="copied_pkey"), transaction.atomic():
            copy_new("copied", ["n", "id"], [(2, UUID(int=2)), (1, UUID(int=1))])
        cursor.execute("SELECT count(*) FROM copied")
        assert cursor.fetchone() == (1,)


def test_dates_keep_their_instant() -> None:
    at = datetime(2026, 5, 1, 12, 30, 15, 123_456, tzinfo=UTC)
    assert datetime.fromisoformat(str(at)) == at
