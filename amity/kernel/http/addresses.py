"""Which IP addresses are the public internet.

IPv4: everything but the special-purpose registry (RFC 6890) and multicast. IPv6: only 2000::/3, without what is special
in it; that leaves out mapped, compatible and NAT64 addresses, in which a private IPv4 address can hide. Of what is
left, ISATAP interface ids carry one too. See also CVE-2026-33975, CVE-2023-28111 and CVE-2026-33534 of others.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

IPAddress = IPv4Address | IPv6Address


def _(words: str) -> str:
    """Marks words for the catalogues of translations; `not_public` says them in the language of who reads."""
    return words


INNER_NAME = _("a name of an inner network")
_SPECIAL_4 = {
    IPv4Network(cidr): kind
    for cidr, kind in {
        "0.0.0.0/8": _("this network"),
        "10.0.0.0/8": _("private"),
        "100.64.0.0/10": _("a provider's inner network"),
        "127.0.0.0/8": _("this machine"),
        "168.63.129.16/32": _("a cloud's inner service"),
        "169.254.0.0/16": _("link-local, where clouds keep their keys"),
        "172.16.0.0/12": _("private"),
        "192.0.0.0/24": _("reserved"),
        "192.0.2.0/24": _("for documentation"),
        "192.88.99.0/24": _("reserved"),
        "192.168.0.0/16": _("private"),
        "198.18.0.0/15": _("for measurements"),
        "198.51.100.0/24": _("for documentation"),
        "203.0.113.0/24": _("for documentation"),
        "224.0.0.0/4": _("multicast"),
        "240.0.0.0/4": _("reserved"),
    }.items()
}
_GLOBAL_6 = IPv6Network("2000::/3")
_SPECIAL_6 = {
    IPv6Network(cidr): kind
    for cidr, kind in {
        "2001::/23": _("reserved"),
        "2001:db8::/32": _("for documentation"),
        "2002::/16": _("6to4, which hides an IPv4 address"),
        "3fff::/20": _("for documentation"),
    }.items()
}
# What an administrator may knowingly name: a server in the own house. Never link-local, never a cloud's.
_HOUSE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
_CLOUD = (IPv4Address("100.100.100.200"), IPv6Address("fd00:ec2::254"), IPv6Address("fd20:ce::254"))
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def why_not_public(address: IPAddress) -> str | None:
    """None for an address of the public internet; else what it is instead, as words that finish "its address is …"."""
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _SPECIAL_4.items() if address in network), None)
    if address.ipv4_mapped:
        return _("an IPv4 address written as IPv6")
    if address not in _GLOBAL_6:
        return _("this machine") if address.is_loopback else _("not of the public internet")
    special = next((kind for network, kind in _SPECIAL_6.items() if address in network), None)
    if special:
        return special
    if (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return why_not_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return None


def is_of_the_house(address: IPAddress) -> bool:
    """Whether somebody may run a server of their own there: private or loopback, and no cloud's key store."""
    return address not in _CLOUD and any(
        address.version == network.version and address in network for network in _HOUSE
    )


def plain_address(host: str) -> IPAddress | None:
    """The address that `host` is in the one plain notation, or None. No zone ids, no octal, no short forms."""
    try:
        found = ip_address(host)
    except ValueError:
        return None
    return None if isinstance(found, IPv6Address) and found.scope_id else found


def looks_like_a_number(host: str) -> bool:
    """Whether some client would read this name as an IPv4 address: its last label is a number (WHATWG URL, 3.5)."""
    last = host.rpartition(".")[2].lower()
    digits = last.removeprefix("0x")
    return last.isdecimal() or (last != digits and all(letter in "0123456789abcdef" for letter in digits))
