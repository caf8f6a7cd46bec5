"""Who runs Amity where, and which ports are free."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from amity.site.cli.home import AlreadyRunning, Running, only_one_here, running
from amity.site.cli.ports import PortTaken, is_healthy, is_listening, reachable, require_free

STATE = Running(
    pid=4711,
    url="http://127.0.0.1:8000",
    live_url="http://127.0.0.1:8001",
    since="2026-03-17",
    processes={"web": 4712},
)


def test_nobody_runs_in_a_new_folder(tmp_path: Path) -> None:
    assert running(tmp_path) is None


def test_a_second_one_is_told_where_the_first_one_runs(tmp_path: Path) -> None:
    with only_one_here(tmp_path) as file:
        file.write(STATE)
        assert running(tmp_path) == STATE
        with pytest.raises(AlreadyRunning, match="already at http://127"), only_one_here(tmp_path):
            pass
    assert running(tmp_path) is None


def test_what_a_killed_one_left_behind_does_not_count(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from amity.site.cli.home import *; "
        "cm = only_one_here(pathlib.Path(sys.argv[1])); file = cm.__enter__(); "
        "file.write(Running(1, 'u', 'l', 's', {})); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert (tmp_path / "run.json").read_text()
    assert running(tmp_path) is None
    with only_one_here(tmp_path):
        pass


def test_a_port_in_use_is_refused_with_another_one_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert is_listening("127.0.0.1", port)
        with pytest.raises(PortTaken, match=f"--port {port + 10}"):
            require_free("127.0.0.1", port, what="the pages")
    require_free("127.0.0.1", port, what="the pages")
    assert not is_listening("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused_in_words() -> None:
    with pytest.raises(PortTaken, match=r"not an address of this machine|cannot be listened on"):
        require_free("no-such-name.invalid", 8000, what="the pages")


def test_a_server_that_listens_everywhere_is_asked_on_this_machine() -> None:
    assert reachable("0.0.0.0") == "127.0.0.1"
    assert reachable("::") == "::1"
    assert reachable("192.0.2.7") == "192.0.2.7"


def test_something_that_takes_connections_and_says_nothing_is_not_healthy() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert not is_healthy("127.0.0.1", mute.getsockname()[1])
