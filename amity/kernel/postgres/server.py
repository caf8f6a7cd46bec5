"""Making, starting and ending the server process of one layout; the caller holds the start lock."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from amity.kernel.durable import sync_folder
from amity.kernel.postgres import postmaster
from amity.kernel.postgres.account import Account, server_account
from amity.kernel.postgres.binaries import Binaries, usable_binaries
from amity.kernel.postgres.errors import PostgresError
from amity.kernel.postgres.layout import PORT, Layout
from amity.kernel.postgres.locks import is_locked, locked
from amity.kernel.postgres.options import DEFAULT_OPTIONS, option_arguments
from amity.kernel.postgres.roles import APPLICATION

SUPERUSER = "postgres"
_LOG_BYTES = 8_000_000
_LOCK_SECONDS = 30.0
# the log is opened by the server's account itself; the background job makes the postmaster nobody's child to wait for
_LAUNCH = 'log=$1; shift; exec </dev/null >>"$log" 2>&1; "$@" &'
_SIGNALS = {"smart": "TERM", "fast": "INT", "immediate": "QUIT"}


class Phase(StrEnum):
    """What the server of a layout is doing. `orphaned`: the postmaster is gone, processes of it are still there."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    ORPHANED = "orphaned"


def phase_of(layout: Layout) -> Phase:
    """Look at the server; needs no lock and changes nothing."""
    pid_file = postmaster.read_pid_file(layout.data)
    alive = pid_file is not None and postmaster.is_postmaster(pid_file.pid, layout.data)
    if alive and pid_file is not None and pid_file.phase == "stopping":
        return Phase.STOPPING
    if not alive and not is_locked(layout.server_lock):
        return Phase.STOPPED
    if postmaster.answers(layout.socket, PORT):
        return Phase.READY  # also of a server in another container, whose process is not to be seen here
    return Phase.STARTING if alive else Phase.ORPHANED


def data_major(layout: Layout) -> int | None:
    """The major version that made the data folder; None if there is no folder yet.

    Raises `PostgresError` (`postgres.data_incomplete`) for a folder that PostgreSQL did not make.
    """
    try:
        return int((layout.data / "PG_VERSION").read_text().strip())
    except FileNotFoundError:
        if not layout.data.exists():
            return None
    except ValueError:
        pass
    message = (
        f"{layout.data} is not a PostgreSQL data folder. Move it away, or set AMITY_HOME to another folder."
    )
    raise PostgresError("postgres.data_incomplete", message)


def require_same_major(data: int, binaries: int, folder: Path) -> None:
    """Raise `PostgresError` (`postgres.data_newer`, `postgres.data_older`) unless these programs fit the folder."""
    if data > binaries:
        message = (
            f"{folder} was made by PostgreSQL {data}, but this Amity brings PostgreSQL {binaries} and cannot read it. "
            "Install the newer Amity that made it, or set AMITY_HOME to another folder."
        )
        raise PostgresError("postgres.data_newer", message)
    if data < binaries:
        message = (
            f"{folder} was made by PostgreSQL {data}, and this Amity brings PostgreSQL {binaries}. Save it with the "
            "older Amity (pg_dump), move the folder away, start this one, and load it again (pg_restore)."
        )
        raise PostgresError("postgres.data_older", message)


def start(layout: Layout, options: Mapping[str, str]) -> None:
    """Launch the server of a layout whose phase is `stopped`, making its data folder first if there is none.

    Returns before it accepts connections.
    """
    account = server_account(layout.data)
    major = data_major(layout)
    binaries = usable_binaries(account, layout.base)
    if major is not None:
        require_same_major(major, binaries.major, layout.data)
    layout.make_folders(account)
    _write_access_rules(layout, account)
    with locked(layout.server_lock, timeout_seconds=_LOCK_SECONDS) as lock:
        if major is None:
            _initialise(layout, account, binaries, lock)
        _clear_traces(layout)
        _launch(layout, account, binaries, options, lock)


def _initialise(layout: Layout, account: Account, binaries: Binaries, lock: int) -> None:
    """Make the data folder beside its place and move it there when it is complete: a kill leaves no half folder."""
    fresh = layout.base / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir(mode=0o700)
    if not account.is_ours:
        os.chown(fresh, account.uid, account.gid, follow_symlinks=False)
    locale = "C" if sys.platform == "darwin" else "C.UTF-8"
    done = account.run(
        [
            str(binaries.program("initdb")),
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            "--encoding=UTF8",
            f"--locale={locale}",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--lc-messages=C",
            "--data-checksums",
            "--auth-local=peer",
            "--auth-host=reject",
            "--no-instructions",
        ],
        pass_fds=[lock],
    )
    if done.returncode != 0:
        raise PostgresError(
            "postgres.create_failed", f"The database folder could not be made: {done.stderr.strip()[-2000:]}"
        )
    fresh.rename(layout.data)
    sync_folder(layout.base)


def _write_access_rules(layout: Layout, account: Account) -> None:
    """Only the socket, and only root and the server's own account, proved by the kernel (peer), not by a password."""
    rules = "local all all peer map=amity\nlocal replication all peer map=amity\n"
    names = sorted({"root", account.name})
    ident = "".join(f'amity "{name}" {role}\n' for name in names for role in (APPLICATION, SUPERUSER))
    for path, text in ((layout.hba, rules), (layout.ident, ident)):
        if path.exists() and path.read_text() == text:
            continue
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        os.chown(fresh, -1, account.gid)
        fresh.chmod(0o640)
        fresh.replace(path)


def _clear_traces(layout: Layout) -> None:
    """Remove what a killed server left: we hold its lock, so nobody lives, whatever the numbers in the files say."""
    for path in (layout.data / "postmaster.pid", *layout.socket_files):
        path.unlink(missing_ok=True)
    if layout.log.exists() and layout.log.stat().st_size > _LOG_BYTES:
        layout.log.replace(layout.log.with_name(f"{layout.log.name}.1"))


def _launch(
    layout: Layout, account: Account, binaries: Binaries, options: Mapping[str, str], lock: int
) -> None:
    ours = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(layout.socket),
        "unix_socket_permissions": "0700",
        "hba_file": str(layout.hba),
        "ident_file": str(layout.ident),
    }
    command = [str(binaries.program("postgres")), "-D", str(layout.data)]
    arguments = option_arguments(DEFAULT_OPTIONS, options, ours)
    done = account.run(
        ["/bin/sh", "-c", _LAUNCH, "amity-postgres", str(layout.log), *command, *arguments],
        pass_fds=[lock],
    )
    if done.returncode != 0:
        raise PostgresError(
            "postgres.start_failed", f"PostgreSQL could not be started: {done.stderr.strip()}"
        )


def request_stop(layout: Layout, mode: str) -> None:
    """Ask the postmaster to end (`smart`, `fast` or `immediate`); returns at once."""
    pid_file = postmaster.read_pid_file(layout.data)
    if pid_file is not None and postmaster.is_postmaster(pid_file.pid, layout.data):
        server_account(layout.data).signal([pid_file.pid], _SIGNALS[mode])


def kill_orphans(layout: Layout) -> None:
    """End what a dead postmaster left busy: a long query goes on without it and keeps the shared memory."""
    server_account(layout.data).signal(postmaster.server_processes(layout.data), "KILL")


def log_tail(layout: Layout, *, size_bytes: int = 2000) -> str:
    """The end of the server's log, for an error message; empty if there is none."""
    try:
        descriptor = os.open(layout.log, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return ""
    with os.fdopen(descriptor, "rb") as log:
        log.seek(max(0, os.fstat(descriptor).st_size - size_bytes))
        return log.read().decode(errors="replace").strip()
