"""The operating system account that runs the server: never root, PostgreSQL refuses that."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from amity.kernel.postgres.errors import PostgresError

PREFERRED_NAME = "amity"
_FALLBACK_NAMES = ("postgres", "nobody")
_USERADD_LOCKED = {1, 10}  # exit codes of useradd while another process writes the account files


@dataclass(frozen=True, slots=True)
class Account:
    """An account by name and numbers; `run` does something in its name."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether this process already runs as this account."""
        return self.uid == os.geteuid()

    def run(self, argv: Sequence[str], *, pass_fds: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
        """Run a program as this account to its end, in `/`, with a bare environment and a private umask.

        Both outputs are captured. Raises `PermissionError` where the account cannot reach the program, and
        `FileNotFoundError` where there is none.
        """
        return subprocess.run(
            list(argv),
            check=False,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd="/",
            env={"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,
            pass_fds=tuple(pass_fds),
            umask=0o077,
            user=None if self.is_ours else self.uid,
            group=None if self.is_ours else self.gid,
            extra_groups=None if self.is_ours else [],
        )

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may pass through `folder`, access lists and mount options included."""
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]).returncode == 0

    def signal(self, pids: Sequence[int], name: str) -> None:
        """Send signal `name` (`INT`, `QUIT`, `KILL`) in this account's name, so it can only hit its own processes.

        The numbers come from files which this account may write; root must not act on them itself. A process
        that is gone by now is no error.
        """
        if pids:
            self.run(["/bin/sh", "-c", 'kill -s "$@"', "sh", name, *map(str, pids)])


def server_account(data: Path) -> Account:
    """Choose the account that runs the server of `data`.

    An ordinary user runs it as themselves. Root runs it as the owner of an existing folder, else as the system
    account `amity` (made on first use), else as `postgres` or `nobody`. Raises `PostgresError`
    (`postgres.home_not_ours`, `postgres.account_unusable`).
    """
    owner = require_access(data)
    if os.geteuid() != 0:
        return _by_uid(os.geteuid())
    if owner == 0:
        message = f"{data} belongs to root, but PostgreSQL refuses to run as root. Give it to its account: chown -R."
        raise PostgresError("postgres.home_not_ours", message)
    account = _by_uid(owner) if owner is not None else _unprivileged()
    _require_change_of_user(account)
    return account


def require_access(data: Path) -> int | None:
    """The user number that owns a data folder, None if there is none.

    Raises `PostgresError` (`postgres.home_not_ours`) if this process is neither its owner nor root.
    """
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        return None
    except PermissionError:
        message = f"{data} cannot be read by this account. Run Amity as the account that made it, or set AMITY_HOME."
        raise PostgresError("postgres.home_not_ours", message) from None
    if os.geteuid() not in (0, owner):
        message = (
            f"{data} belongs to another account (uid {owner}). Run Amity as that account, or set AMITY_HOME."
        )
        raise PostgresError("postgres.home_not_ours", message)
    return owner


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        message = f"The user number {uid} has no name on this machine, and PostgreSQL needs one: add it with useradd."
        raise PostgresError("postgres.account_unusable", message) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _by_name(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


def _unprivileged() -> Account:
    _add_preferred()
    for name in (PREFERRED_NAME, *_FALLBACK_NAMES):
        account = _by_name(name)
        if account is not None:
            return account
    message = (
        "PostgreSQL refuses to run as root, and there is no account to run it as: useradd --system amity."
    )
    raise PostgresError("postgres.account_unusable", message)


def _add_preferred() -> None:
    """Make the system account `amity`; where that is impossible (read-only /etc) the fallbacks are there."""
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return
    command = [
        useradd,
        "--system",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]
    for _attempt in range(5):
        if _by_name(PREFERRED_NAME) is not None:
            return
        done = subprocess.run([*command, PREFERRED_NAME], check=False, capture_output=True)
        if done.returncode not in _USERADD_LOCKED:
            return
        time.sleep(0.2)


def _require_change_of_user(account: Account) -> None:
    try:
        account.run(["/bin/sh", "-c", ":"])
    except PermissionError:
        message = (
            "PostgreSQL refuses to run as root, and this root may not change to another user "
            f"(tried {account.name}). Run Amity as an ordinary user, or allow the SETUID and SETGID capabilities."
        )
        raise PostgresError("postgres.account_unusable", message) from None
