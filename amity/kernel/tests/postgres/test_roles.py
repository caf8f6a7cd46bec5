"""What the application's role can and cannot do, also when a statement of an attacker runs under it."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from amity.kernel.postgres import Cluster, roles
from amity.kernel.postgres.layout import PORT

# as the role was made by the first Amity that anybody could have data in
AS_IT_WAS = "create role amity login createdb in role pg_monitor"

REFUSED = (
    # programs
    "copy (select 1) to program 'true'",
    "create table t (x text); copy t from program 'id'",
    "create function sh(text) returns int as '/lib/x86_64-linux-gnu/libc.so.6', 'system' language c strict",
    "load '/tmp/evil.so'",
    # files
    "create table t (x text); copy t from '/etc/passwd'",
    "copy (select 1) to '/tmp/amity-written'",
    "select pg_read_file('/etc/passwd')",
    "select pg_read_binary_file('/etc/passwd')",
    "select pg_ls_dir('/')",
    "select pg_stat_file('/etc/passwd')",
    "select pg_ls_waldir()",
    "select pg_ls_logdir()",
    "select pg_current_logfile()",
    "select lo_import('/etc/passwd')",
    "select lo_export(lo_from_bytea(0, 'x'), '/tmp/amity-written')",
    # other databases and machines
    "create foreign data wrapper w",
    "create database another",
    "create subscription s connection 'host=10.0.0.1' publication p",
    # more rights
    "create role another",
    "alter role amity superuser",
    "alter role amity createdb",
    "alter role amity bypassrls",
    "alter role postgres password 'x'",
    "grant pg_execute_server_program to amity",
    "grant pg_read_server_files to amity",
    "set role postgres",
    "set session authorization postgres",
    # settings that lead there
    "alter system set archive_command = 'id'",
    "set session_preload_libraries = 'evil'",
    "set session_replication_role = replica",
    "set log_statement = 'all'",
    "show data_directory",
    "select pg_reload_conf()",
)


@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_is_refused(running: Cluster, statement: str) -> None:
    with (
        psycopg.connect(running.url(), autocommit=True) as database,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        database.execute(statement.encode())


def test_the_server_brings_no_extension_that_reaches_beyond_it(running: Cluster) -> None:
    reaching = ["file_fdw", "adminpack", "dblink", "postgres_fdw", "plpython3u", "plperlu", "pltclu"]
    with psycopg.connect(running.url()) as database:
        found = database.execute(
            "select name from pg_available_extensions where name = any(%s)", [reaching]
        ).fetchall()
    assert found == []


@pytest.mark.parametrize("name", ["postgres", "template1"])
def test_it_cannot_look_at_other_databases(running: Cluster, name: str) -> None:
    address = running.connection()
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(host=address.host, port=address.port, user=address.user, dbname=name)


def test_it_owns_its_database_and_can_do_all_there(running: Cluster) -> None:
    with psycopg.connect(running.url()) as database:
        owner = database.execute(
            "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
        ).fetchone()
        assert owner == ("amity",)
        database.execute("create schema own; create table own.t (id int); create index on own.t (id)")
        database.execute(
            "create function own.f() returns trigger language plpgsql as $$begin return new; end$$"
        )
        database.rollback()
    assert roles.powers(running.url()) == []


def test_a_home_of_an_older_amity_is_moved_over_and_keeps_its_rows(cluster: Cluster) -> None:
    cluster.ensure_running()
    with _superuser(cluster) as connection:
        connection.execute("drop database amity")
        connection.execute("drop role amity")
        connection.execute(AS_IT_WAS)
        connection.execute("create database amity owner amity")
        connection.execute("grant connect, temporary on database postgres to public")
        connection.execute("grant connect on database template1 to public")
    with psycopg.connect(cluster.url()) as database:
        database.execute("create table visit as select generate_series(1, 1000) as id")
    assert roles.powers(cluster.url()) == ["may make databases"]
    cluster.stop()

    cluster.ensure_running()
    with psycopg.connect(cluster.url()) as database:
        assert database.execute("select count(*) from visit").fetchone() == (1000,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.execute("select pg_ls_logdir()")
    assert roles.powers(cluster.url()) == []
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(cluster.url().replace("@/amity?", "@/postgres?"))


def test_only_a_home_that_says_so_lets_the_application_make_databases(cluster: Cluster) -> None:
    cluster.allow_databases()
    cluster.ensure_running()
    assert roles.powers(cluster.url()) == ["may make databases"]
    with psycopg.connect(cluster.url().replace("@/amity?", "@/postgres?"), autocommit=True) as connection:
        connection.execute("create database scratch")
    (Path(cluster.home) / "postgres" / "databases.allowed").unlink()
    cluster.ensure_running()
    assert roles.powers(cluster.url()) == []


@pytest.mark.parametrize(
    ("grant", "words"),
    [
        ("alter role amity superuser", ["is a superuser"]),
        ("grant pg_execute_server_program to amity", ["may run programs on the server"]),
        ("grant pg_read_server_files to amity", ["may read files of the server"]),
        ("alter role amity createrole", ["may make roles"]),
    ],
)
def test_a_role_that_may_too_much_is_named_and_put_right_at_the_next_start(
    running: Cluster, grant: str, words: list[str]
) -> None:
    with _superuser(running) as connection:
        connection.execute(sql.SQL(grant))
    assert roles.powers(running.url()) == words
    running.ensure_running()
    assert roles.powers(running.url()) == []


def _superuser(cluster: Cluster) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=cluster.connection().host, port=PORT, user="postgres", dbname="postgres", autocommit=True
    )
