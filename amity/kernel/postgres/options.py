"""Server settings: what suits a small machine, and what the operator may change."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

from amity.kernel.postgres.errors import PostgresError

DEFAULT_OPTIONS: Mapping[str, str] = {
    # memory: shared_buffers counts only once touched; the whole product has 450 MB at rest
    "shared_buffers": "128MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "60",
    "max_worker_processes": "4",
    "autovacuum_max_workers": "2",
    # bulk ingest: few checkpoints, spread out (the wheel is built without lz4, so WAL stays uncompressed)
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # many small queries on a disk without seek time
    "random_page_cost": "1.1",
    "jit": "off",
    # io_uring is often forbidden in containers, and workers are processes that cost memory at rest
    "io_method": "sync",
    "timezone": "UTC",
    # the log has no statements, no values and no details: those hold what customers wrote
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
"""Given to the server with `-c` at every start; nothing is written into its configuration file."""

_OURS = frozenset(
    {
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "ident_file",
        "listen_addresses",
        "port",
        "unix_socket_directories",
        "unix_socket_group",
        "unix_socket_permissions",
    }
)
_NAME = re.compile(r"[a-z_][a-z0-9_.]*")


def parse_options(text: str) -> dict[str, str]:
    """Read `AMITY_POSTGRES_OPTIONS`: `name=value` pairs with spaces between them, quoted as in a shell.

    `shared_buffers=1GB -c max_wal_size='8 GB'` is read as well. Raises `PostgresError` (`postgres.options_invalid`) for
    anything else and for settings which say where the server listens or keeps its files.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise _invalid(f"it has an open quotation ({error})") from None
    options: dict[str, str] = {}
    for word in words:
        if word == "-c":
            continue
        name, equals, value = word.partition("=")
        name = name.strip().lower().replace("-", "_")
        if not equals or not _NAME.fullmatch(name):
            raise _invalid(f"{word!r} is not name=value")
        if name in _OURS:
            raise _invalid(f"{name} is set by Amity itself")
        options[name] = value
    return options


def _invalid(why: str) -> PostgresError:
    message = f"AMITY_POSTGRES_OPTIONS cannot be used: {why}. Example: shared_buffers=1GB max_connections=100"
    return PostgresError("postgres.options_invalid", message)


def option_arguments(*layers: Mapping[str, str]) -> list[str]:
    """The arguments of `postgres` for these settings; a later layer wins over an earlier one."""
    merged: dict[str, str] = {}
    for layer in layers:
        merged.update(layer)
    return [argument for name, value in merged.items() for argument in ("-c", f"{name}={value}")]
