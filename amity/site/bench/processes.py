"""Processes of Amity that a bench starts, asks and kills."""

from __future__ import annotations

import socket
import time

from amity.kernel.errors import DomainError
from amity.site.cli.ports import is_healthy

READY_WITHIN_S = 90


class NotReady(DomainError):
    """A process that a bench started does not answer."""

    code = "bench.not_ready"


def free_port() -> int:
    """A port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(port: int) -> None:
    """Return when `/healthz` answers; raises `NotReady` after a minute and a half."""
    until = time.monotonic() + READY_WITHIN_S
    while not is_healthy("127.0.0.1", port):
        if time.monotonic() > until:
            raise NotReady(f"Nothing answers on port {port}.")
        time.sleep(0.2)
