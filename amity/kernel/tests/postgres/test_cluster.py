"""A server from nothing to its stop."""

from __future__ import annotations

import socket
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from amity.kernel.postgres import Cluster, Phase, PostgresError
from amity.kernel.tests.postgres.conftest import RunPython


def test_it_starts_and_stops_twice_and_keeps_its_rows(cluster: Cluster) -> None:
    for count in (1, 2):
        connection = cluster.ensure_running()
        with psycopg.connect(connection.url) as database:
            database.execute("create table if not exists visit (at timestamptz default now())")
            database.execute("insert into visit default values")
            row = database.execute("select count(*) from visit").fetchone()
        assert row == (count,)
        cluster.stop()
        assert cluster.status().phase is Phase.STOPPED


def test_asking_again_keeps_the_same_server(running: Cluster) -> None:
    running.ensure_running()
    first = running.status()
    running.ensure_running()
    assert running.status().pid == first.pid


def test_six_processes_at_once_get_one_server(cluster: Cluster, run_python: RunPython) -> None:
    code = "cluster.ensure_running(); print(cluster.status().pid)"
    processes = [run_python(code, cluster.home) for _ in range(6)]
    pids = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0] * 6
    assert pids == {str(cluster.status().pid)}


def test_two_homes_have_two_servers_side_by_side(open_folder: Path) -> None:
    one, two = Cluster(open_folder / "one"), Cluster(open_folder / "two")
    with one.held(), two.held():
        assert one.status().pid != two.status().pid
        one.stop()
        assert two.status().running


def test_the_status_tells_what_runs_without_starting_it(cluster: Cluster) -> None:
    before = cluster.status()
    assert (before.phase, before.pid, before.version, before.size_bytes) == (Phase.STOPPED, None, None, 0)
    assert not cluster.home.exists()
    cluster.ensure_running()
    running = cluster.status()
    assert running.running
    assert running.version is not None
    assert int(running.version.split(".")[0]) == running.data_major
    assert running.size_bytes > 20_000_000
    assert running.started_at is not None
    assert running.started_at.tzinfo is not None


def test_stopping_what_never_ran_does_nothing(cluster: Cluster) -> None:
    cluster.stop()
    assert cluster.stop_if_unused()
    assert not cluster.home.exists()


def test_text_is_utf8_and_other_alphabets_have_case(running: Cluster) -> None:
    with psycopg.connect(running.url()) as database:
        row = database.execute(
            "select lower('ÀÉΣЖ'), current_setting('server_encoding'), current_setting('data_checksums')"
        ).fetchone()
    assert row == ("àéσж", "UTF8", "on")


def test_it_listens_on_no_network_address(running: Cluster) -> None:
    with psycopg.connect(running.url()) as database:
        assert database.execute("show listen_addresses").fetchone() == ("",)
        assert database.execute("show fsync").fetchone() == ("on",)
    pid = running.status().pid
    inodes = {str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir() if path.is_symlink()}
    listening = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()
    ]
    assert not [fields for fields in listening if f"socket:[{fields[9]}]" in inodes]


def test_the_folders_of_the_server_are_closed_to_others(running: Cluster) -> None:
    connection = running.ensure_running()
    base = running.home / "postgres"
    assert {oct((base / name).stat().st_mode & 0o077) for name in ("data", "log")} == {"0o0"}
    assert Path(connection.host).stat().st_mode & 0o077 == 0
    assert base.stat().st_mode & 0o007 == 0


def test_the_log_holds_no_words_of_customers(running: Cluster) -> None:
    with psycopg.connect(running.url(), autocommit=True) as database:
        database.execute("create table person (email text unique)")
        database.execute("insert into person values ('ada@example.org')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            database.execute("insert into person values ('ada@example.org')")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            database.execute("select 'ada@example.org'::int")
    log = running.status().log_file.read_text()
    assert "ready to accept connections" in log
    assert "ada@example.org" not in log


def test_settings_of_the_operator_win_over_ours(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMITY_POSTGRES_OPTIONS", "max_connections=33 work_mem='9 MB'")
    with psycopg.connect(cluster.ensure_running().url) as database:
        assert database.execute("show max_connections").fetchone() == ("33",)
        assert database.execute("show work_mem").fetchone() == ("9MB",)
        assert database.execute("show jit").fetchone() == ("off",)


def test_a_server_that_cannot_start_shows_the_end_of_its_log(cluster: Cluster) -> None:
    with pytest.raises(PostgresError) as caught:
        Cluster(cluster.home, {"shared_buffers": "a lot"}).ensure_running()
    assert caught.value.code == "postgres.start_failed"
    assert "shared_buffers" in caught.value.message
    assert cluster.ensure_running().url == cluster.url()  # and the next attempt is free to succeed


def test_the_connection_is_known_before_the_server_runs(cluster: Cluster) -> None:
    url = cluster.url()
    assert not cluster.home.exists()
    assert cluster.ensure_running().url == url
    parts = conninfo_to_dict(url)
    assert parts["host"] == cluster.connection().host
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"{parts['host']}/.s.PGSQL.{parts['port']}")
