"""Who uses the server holds it; the last one to let go stops it."""

from __future__ import annotations

import os
import signal

import pytest

from amity.kernel.postgres import Cluster
from amity.kernel.tests.postgres.conftest import RunPython


def test_the_only_holder_stops_the_server_when_it_leaves(cluster: Cluster) -> None:
    with cluster.held():
        assert cluster.status().running
        assert cluster.status().is_held
    assert not cluster.status().running
    assert not cluster.status().is_held


def test_a_holder_that_leaves_does_not_stop_it_under_the_feet_of_another(
    cluster: Cluster, run_python: RunPython
) -> None:
    first = cluster.hold()
    other = run_python("hold = cluster.hold(); print('held'); time.sleep(600)", cluster.home)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert first.release() is False
    assert cluster.status().running
    assert cluster.stop_if_unused() is False


def test_a_killed_holder_does_not_keep_it_alive(cluster: Cluster, run_python: RunPython) -> None:
    killed = run_python("hold = cluster.hold(); print('held'); time.sleep(600)", cluster.home)
    assert killed.stdout is not None
    assert killed.stdout.readline() == "held\n"
    killed.kill()
    killed.wait()
    assert cluster.status().running
    assert not cluster.status().is_held
    with cluster.held():
        pass
    assert not cluster.status().running


def test_a_second_holder_uses_the_server_of_the_first_and_may_stop_it(
    cluster: Cluster, run_python: RunPython
) -> None:
    first = run_python("hold = cluster.hold(); print(cluster.status().pid); time.sleep(600)", cluster.home)
    assert first.stdout is not None
    pid = int(first.stdout.readline())
    second = cluster.hold()
    assert cluster.status().pid == pid
    first.kill()
    first.wait()
    assert second.release() is True
    assert not cluster.status().running


def test_letting_go_twice_is_letting_go_once(cluster: Cluster) -> None:
    hold = cluster.hold()
    other = cluster.hold()
    assert hold.release() is False
    assert hold.release() is False
    assert other.release() is True


def test_a_failed_block_lets_go_as_well(cluster: Cluster) -> None:
    with pytest.raises(RuntimeError), cluster.held():
        raise RuntimeError
    assert not cluster.status().running


def test_a_holder_that_could_not_start_it_holds_nothing(cluster: Cluster) -> None:
    with pytest.raises(Exception, match="shared_buffers"):
        Cluster(cluster.home, {"shared_buffers": "a lot"}).hold()
    assert not cluster.status().is_held


def test_programs_that_a_holder_starts_do_not_hold(cluster: Cluster, run_python: RunPython) -> None:
    code = """
import subprocess
hold = cluster.hold()
child = subprocess.Popen(["sleep", "600"])
print(child.pid)
time.sleep(600)
"""
    holder = run_python(code, cluster.home)
    assert holder.stdout is not None
    child = int(holder.stdout.readline())
    holder.kill()
    holder.wait()
    try:
        assert not cluster.status().is_held
    finally:
        os.kill(child, signal.SIGKILL)


def test_many_holders_coming_and_going_always_find_a_server(cluster: Cluster, run_python: RunPython) -> None:
    code = """
import psycopg
for _ in range(8):
    with cluster.held() as connection, psycopg.connect(connection.url) as database:
        print(database.execute("select 1").fetchone()[0])
"""
    processes = [run_python(code, cluster.home) for _ in range(4)]
    outputs = [process.communicate(timeout=120)[0].split() for process in processes]
    assert outputs == [["1"] * 8] * 4
    assert not cluster.status().running


def test_a_holder_that_ends_in_order_on_a_signal_stops_it(cluster: Cluster, run_python: RunPython) -> None:
    code = """
import signal
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with cluster.held():
    print("held")
    time.sleep(600)
"""
    holder = run_python(code, cluster.home)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.terminate()
    assert holder.wait(timeout=30) == 0
    assert not cluster.status().running
