"""Which addresses are ours, with plus-addresses; and answers that find their thread by the address they go to."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from uuid import UUID

_TOKEN_BYTES, _MAC_BYTES = 22, 6
_LONGEST_LOCAL = 64


def base_of(address: str) -> tuple[str, str]:
    """An address without what stands behind the first plus, and that tag: `support+order123@` is `support@`."""
    local, at, domain = address.strip().lower().rpartition("@")
    name, _, tag = local.partition("+")
    return f"{name}{at}{domain}", tag


class OurAddresses:
    """The addresses of all accounts and their aliases."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._all = {address.strip().lower() for address in addresses if address.strip()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def holds(self, address: str) -> bool:
        """Whether it is one of ours, also with a tag behind a plus."""
        return address.lower() in self._all or base_of(address)[0] in self._all

    def tag_of(self, address: str) -> str:
        """The tag of a plus-address of ours, empty for any other address."""
        base, tag = base_of(address)
        return tag if base in self._all and address.lower() not in self._all else ""


def answer_address(address: str, message_id: UUID, key: bytes) -> str:
    """An address of ours that only the receiver of this message knows; answers to it belong into its thread.

    The address as it is where its name is too long for a token.
    """
    local, _, domain = address.partition("@")
    token = base64.b32encode(message_id.bytes + _mac(message_id, key)).decode().rstrip("=").lower()
    whole = f"{local}+{token}"
    return f"{whole}@{domain}" if len(whole) <= _LONGEST_LOCAL and "+" not in local else address


def message_of(tag: str, key: bytes) -> UUID | None:
    """The message whose answer was sent to this tag; None for any tag that we have not made."""
    try:
        raw = base64.b32decode(tag.upper() + "=" * (-len(tag) % 8))
    except ValueError:
        return None
    if len(raw) != _TOKEN_BYTES:
        return None
    message_id = UUID(bytes=raw[:-_MAC_BYTES])
    return message_id if hmac.compare_digest(raw[-_MAC_BYTES:], _mac(message_id, key)) else None


def _mac(message_id: UUID, key: bytes) -> bytes:
    return hmac.digest(key, b"answer address" + message_id.bytes, hashlib.sha256)[:_MAC_BYTES]
