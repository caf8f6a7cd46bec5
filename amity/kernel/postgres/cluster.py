"""The PostgreSQL server of one AMITY_HOME: start it, use it, leave it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from amity.kernel.postgres import postmaster, roles, server
from amity.kernel.postgres.account import require_access, server_account
from amity.kernel.postgres.connection import Connection, version_text
from amity.kernel.postgres.errors import PostgresError
from amity.kernel.postgres.layout import PORT, Layout
from amity.kernel.postgres.locks import locked, open_lock, try_lock
from amity.kernel.postgres.options import parse_options
from amity.kernel.postgres.roles import APPLICATION
from amity.kernel.postgres.server import SUPERUSER, Phase

if TYPE_CHECKING:
    import psycopg

StopMode = Literal["smart", "fast", "immediate"]

START_SECONDS = 300.0  # a crash in the middle of a bulk load leaves up to max_wal_size to replay
STOP_SECONDS = 120.0  # a fast stop writes a checkpoint first
_ORPHAN_SECONDS = 5.0
_LAUNCH_SECONDS = 30.0
_POLL_SECONDS = (0.01, 0.1)


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What is known of a server without starting it.

    `phase` is `stopped`, `starting` (or recovering), `ready`, `stopping` or `orphaned`; `version` is that of the
    running server, `data_major` that of the folder.
    """

    phase: Phase
    pid: int | None
    version: str | None
    data_major: int | None
    data_dir: Path
    log_file: Path
    size_bytes: int
    started_at: datetime | None
    is_held: bool

    @property
    def running(self) -> bool:
        """Whether it accepts connections."""
        return self.phase is Phase.READY


class Hold:
    """A claim on the running server, from `Cluster.hold()`; it dies with the process, however that ends."""

    def __init__(self, cluster: Cluster, descriptor: int, connection: Connection) -> None:
        self._cluster = cluster
        self._descriptor: int | None = descriptor
        self.connection = connection

    def release(self) -> bool:
        """Give the claim up and stop the server if nobody else has one; says whether it was stopped.

        Call it when the process ends, from the main loop and not from a signal handler. Calling it again does
        nothing.
        """
        if self._descriptor is None:
            return False
        os.close(self._descriptor)
        self._descriptor = None
        return self._cluster.stop_if_unused()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Cluster:
    """The embedded server of one `home`. Objects are cheap and hold no resources; any number may exist.

    The rule between processes: whoever uses the server holds it (`hold`, `held`), and the last one that lets go
    stops it. A killed process holds nothing, so the next one that lets go stops the server in its place.
    `options` are server settings on top of those of AMITY_POSTGRES_OPTIONS.
    """

    def __init__(self, home: Path, options: Mapping[str, str] | None = None) -> None:
        self._layout = Layout(Path(home).resolve())
        self._options = dict(options or {})

    @property
    def home(self) -> Path:
        """The AMITY_HOME of this server."""
        return self._layout.home

    def connection(self) -> Connection:
        """How to connect as the application; known before the server runs."""
        return Connection(str(self._layout.socket), PORT, APPLICATION, APPLICATION)

    def url(self) -> str:
        """`connection()` as a libpq address."""
        return self.connection().url

    def allow_databases(self) -> None:
        """Let the application make databases here, from the next start on: for tests and benches, which throw the whole
        server away. A server that holds somebody's data never needs it.
        """
        self._layout.make_base(server_account(self._layout.data))
        self._layout.databases_allowed.touch()

    def ensure_running(self, *, timeout_seconds: float = START_SECONDS) -> Connection:
        """Return when the server accepts connections and the database `amity` exists, making what is missing.

        Safe to call from any number of processes at once, and after any kind of kill. It makes no claim: see
        `hold`. Raises `PostgresError`.
        """
        with self._starting(timeout_seconds):
            self._bring_up(timeout_seconds)
        return self.connection()

    def hold(self, *, timeout_seconds: float = START_SECONDS) -> Hold:
        """Start the server if need be and claim it, so that nobody else's leaving stops it."""
        with self._starting(timeout_seconds):
            descriptor = open_lock(self._layout.users_lock)
            try:
                # only `stop_if_unused` takes it exclusively, and it does so under the start lock that we have
                if not try_lock(descriptor, shared=True):
                    raise PostgresError(
                        "postgres.busy", f"{self._layout.users_lock} is locked by a foreign program."
                    )
                self._bring_up(timeout_seconds)
            except BaseException:
                os.close(descriptor)
                raise
        return Hold(self, descriptor, self.connection())

    @contextmanager
    def held(self, *, timeout_seconds: float = START_SECONDS) -> Iterator[Connection]:
        """`hold` for the time of a block; yields the connection parameters."""
        with self.hold(timeout_seconds=timeout_seconds) as hold:
            yield hold.connection

    def stop(self, mode: StopMode = "fast", *, timeout_seconds: float = STOP_SECONDS) -> None:
        """Stop the server, whoever uses it; returns when its last process is gone.

        Raises `PostgresError` (`postgres.stop_timeout`). `smart` waits for clients to leave, `immediate` is a crash.
        """
        if self._was_made():
            with self._start_lock(timeout_seconds):
                self._take_down(mode, timeout_seconds)

    def stop_if_unused(self, *, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Stop the server unless some process holds it; says whether it is stopped now."""
        if not self._was_made():
            return True
        with self._start_lock(timeout_seconds):
            if self._is_held():
                return False
            self._take_down("fast", timeout_seconds)
        return True

    def status(self) -> ClusterStatus:
        """Look at the server; starts and creates nothing. Raises `PostgresError` for a folder of another account."""
        layout = self._layout
        require_access(layout.data)
        phase = server.phase_of(layout)
        pid_file = postmaster.read_pid_file(layout.data) if phase is not Phase.STOPPED else None
        return ClusterStatus(
            phase=phase,
            pid=pid_file.pid if pid_file else None,
            version=self._server_version() if phase is Phase.READY else None,
            data_major=server.data_major(layout),
            data_dir=layout.data,
            log_file=layout.log,
            size_bytes=_size_bytes(layout.data),
            started_at=pid_file.started_at if pid_file else None,
            is_held=layout.users_lock.exists() and self._is_held(),
        )

    @contextmanager
    def _starting(self, timeout_seconds: float) -> Iterator[None]:
        self._layout.make_base(server_account(self._layout.data))
        with self._start_lock(timeout_seconds):
            yield

    @contextmanager
    def _start_lock(self, timeout_seconds: float) -> Iterator[None]:
        # those before us in the queue may each need their full time once
        with locked(self._layout.start_lock, timeout_seconds=timeout_seconds + START_SECONDS):
            yield

    def _was_made(self) -> bool:
        require_access(self._layout.data)
        return self._layout.start_lock.exists()

    def _is_held(self) -> bool:
        descriptor = open_lock(self._layout.users_lock)
        try:
            return not try_lock(descriptor)
        finally:
            os.close(descriptor)

    def _bring_up(self, timeout_seconds: float) -> None:
        now = time.monotonic()
        deadline, grace, launched = now + timeout_seconds, now + _ORPHAN_SECONDS, False
        pause = _POLL_SECONDS[0]
        while (phase := server.phase_of(self._layout)) is not Phase.READY:
            now = time.monotonic()
            if phase is Phase.STOPPED:
                if launched:
                    raise self._failure("postgres.start_failed", "PostgreSQL ended while it started")
                server.start(
                    self._layout,
                    {**parse_options(os.environ.get("AMITY_POSTGRES_OPTIONS", "")), **self._options},
                )
                # what we launched looks like an orphan until it has written its pid file
                launched, grace = True, time.monotonic() + _LAUNCH_SECONDS
                continue
            if now > deadline:
                raise self._failure(
                    "postgres.start_timeout", f"PostgreSQL is still {phase} after {timeout_seconds:.0f} s"
                )
            if now > grace:
                self._unblock(phase)
            time.sleep(pause)
            pause = min(pause * 1.5, _POLL_SECONDS[1])
        self._settle_role()

    def _unblock(self, phase: Phase) -> None:
        if phase is Phase.ORPHANED:
            server.kill_orphans(self._layout)
        elif phase is Phase.STOPPING:
            # somebody sent SIGTERM: it takes no new client, and would wait for the old ones for ever
            server.request_stop(self._layout, "fast")

    def _take_down(self, mode: StopMode, timeout_seconds: float) -> None:
        deadline, grace = time.monotonic() + timeout_seconds, time.monotonic() + _ORPHAN_SECONDS
        server.request_stop(self._layout, mode)
        while (phase := server.phase_of(self._layout)) is not Phase.STOPPED:
            now = time.monotonic()
            if now > deadline:
                raise self._failure(
                    "postgres.stop_timeout", f"PostgreSQL is still {phase} after {timeout_seconds:.0f} s"
                )
            if phase is Phase.ORPHANED and now > grace:
                server.kill_orphans(self._layout)
            time.sleep(_POLL_SECONDS[0])

    def _failure(self, code: str, what: str) -> PostgresError:
        tail = server.log_tail(self._layout)
        return PostgresError(code, f"{what}. Its log is {self._layout.log}:\n{tail}")

    @contextmanager
    def administration(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """A superuser's connection to the running server, for what the application may not do: restore a backup beside
        what is there. It is open to the server's account and root only, and in no process that serves pages.
        """
        with self._as_superuser() as connection:
            yield connection

    def _settle_role(self) -> None:
        """A kill may have come before it, and a home of an older Amity gave the role more than it needs."""
        with self._as_superuser() as connection:
            roles.settle(connection, may_create_databases=self._layout.databases_allowed.exists())

    def _as_superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        import psycopg

        return psycopg.connect(
            host=str(self._layout.socket), port=PORT, user=SUPERUSER, dbname=SUPERUSER, autocommit=True
        )

    def _server_version(self) -> str:
        with self._as_superuser() as connection:
            return version_text(connection.info.server_version)


def _size_bytes(folder: Path) -> int:
    """What the files below a folder take up; files that vanish meanwhile count as nothing."""
    total = 0
    for parent, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
