"""Is a port free, and does something answer on it? Only ever asked of this machine."""

from __future__ import annotations

import errno
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
    connection = HTTPConnection(reachable(host), port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """The address under which this machine reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104  # compared only
