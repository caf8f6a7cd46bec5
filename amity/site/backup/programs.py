"""The programs that read and write a database: those of Amity's own server, or newer ones of this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from amity.kernel.postgres import PostgresError
from amity.kernel.postgres.binaries import wheel_tree
from amity.site.backup.errors import BackupFailed


def program(name: str, *, server_major: int) -> Path:
    """`pg_dump` and the like: of the server's own version if there is one, else the next newer.

    A pg_restore of 17 or newer sets what an older server does not know, so the same version is better. Raises
    `BackupFailed` if there is none that is new enough.
    """
    found = [place for place in (_of_wheel(name), shutil.which(name)) if place]
    found += sorted(str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    usable = [(major, place) for place in found if (major := _major(place)) >= server_major]
    if usable:
        return Path(min(usable)[1])
    raise BackupFailed(
        f"The PostgreSQL server is version {server_major}, and no {name} here is as new. "
        f"Install the client programs of PostgreSQL {server_major}."
    )


def _of_wheel(name: str) -> str:
    try:
        return str(wheel_tree() / "bin" / name)
    except PostgresError:
        return ""


def _major(place: str) -> int:
    done = subprocess.run([place, "--version"], check=False, capture_output=True, text=True)
    found = re.search(r"\) (\d+)", done.stdout)
    return int(found[1]) if found else 0
