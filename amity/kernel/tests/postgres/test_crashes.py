"""What a kill leaves behind never stops the next start, and never costs an acknowledged row."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

import psycopg
import pytest

from amity.kernel.postgres import Cluster, Phase
from amity.kernel.tests.postgres.conftest import RunPython

WRITER = """
import psycopg
with psycopg.connect(cluster.url(), autocommit=True) as database:
    for number in range(10**9):
        database.execute("insert into written values (%s, %s)", [int(os.getpid()), number])
        print(number)
"""
SUBREAPER = """
import ctypes  # become the parent of the orphans of our children (PR_SET_CHILD_SUBREAPER)
assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
cluster.ensure_running()
print(cluster.status().pid)
time.sleep(600)
"""


def _kill_postmaster(cluster: Cluster) -> int:
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return pid


def _rows_of(database: psycopg.Connection, writer: int) -> int:
    found = database.execute("select count(*) from written where writer = %s", [writer]).fetchone()
    database.commit()
    assert found is not None
    return int(found[0])


def test_acknowledged_rows_survive_a_killed_server(cluster: Cluster, run_python: RunPython) -> None:
    with psycopg.connect(cluster.ensure_running().url) as database:
        database.execute("create table written (writer int, number int)")
        database.commit()
        writers = [run_python(WRITER, cluster.home) for _ in range(3)]
        deadline = time.monotonic() + 30
        while min(_rows_of(database, writer.pid) for writer in writers) < 20 and time.monotonic() < deadline:
            time.sleep(0.1)
    _kill_postmaster(cluster)
    acknowledged = {writer.pid: len(writer.communicate(timeout=30)[0].split()) for writer in writers}
    with psycopg.connect(cluster.ensure_running().url) as database:
        kept: dict[int, int] = dict(
            database.execute("select writer, count(*) from written group by writer").fetchall()
        )
    assert min(acknowledged.values()) >= 20
    for writer, rows in acknowledged.items():
        # one more may have been committed and not yet acknowledged
        assert kept[writer] - rows in (0, 1)


def test_a_start_right_after_the_kill_waits_for_the_remains(cluster: Cluster) -> None:
    cluster.ensure_running()
    for _ in range(3):
        killed = _kill_postmaster(cluster)
        cluster.ensure_running()
        assert cluster.status().pid != killed


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs Linux: a parent that never collects its dead"
)
def test_a_dead_server_that_nobody_collects_is_replaced(cluster: Cluster, run_python: RunPython) -> None:
    keeper = run_python(SUBREAPER, cluster.home)
    assert keeper.stdout is not None
    pid = int(keeper.stdout.readline())
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)
    assert ") Z " in Path(f"/proc/{pid}/stat").read_text()
    assert cluster.status().phase in (Phase.STOPPED, Phase.ORPHANED)
    cluster.ensure_running()
    assert ") Z " in Path(f"/proc/{pid}/stat").read_text()
    assert cluster.status().pid != pid


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs Linux: /proc tells whose processes they are"
)
def test_a_query_that_goes_on_without_its_server_is_ended(cluster: Cluster, run_python: RunPython) -> None:
    busy = """
import psycopg
database = psycopg.connect(cluster.ensure_running().url, autocommit=True)
print("busy")
database.execute("do $$ declare n bigint := 0; begin while n < 100000000000 loop n := n + 1; end loop; end $$")
"""
    client = run_python(busy, cluster.home)
    assert client.stdout is not None
    client.stdout.readline()
    time.sleep(0.3)
    _kill_postmaster(cluster)
    time.sleep(0.3)
    assert cluster.status().phase is Phase.ORPHANED
    began = time.monotonic()
    cluster.ensure_running()
    assert time.monotonic() - began < 30


def test_a_pid_that_another_program_got_meanwhile_does_not_fool_it(cluster: Cluster) -> None:
    cluster.ensure_running()
    _kill_postmaster(cluster)
    pid_file = cluster.status().data_dir / "postmaster.pid"
    _first, *rest = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *rest]) + "\n")
    cluster.ensure_running()
    assert cluster.status().pid != os.getpid()


def test_a_torn_pid_file_does_not_stop_the_start(cluster: Cluster) -> None:
    cluster.ensure_running()
    _kill_postmaster(cluster)
    (cluster.status().data_dir / "postmaster.pid").write_text("12")
    cluster.ensure_running()
    assert cluster.status().running


def test_a_kill_while_the_folder_is_made_leaves_no_half_folder(
    cluster: Cluster, run_python: RunPython
) -> None:
    maker = run_python("cluster.ensure_running()", cluster.home)
    fresh = cluster.home / "postgres" / "data.new" / "base"
    deadline = time.monotonic() + 20
    while not fresh.exists():
        assert time.monotonic() < deadline
        time.sleep(0.005)
    maker.kill()
    maker.wait()
    assert not (cluster.home / "postgres" / "data").exists()
    cluster.ensure_running()
    assert cluster.status().running
    assert not fresh.exists()


def test_a_database_that_a_kill_left_unmade_is_made_later(cluster: Cluster) -> None:
    connection = cluster.ensure_running()
    with psycopg.connect(
        host=connection.host, user="postgres", dbname="postgres", autocommit=True
    ) as database:
        database.execute("drop database amity")
    with psycopg.connect(cluster.ensure_running().url) as database:
        assert database.execute("select current_database()").fetchone() == ("amity",)


def test_a_polite_stop_that_waits_for_its_clients_is_hurried(cluster: Cluster) -> None:
    with psycopg.connect(cluster.ensure_running().url):
        pid = cluster.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGTERM)
        time.sleep(0.3)
        assert cluster.status().phase is Phase.STOPPING
        cluster.ensure_running()
        assert cluster.status().pid != pid


def test_a_removed_socket_folder_is_made_again(cluster: Cluster) -> None:
    host = Path(cluster.ensure_running().host)
    cluster.stop()
    shutil.rmtree(host)
    assert Path(cluster.ensure_running().host).is_dir()
