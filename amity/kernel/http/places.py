"""A URL becomes a place, or is refused. One strict reading: what two parsers could read in two ways is not read."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import quote, urljoin

import idna
from django.conf import settings
from django.utils.translation import gettext as _

from amity.kernel.http.addresses import INNER_NAME, looks_like_a_number, plain_address, why_not_public
from amity.kernel.http.errors import Refused

PORTS = {"http": 80, "https": 443}
OPEN_PORTS = frozenset({80, 443, 8080, 8443})
MOST_LETTERS = 2_048

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<query>\?[^#]*)?(#.*)?"
)
_AUTHORITY = re.compile(r"(\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:@%]+))(:(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
# Names that mean another machine in every house, and those under which clouds hand out their keys.
_INNER = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "localdomain",
    "home.arpa",
)
_CLOUD_NAMES = frozenset({"metadata.tencentyun.com"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL points. `host` is lower-case ASCII without a trailing dot, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    target: str = "/"

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if PORTS.get(self.scheme) == self.port else f"{host}:{self.port}"

    @property
    def peer_name(self) -> str:
        """How a peer is written in `AMITY_PEERS`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def place_of(url: str, allow: Collection[str] = ()) -> Place:
    """Where `url` points, if its writing alone does not forbid it. Its addresses are checked when it is looked up.

    `allow` names peers as `host:port`, beside those of `AMITY_PEERS`. Raises `Refused`.
    """
    place = _read(url)
    if not is_peer(place, allow):
        _check(place)
    return place


def joined(place: Place, location: str) -> str:
    """The URL that a redirect to `location` means."""
    return urljoin(place.url, location)


def is_peer(place: Place, allow: Collection[str] = ()) -> bool:
    """Whether the place is one of our own, named by the installation or the caller."""
    return place.peer_name in {name.lower() for name in (*settings.PEERS, *allow)}


def _read(url: str) -> Place:
    if len(url) > MOST_LETTERS:
        raise Refused(_("This address is too long. At most %(n)d characters.") % {"n": MOST_LETTERS})
    if _UNFIT.search(url):
        raise Refused(
            _("This address has spaces, backslashes or invisible characters in it. Write it without them.")
        )
    whole = _URL.fullmatch(url)
    scheme = whole["scheme"].lower() if whole else ""
    if whole is None or scheme not in PORTS:
        raise Refused(_("Write the whole address, beginning with https://."))
    if "@" in whole["authority"]:
        raise Refused(
            _("A name or password inside the address is not allowed. Remove what stands before the @.")
        )
    parts = _AUTHORITY.fullmatch(whole["authority"])
    if parts is None:
        raise Refused(_("The name of the server in this address cannot be read. Check it for typing errors."))
    port = int(parts["port"]) if parts["port"] else PORTS[scheme]
    if not 0 < port < 65_536:
        raise Refused(_("The port in this address must be between 1 and 65535."))
    host = _six(parts["six"]) if parts["six"] else host_name(parts["name"])
    target = quote((whole["path"] or "/") + (whole["query"] or ""), safe="/?:@!$&'()*+,;=-._~%[]|")
    return Place(scheme, host, port, target)


def _six(text: str) -> str:
    address = plain_address(text)
    if not isinstance(address, IPv6Address):
        raise Refused(_("What stands in brackets is not an IPv6 address."))
    return str(address)


def host_name(text: str) -> str:
    """A server's name as DNS is asked for it: lower case, ASCII, no trailing dot. Raises `Refused`."""
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, transitional=False).decode()
        except idna.IDNAError as error:
            raise Refused(_("The name of the server has characters that no name may have.")) from error
    name = name.removesuffix(".")
    if plain_address(name) is not None:
        return name
    if looks_like_a_number(name):
        raise Refused(
            _("Write an IP address as four decimal numbers, such as 192.0.2.1, or better use a name.")
        )
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise Refused(_("The name of the server in this address cannot be read. Check it for typing errors."))
    return name


def _check(place: Place) -> None:
    if place.port not in OPEN_PORTS:
        raise Refused(
            _(
                "Port %(port)d is not open to addresses from outside; use %(open)s, or have the installation's "
                "operator add %(peer)s to AMITY_PEERS."
            )
            % {"port": place.port, "open": ", ".join(map(str, sorted(OPEN_PORTS))), "peer": place.peer_name}
        )
    check_name(place.host, place.peer_name)


def check_name(host: str, peer_name: str) -> None:
    """Refuse names that mean a machine in the house, whatever they resolve to, and addresses that are not public."""
    address = plain_address(host)
    if address is not None:
        kind = why_not_public(address)
        if kind is not None:
            raise Refused(not_public(host, kind, peer_name))
    elif "." not in host or host in _CLOUD_NAMES or any(host.endswith("." + name) for name in _INNER):
        raise Refused(not_public(host, INNER_NAME, peer_name))


def not_public(host: str, kind: str, peer_name: str) -> str:
    """Why a place is refused, and what somebody who means it can do."""
    return _(
        "Amity does not connect to %(host)s: it is not on the public internet (%(kind)s). If this is a server of your "
        "own, the installation's operator can add %(peer)s to AMITY_PEERS."
    ) % {"host": host, "kind": _(kind), "peer": peer_name}
