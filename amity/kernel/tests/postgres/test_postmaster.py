"""Reading what a server writes about itself."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.postgres.postmaster import is_postmaster, parse_pid_file

WHOLE = "4711\n/srv/amity/postgres/data\n1763780000\n5432\n/srv/amity/postgres/socket\n\n  87212 32768\nready   \n"


def test_a_whole_pid_file_is_read() -> None:
    pid_file = parse_pid_file(WHOLE)
    assert pid_file is not None
    assert (pid_file.pid, pid_file.phase) == (4711, "ready")
    assert pid_file.started_at == datetime.fromtimestamp(1763780000, UTC)


@given(st.integers(0, len(WHOLE)))
def test_a_torn_pid_file_never_fails(length: int) -> None:
    pid_file = parse_pid_file(WHOLE[:length])
    assert pid_file is None or pid_file.pid == 4711


@pytest.mark.parametrize("text", ["", "\n\n\n", "-1\nx\n1\n", "x\ny\nz\n", "²\nx\n1\n"])
def test_rubbish_is_no_pid_file(text: str) -> None:
    assert parse_pid_file(text) is None


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs Linux: /proc tells whose processes they are"
)
def test_only_a_process_of_this_folder_counts(tmp_path: Path) -> None:
    assert not is_postmaster(os.getpid(), tmp_path)
    assert is_postmaster(os.getpid(), Path.cwd())
    assert not is_postmaster(2**22 + 1, tmp_path)
