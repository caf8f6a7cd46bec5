"""Lines to mail servers: checked like every way out, and TLS with the certificate checked."""

from __future__ import annotations

import socket
import ssl

from amity.channels.adapters.email.servers import TLS, MailSettings, Server
from amity.kernel.http import checked_socket

TIMEOUT_S = 30.0


class Unencrypted(OSError):
    """A password would be sent in the clear to a server that is not of the own network."""


def dial(server: Server, settings: MailSettings) -> socket.socket:
    """A connection to a server of an account, encrypted at once where it is `tls`.

    One of the own network must be named in `settings.allow`. Raises `Refused`, `Unreachable`, `TimedOut`, `OSError`.
    """
    is_own = server.host.lower() in {name.lower() for name in settings.allow}
    if server.security not in {"tls", "starttls"} and not is_own:
        raise Unencrypted(server.host)
    line = checked_socket(server.host, server.port, timeout_s=TIMEOUT_S, private=is_own)
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
