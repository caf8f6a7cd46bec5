"""Lines to mail servers: checked like every way out, and TLS with the certificate checked."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from types import TracebackType

from amity.channels.adapters.email.servers import TLS, MailSettings, Server
from amity.kernel.http import checked_socket

TIMEOUT_S = 30.0


class Unencrypted(OSError):
    """A password would be sent in the clear to a server that is not of the own network."""


class TimeLimit:
    """Time for everything on the lines that are dialled within it; then they are cut, whatever is waited for.

    The timeout of a socket is for one wait. A server that says a byte every few seconds never lets it pass.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lines: list[socket.socket] = []
        self._guard = threading.Lock()
        self._timer = self._timer_of(seconds)
        self.is_over = False

    def __enter__(self) -> TimeLimit:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self._timer.cancel()
            for line in self._lines:
                line.close()
            self._lines.clear()

    def left(self) -> float:
        """Seconds that remain. Raises `TimeoutError` when none do."""
        left = self._end - time.monotonic()
        if left <= 0 or self.is_over:
            raise TimeoutError
        return left

    def holds(self, line: socket.socket) -> None:
        """This line ends with the time. Raises `TimeoutError` where it is over already."""
        with self._guard:
            self.left()
            # A second handle of the same line: whoever wraps it in TLS takes the first one away.
            self._lines.append(line.dup())

    def renew(self, seconds: float) -> None:
        """From now on there is so much time. Raises `TimeoutError` where it is over already."""
        with self._guard:
            self.left()
            self._timer.cancel()
            self._end = time.monotonic() + seconds
            self._timer = self._timer_of(seconds)
            self._timer.start()

    def _timer_of(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        return timer

    def _cut(self) -> None:
        with self._guard:
            if time.monotonic() < self._end:  # it was renewed in the same moment
                return
            self.is_over = True
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)


def dial(server: Server, settings: MailSettings, limit: TimeLimit | None = None) -> socket.socket:
    """A connection to a server of an account, encrypted at once where it is `tls`.

    One of the own network must be named in `settings.allow`. Raises `Refused`, `Unreachable`, `TimedOut`, `OSError`.
    """
    is_own = server.host.lower() in {name.lower() for name in settings.allow}
    if server.security not in {"tls", "starttls"} and not is_own:
        raise Unencrypted(server.host)
    timeout_s = min(TIMEOUT_S, limit.left()) if limit else TIMEOUT_S
    line = checked_socket(server.host, server.port, timeout_s=timeout_s, private=is_own)
    line.settimeout(TIMEOUT_S)
    if limit is not None:
        limit.holds(line)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if server.security == TLS:
        return context(settings).wrap_socket(line, server_hostname=server.host)
    return line


def context(settings: MailSettings) -> ssl.SSLContext:
    """TLS with the certificate checked, also by the account's own authority where it has one."""
    found = ssl.create_default_context()
    if settings.trust:
        found.load_verify_locations(cadata=settings.trust)
    return found
