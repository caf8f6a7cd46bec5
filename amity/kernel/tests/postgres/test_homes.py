"""Homes that need care, and homes that are refused with a reason."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

import psycopg
import pytest

from amity.kernel.postgres import Cluster, PostgresError, account, binaries, default_home
from amity.kernel.postgres.layout import Layout

AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason="shows what happens to root; an ordinary user is never in it"
)
AS_USER = pytest.mark.skipif(
    os.geteuid() == 0, reason="shows what happens to an ordinary user; root may do anything"
)


def _answers(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.ensure_running().url) as database:
        return database.execute("select 1").fetchone() == (1,)


def _with_version(cluster: Cluster, version: str) -> PostgresError:
    cluster.ensure_running()
    cluster.stop()
    (cluster.status().data_dir / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(PostgresError) as caught:
        cluster.ensure_running()
    assert not cluster.status().running
    return caught.value


def test_a_folder_of_a_newer_version_is_refused(cluster: Cluster) -> None:
    error = _with_version(cluster, "99")
    assert error.code == "postgres.data_newer"
    assert "PostgreSQL 99" in error.message
    assert "AMITY_HOME" in error.message


def test_a_folder_of_an_older_version_is_refused(cluster: Cluster) -> None:
    error = _with_version(cluster, "14")
    assert error.code == "postgres.data_older"
    assert "pg_dump" in error.message


def test_a_folder_that_is_no_database_is_refused(cluster: Cluster) -> None:
    cluster.ensure_running()
    cluster.stop()
    (cluster.status().data_dir / "PG_VERSION").unlink()
    with pytest.raises(PostgresError) as caught:
        cluster.ensure_running()
    assert caught.value.code == "postgres.data_incomplete"


def test_a_very_long_home_gets_a_short_socket_of_its_own(open_folder: Path) -> None:
    one = Cluster(open_folder / ("long" * 30) / ("deep" * 30) / "one")
    two = Cluster(open_folder / ("long" * 30) / ("deep" * 30) / "two")
    assert _answers(one)
    assert _answers(two)
    assert one.connection().host != two.connection().host
    assert Path(one.connection().host).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "name", ["with space", "comma,quote'", 'dollar $(false) "x" `y`', "ünïcode", "per%20cent&a=b"]
)
def test_an_odd_name_is_a_name_like_any_other(open_folder: Path, name: str) -> None:
    assert _answers(Cluster(open_folder / name))


def test_a_linked_home_is_the_home_that_it_points_to(open_folder: Path) -> None:
    (open_folder / "link").symlink_to(open_folder / "real")
    (open_folder / "real").mkdir(mode=0o711)
    assert Cluster(open_folder / "link").url() == Cluster(open_folder / "real").url()


def test_a_short_socket_folder_of_somebody_else_is_refused(open_folder: Path) -> None:
    cluster = Cluster(open_folder / ("long" * 30))
    squatted = Path(cluster.connection().host)
    squatted.mkdir(mode=0o777)
    squatted.chmod(0o777)
    try:
        with pytest.raises(PostgresError) as caught:
            cluster.ensure_running()
    finally:
        squatted.rmdir()
    assert caught.value.code == "postgres.socket_folder_unsafe"


def test_a_strict_umask_does_not_close_the_way_to_the_data(open_folder: Path) -> None:
    before = os.umask(0o077)
    try:
        assert _answers(Cluster(open_folder / "a" / "b" / "home"))
    finally:
        os.umask(before)


@AS_ROOT
def test_root_hears_which_folder_keeps_the_server_out_and_leaves_nothing(open_folder: Path) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(PostgresError) as caught:
        Cluster(private / "of" / "mine").ensure_running()
    assert caught.value.code == "postgres.home_unreachable"
    assert f"may not enter {private} " in caught.value.message
    assert "/var/lib/amity" in caught.value.message
    assert list(private.iterdir()) == []
    assert private.stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_for_root_the_server_runs_as_an_account_of_its_own(cluster: Cluster) -> None:
    cluster.ensure_running()
    pid = cluster.status().pid
    uid = Path(f"/proc/{pid}").stat().st_uid
    assert uid != 0
    assert cluster.status().data_dir.stat().st_uid == uid
    status = Path(f"/proc/{pid}/status").read_text()
    groups = next(line for line in status.splitlines() if line.startswith("Groups:"))
    assert groups.split()[1:] in ([], [str(pwd.getpwuid(uid).pw_gid)])


@AS_ROOT
def test_for_root_an_account_that_is_there_will_do(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_add_preferred", lambda: None)
    monkeypatch.setattr(account, "PREFERRED_NAME", "no-such-account")
    assert _answers(cluster)
    owner = pwd.getpwuid(cluster.status().data_dir.stat().st_uid).pw_name
    monkeypatch.undo()
    cluster.stop()
    assert _answers(cluster)
    assert pwd.getpwuid(cluster.status().data_dir.stat().st_uid).pw_name == owner
    assert owner in ("postgres", "nobody")


@AS_ROOT
def test_for_root_programs_out_of_reach_are_copied_once(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = binaries.wheel_tree().parent
    hidden = open_folder / "hidden"
    hidden.mkdir(mode=0o700)
    shutil.copytree(binaries.wheel_tree(), hidden / package.name / binaries.wheel_tree().name)
    shutil.copytree(package.with_name(f"{package.name}.libs"), hidden / f"{package.name}.libs")
    monkeypatch.setattr(binaries, "wheel_tree", lambda: hidden / package.name / "pginstall18")
    cluster = Cluster(open_folder / "home")
    assert _answers(cluster)
    (copy,) = (cluster.home / "postgres").glob("bin-*")
    assert not list(copy.rglob("include"))
    made = copy.stat().st_ctime_ns
    cluster.stop()
    assert _answers(cluster)
    assert copy.stat().st_ctime_ns == made
    assert hidden.stat().st_mode & 0o777 == 0o700


@AS_USER
def test_a_user_hears_that_a_home_cannot_be_made(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(PostgresError) as caught:
        Cluster(closed / "home").ensure_running()
    assert caught.value.code == "postgres.home_unreachable"
    assert "AMITY_HOME" in caught.value.message


@AS_USER
def test_a_user_may_not_touch_the_server_of_somebody_else(open_folder: Path) -> None:
    cluster = Cluster(open_folder / "home")
    base = open_folder / "home" / "postgres"
    base.mkdir(parents=True)
    base.chmod(0)
    try:
        for act in (
            cluster.ensure_running,
            cluster.hold,
            cluster.status,
            cluster.stop,
            cluster.stop_if_unused,
        ):
            with pytest.raises(PostgresError) as caught:
                act()
            assert caught.value.code == "postgres.home_not_ours"
    finally:
        base.chmod(0o700)


@AS_USER
def test_for_a_user_the_server_runs_as_that_user(cluster: Cluster) -> None:
    cluster.ensure_running()
    assert Path(f"/proc/{cluster.status().pid}").stat().st_uid == os.geteuid()


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    monkeypatch.setattr(binaries, "_PACKAGE", "no_such_package_here")
    with pytest.raises(PostgresError) as caught:
        cluster.ensure_running()
    assert caught.value.code == "postgres.wheel_missing"
    assert "AMITY_DATABASE_URL" in caught.value.message


def test_the_default_home_is_where_the_system_expects_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_home({"AMITY_HOME": "/somewhere/else"}) == Path("/somewhere/else")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home({}) == Path("/var/lib/amity")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert default_home({"XDG_DATA_HOME": "/of/mine"}) == Path("/of/mine/amity")
    assert default_home({"XDG_DATA_HOME": "relative"}) == Path.home() / ".local" / "share" / "amity"


@pytest.mark.parametrize("length", [1, 60, 75, 80, 90, 200])
def test_a_socket_path_always_fits(length: int) -> None:
    socket, lock = Layout(Path("/" + "x" * length)).socket_files
    assert len(str(socket)) <= 103
    assert lock.name == f"{socket.name}.lock"
