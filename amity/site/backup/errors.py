"""What can be wrong with a backup, in words that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from amity.kernel.errors import DomainError


class BackupFailed(DomainError):
    """No backup was made, and no half file was left."""

    code = "backup.failed"


class NoSpace(BackupFailed):
    """The disk is full, or what this account may use of it."""

    code = "backup.no_space"


class BadBackup(DomainError):
    """The file is not whole, not ours, or not as it was written. Nothing was touched."""

    code = "backup.damaged"


class WrongKey(DomainError):
    """The passphrase or key file does not open it."""

    code = "backup.wrong_key"


class RestoreRefused(DomainError):
    """It could be restored, but not here or not now. Nothing was touched."""

    code = "restore.refused"


@contextmanager
def database_in_words(kind: type[BackupFailed | RestoreRefused], *, what: str) -> Iterator[None]:
    """Turn a database that went away or is full in the middle into an error that says so."""
    try:
        yield
    except psycopg.Error as error:
        why = str(error).strip().split("\n")[0]
        raise kind(f"The database failed while {what}: {why}. Nothing was lost.") from error


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def full_disk_in_words(folder: Path, *, what: str) -> Iterator[None]:
    """Turn "no space left" and other failures to write into an error that says where and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            message = (
                f"There is no room left in {folder} for {what}. Nothing was lost and nothing half is left there. "
                "Make room, or choose another folder (--to)."
            )
            raise NoSpace(message) from error
        where = error.filename or folder
        raise BackupFailed(
            f"{where} cannot be used for {what}: {error.strerror}. Nothing was lost."
        ) from error
