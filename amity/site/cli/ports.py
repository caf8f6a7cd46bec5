"""Is a port free, and does something answer on it? Only ever asked of this machine."""

from __future__ import annotations

import errno
import json
import socket
from http.client import HTTPConnection, HTTPException  # noqa: TID251  # this machine's own health page only

from amity.kernel.errors import DomainError


class PortTaken(DomainError):
    """Another program listens there."""

    code = "run.port_taken"


def require_free(host: str, port: int, *, what: str) -> None:
    """Raises `PortTaken` if `host:port` cannot be listened on, with the reason and what to do."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise PortTaken(
            f"{host} is not an address of this machine. Usual ones: 127.0.0.1, or 0.0.0.0."
        ) from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortTaken(_why(error, host, port, what)) from None


def _why(error: OSError, host: str, port: int, what: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host}, where {what} would be served, is taken by another program. "
            f"Choose another: amity run --port {port + 10}."
        )
    if error.errno == errno.EACCES:
        return f"This account may not listen on port {port}. Choose one above 1023, such as 8000."
    return f"{host}:{port} cannot be listened on: {error.strerror}."


def is_listening(host: str, port: int) -> bool:
    """Whether something takes connections there."""
    try:
        with socket.create_connection((reachable(host), port), timeout=2):  # noqa: TID251  # asks the own server, before Django
            return True
    except OSError:
        return False


def is_healthy(host: str, port: int) -> bool:
    """Whether `GET /healthz` answers 200 within two seconds."""
    return _ask(host, port, "/healthz")[0] == 200


def not_ready(host: str, port: int) -> list[str]:
    """What `GET /readyz` finds wrong, in words; empty when requests can be served."""
    status, body = _ask(host, port, "/readyz")
    if status == 200:
        return []
    try:
        checks = json.loads(body)["checks"]
        return [f"{name} {check['wrong']}" for name, check in checks.items() if not check["ok"]]
    except (ValueError, KeyError, TypeError):
        return ["web does not answer"]


def _ask(host: str, port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection(reachable(host), port, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(10_000)
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def days_of_certificate(host: str, port: int) -> int:
    """For how many days the certificate shown at `host:port` is good, checked as a browser would.

    Raises `DomainError` when there is no way there, `ssl.SSLError` for a certificate that browsers refuse.
    """
    import ssl
    import time

    from amity.kernel.http import checked_socket

    # the administrator's own site: it may well be of the own house
    with (
        checked_socket(host, port, timeout_s=5, private=True) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as line,
    ):
        shown = line.getpeercert() or {}
    return int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // 86_400)


def reachable(host: str) -> str:
    """The address under which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  # compared only
