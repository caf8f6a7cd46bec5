"""A name becomes addresses: looked up once, all of them checked before one is used."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from ipaddress import ip_address

from django.utils.translation import gettext as _

from amity.kernel.http.addresses import IPAddress, is_of_the_house, plain_address, why_not_public
from amity.kernel.http.deadline import Deadline
from amity.kernel.http.errors import Refused, TimedOut, Unreachable
from amity.kernel.http.places import not_public

Resolver = Callable[[str], list[str]]
MOST_LOOKUPS = 32
_lookups = threading.BoundedSemaphore(MOST_LOOKUPS)


def _system_resolver(host: str) -> list[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


resolver: Resolver = _system_resolver
"""Who is asked for the addresses of a name. Tests put their own in its place; nothing else does."""


def addresses_of(host: str, deadline: Deadline) -> list[IPAddress]:
    """All addresses of `host`, asked for once. Raises `Unreachable` or `TimedOut`."""
    plain = plain_address(host)
    if plain is not None:
        return [plain]
    found: list[str] = []
    if not _lookups.acquire(timeout=deadline.left()):
        raise TimedOut(_("Too many names are being looked up at once. Try it again in a minute."))

    def look_up() -> None:
        try:
            found.extend(resolver(host))
        except (OSError, UnicodeError):  # no such name: nothing is found
            return
        finally:
            _lookups.release()

    # The system's own look-up cannot be told how long it may take.
    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if thread.is_alive():
        raise TimedOut(_("The name %(host)s could not be looked up in time.") % {"host": host})
    if not found:
        raise Unreachable(
            _("There is no server called %(host)s. Check the address for typing errors.") % {"host": host}
        )
    return [ip_address(text.partition("%")[0]) for text in found]


def check_addresses(addresses: list[IPAddress], host: str, peer_name: str, *, private: bool = False) -> None:
    """Refuse a name if one of its addresses is not public, or (with `private`) not of the house either."""
    for address in addresses:
        kind = why_not_public(address)
        if kind is None:
            if _is_own(address):
                raise Refused(not_public(host, "this machine", peer_name))
        elif not (private and is_of_the_house(address)):
            raise Refused(not_public(host, kind, peer_name))


def _is_own(address: IPAddress) -> bool:
    """Whether a public address is one of this very machine. Asks the routing table; nothing is sent."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return bool(probe.getsockname()[0] == str(address))
    except OSError:  # no route: it will not be reached either
        return False
