"""Where everything of one server lies, and who may enter it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from amity.kernel.postgres.account import Account
from amity.kernel.postgres.errors import PostgresError
from amity.kernel.postgres.locks import make_lock

PORT = 5432  # only a part of the socket's file name: nothing listens on TCP
_SOCKET_NAME = f".s.PGSQL.{PORT}"
_SOCKET_PATH_BYTES = 103  # sun_path on macOS; Linux has four more
# both the server and libpq read a list of folders there, with commas
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._+=@-]+")
# the same for every process, whatever its TMPDIR or XDG_RUNTIME_DIR; `make_folders` checks whose folder it is
_SHORT_RUNTIME = Path("/tmp")  # noqa: S108


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one `AMITY_HOME`.

    As root, `base` and what lies directly in it belong to root and the server's account gets folders of its own
    (data, log, socket): so root never writes or follows a path that this account could have bent.
    """

    home: Path

    @property
    def base(self) -> Path:
        """The folder of the server's folders."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """The server's log file; its predecessor lies beside it with the ending `.1`."""
        return self.base / "log" / "postgres.log"

    @property
    def start_lock(self) -> Path:
        """Held exclusively by whoever starts or stops the server."""
        return self.base / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Held shared by every process that uses the server."""
        return self.base / "users.lock"

    @property
    def server_lock(self) -> Path:
        """Held exclusively by the server itself: the postmaster and all that it forks inherit the descriptor."""
        return self.base / "server.lock"

    @property
    def databases_allowed(self) -> Path:
        """There in the homes of tests and benches, where the application may make databases."""
        return self.base / "databases.allowed"

    @property
    def hba(self) -> Path:
        """Who may connect (pg_hba.conf)."""
        return self.base / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        """Which accounts may take which database role (pg_ident.conf)."""
        return self.base / "pg_ident.conf"

    @property
    def socket(self) -> Path:
        """The folder of the unix socket: in `base`, or a short one where that path is too long or too odd."""
        folder = self.base / "socket"
        path = str(folder / _SOCKET_NAME)
        if len(os.fsencode(path)) <= _SOCKET_PATH_BYTES and _PLAIN_PATH.fullmatch(path):
            return folder
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return _SHORT_RUNTIME / f"amity-{digest}"

    @property
    def socket_files(self) -> tuple[Path, Path]:
        """The socket and its lock file."""
        return self.socket / _SOCKET_NAME, self.socket / f"{_SOCKET_NAME}.lock"

    def make_base(self, account: Account) -> None:
        """Create home and `base` where they are absent. Raises `PostgresError` (`postgres.home_unreachable`) and leaves
        nothing behind if `account` could not enter them; never changes a folder that was there before.
        """
        _require_entry(self.home, account)
        _make_home(self.home)
        if _make_folder(self.base, 0o750):
            os.chown(self.base, -1, account.gid, follow_symlinks=False)
        for lock in (self.start_lock, self.users_lock, self.server_lock):
            make_lock(lock, account.gid)
        if not account.can_enter(self.base):
            raise _unreachable(self.base, self.home, account)

    def make_folders(self, account: Account) -> None:
        """Create the folders of the server's account; call it under the start lock.

        Raises `PostgresError` (`postgres.socket_folder_unsafe`) if somebody else made the short socket folder.
        """
        for folder in (self.log.parent, self.socket):
            if _make_folder(folder, 0o700) and not account.is_ours:
                os.chown(folder, account.uid, account.gid, follow_symlinks=False)
        found = self.socket.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
            message = f"{self.socket} must be a folder that {account.name} alone may enter. Remove it and try again."
            raise PostgresError("postgres.socket_folder_unsafe", message)


def _require_entry(home: Path, account: Account) -> None:
    """Check the deepest folder that exists on the way to `home`, before anything is made."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not account.can_enter(existing):
        raise _unreachable(existing, home, account)


def _unreachable(folder: Path, home: Path, account: Account) -> PostgresError:
    ways = reversed([folder, *folder.parents])
    closed = next((way for way in ways if not account.can_enter(way)), folder)
    message = (
        f"PostgreSQL runs as the account {account.name}, which may not enter {closed} (AMITY_HOME is {home}). "
        "Set AMITY_HOME to a folder that every account may pass through, such as /var/lib/amity, "
        "or run Amity as an ordinary user."
        if not account.is_ours
        else f"You may not enter {closed} (AMITY_HOME is {home}). Set AMITY_HOME to a folder of your own."
    )
    return PostgresError("postgres.home_unreachable", message)


def _make_home(home: Path) -> None:
    """Make `home` and its missing parents; only folders made here get a mode, so that a umask cannot close them."""
    missing = [folder for folder in (home, *home.parents) if not folder.exists()]
    for folder in reversed(missing):
        _make_folder(folder, 0o711 if folder == home else 0o755)


def _make_folder(folder: Path, mode: int) -> bool:
    """Create one folder with exactly this mode; False if it was there already."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return False
    except OSError as error:
        message = f"{folder} cannot be made ({error.strerror}). Set AMITY_HOME to a folder of your own."
        raise PostgresError("postgres.home_unreachable", message) from None
    folder.chmod(mode)
    return True
