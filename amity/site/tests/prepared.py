"""Tables that are there already: made once for a run of the tests, then copied to whoever wants a server of their own.

All migrations take some ten seconds; a copy of the folder takes less than one. Tests of how tables are made need none.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from amity.kernel.postgres import Cluster
from amity.kernel.postgres.account import server_account
from amity.kernel.postgres.layout import Layout

_COPIED = ("data", "log", "pg_hba.conf", "pg_ident.conf")


def give_tables(home: Path) -> None:
    """Give this home, which has no server yet, the folder of one whose database has all tables and no row of ours."""
    made, layout = _prepared() / "postgres", Layout(home.resolve())
    layout.make_base(server_account(layout.data))
    for name in _COPIED:
        subprocess.run(["cp", "-a", "--reflink=auto", made / name, layout.base], check=True)


def _prepared() -> Path:
    run = Path(os.environ["AMITY_TEST_HOME"])
    home, ready = run / "prepared", run / "prepared.ready"
    with (run / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the processes of pytest-xdist share one
        if not ready.exists():
            shutil.rmtree(home, ignore_errors=True)
            environ = {name: value for name, value in os.environ.items() if name != "AMITY_DATABASE_URL"}
            subprocess.run(
                [sys.executable, "-m", "amity", "migrate"], env={**environ, "AMITY_HOME": str(home)},
                check=True, capture_output=True,
            )  # fmt: skip
            Cluster(home).stop("fast")
            ready.touch()
    return home
