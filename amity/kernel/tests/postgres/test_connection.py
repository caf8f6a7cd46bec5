"""Addresses, and servers of somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from amity.kernel.postgres import Cluster, Connection, PostgresError, check_server_version
from amity.kernel.postgres.connection import require_version

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(host=NAMES, user=NAMES, dbname=NAMES)
def test_libpq_reads_an_address_as_it_was_meant(host: str, user: str, dbname: str) -> None:
    connection = Connection(f"/{host}", 5432, user, dbname)
    assert conninfo_to_dict(connection.url) == {
        "host": f"/{host}",
        "port": "5432",
        "user": user,
        "dbname": dbname,
    }


def test_a_server_that_is_new_enough_says_its_version(running: Cluster) -> None:
    url = running.url()
    assert check_server_version(url) == running.status().version


@pytest.mark.parametrize("number", [90624, 140011, 149999])
def test_a_server_that_is_too_old_is_refused(number: int) -> None:
    with pytest.raises(PostgresError) as caught:
        require_version(number)
    assert caught.value.code == "postgres.server_too_old"
    assert "15 or newer" in caught.value.message


@pytest.mark.parametrize("number", [150000, 150020, 180004, 200000])
def test_fifteen_and_newer_will_do(number: int) -> None:
    require_version(number)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with pytest.raises(PostgresError) as caught:
        check_server_version("postgresql://amity:s3cret@127.0.0.1:1/amity")
    assert caught.value.code == "postgres.server_unreachable"
    assert "127.0.0.1" in caught.value.message
    assert "s3cret" not in caught.value.message


def test_an_address_that_is_none_is_refused_without_the_password() -> None:
    with pytest.raises(PostgresError) as caught:
        check_server_version("postgresql//amity:s3cret@db/amity")
    assert caught.value.code == "postgres.address_invalid"
    assert "s3cret" not in caught.value.message
    assert caught.value.__suppress_context__
