"""Sockets to checked addresses, with one deadline for everything that is done with them."""

from __future__ import annotations

import io
import os
import socket
import ssl
from collections.abc import Collection
from functools import lru_cache

from django.utils.translation import gettext as _

from amity.kernel.http import resolving
from amity.kernel.http.addresses import IPAddress, plain_address
from amity.kernel.http.deadline import Deadline
from amity.kernel.http.errors import Refused, Unreachable
from amity.kernel.http.places import Place, check_name, host_name, is_peer

MAIL_PORTS = frozenset({25, 110, 143, 465, 587, 993, 995, 2525})
_CHUNK = 65_536


class TimedSocket:
    """A socket that keeps one deadline over all reads and writes. Just enough of one for `http.client`."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._socket = sock
        self._deadline = deadline

    def sendall(self, content: bytes) -> None:
        view = memoryview(content)
        while view:
            self._socket.settimeout(self._deadline.left())
            try:
                view = view[self._socket.send(view[:_CHUNK]) :]
            except TimeoutError as error:
                raise self._deadline.passed() from error

    def makefile(self, _mode: str = "rb", _buffering: int = -1) -> io.BufferedReader:
        return io.BufferedReader(_Reads(self._socket, self._deadline), _CHUNK)

    def close(self) -> None:
        """Called by `http.client` while the body is still to be read: whoever connected closes, with `hang_up`."""

    def hang_up(self) -> None:
        self._socket.close()


class _Reads(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._socket = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        self._socket.settimeout(self._deadline.left())
        try:
            return self._socket.recv_into(buffer)  # type: ignore[arg-type]  # a writable buffer
        except TimeoutError as error:
            raise self._deadline.passed() from error


def connect(place: Place, deadline: Deadline, allow: Collection[str] = ()) -> TimedSocket:
    """A connection to one of the place's addresses, all of which were checked; TLS where the scheme says so."""
    addresses = resolving.addresses_of(place.host, deadline)
    if not is_peer(place, allow):
        resolving.check_addresses(addresses, place.host, place.peer_name)
    sock = _first_that_answers(addresses, place.host, place.port, deadline)
    if place.scheme == "https":
        sock = _secured(sock, place.host, deadline)
    return TimedSocket(sock, deadline)


def checked_socket(
    host: str,
    port: int,
    *,
    timeout_s: float = 15,
    private: bool = False,
    ports: Collection[int] = MAIL_PORTS,
) -> socket.socket:
    """A plain connection to a server that is named in settings, checked like every other; TLS is the caller's.

    With `private`, which an administrator chose knowingly for this one server, it may be of the own house (private or
    loopback, any port), but never link-local or a cloud's key store. `timeout_s` is for name and connection together
    and stays as the socket's timeout. Raises `Refused`, `Unreachable`, `TimedOut`.
    """
    name = host.strip("[]") if plain_address(host.strip("[]")) else host_name(host)
    place = Place("", name, port)
    deadline = Deadline(timeout_s)
    known = is_peer(place)
    if not known and not private:
        if port not in ports:
            raise Refused(
                _(
                    "Port %(port)d is not one of mail servers (%(open)s). Mark the server as your own to use it."
                )
                % {"port": port, "open": ", ".join(map(str, sorted(ports)))}
            )
        check_name(name, place.peer_name)
    addresses = resolving.addresses_of(name, deadline)
    if not known:
        resolving.check_addresses(addresses, name, place.peer_name, private=private)
    sock = _first_that_answers(addresses, name, port, deadline)
    sock.settimeout(timeout_s)
    return sock


def _first_that_answers(
    addresses: list[IPAddress], host: str, port: int, deadline: Deadline
) -> socket.socket:
    reason: OSError | None = None
    for tried, address in enumerate(addresses):
        share = deadline.left() / (len(addresses) - tried)
        try:
            return socket.create_connection((str(address), port), timeout=share)
        except OSError as error:
            reason = error
    if isinstance(reason, TimeoutError):
        raise deadline.passed() from reason
    raise Unreachable(
        _("%(host)s does not take connections on port %(port)d.") % {"host": host, "port": port}
    ) from reason


def _secured(sock: socket.socket, host: str, deadline: Deadline) -> socket.socket:
    try:
        sock.settimeout(deadline.left())
        return _tls(os.environ.get("SSL_CERT_FILE", "")).wrap_socket(sock, server_hostname=host)
    except TimeoutError as error:
        sock.close()
        raise deadline.passed() from error
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise Unreachable(
            _("The certificate of %(host)s is not valid: %(why)s.")
            % {"host": host, "why": error.verify_message}
        ) from error
    except (OSError, ValueError) as error:
        sock.close()
        raise Unreachable(_("No secure connection to %(host)s could be made.") % {"host": host}) from error


@lru_cache(maxsize=4)
def _tls(_certificates: str) -> ssl.SSLContext:
    """Checks certificate and name against the system's authorities (or those of SSL_CERT_FILE)."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
