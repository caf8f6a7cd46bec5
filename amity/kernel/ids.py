"""Identifiers: UUIDv7 (RFC 9562), random or made from what is already known."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID, uuid5

_VARIANT = 0b10 << 62
_VERSION = 0x7 << 76
_RANDOM_A_BITS, _RANDOM_B_BITS = 12, 62
_NAMESPACE = UUID("6f1d7a52-3c1e-5b7e-9a44-0d5c7f1be0a1")
_bits: Callable[[int], int] = secrets.randbits


def _compose(milliseconds: int, bits: int) -> UUID:
    random_a = (bits >> _RANDOM_B_BITS) & ((1 << _RANDOM_A_BITS) - 1)
    random_b = bits & ((1 << _RANDOM_B_BITS) - 1)
    stamp = max(0, milliseconds) & ((1 << 48) - 1)
    return UUID(int=(stamp << 80) | _VERSION | (random_a << 64) | _VARIANT | random_b)


def uuid7(at: datetime) -> UUID:
    """A new id that sorts by `at` (millisecond) and is otherwise random."""
    return _compose(int(at.timestamp() * 1000), _bits(_RANDOM_A_BITS + _RANDOM_B_BITS))


@contextmanager
def drawn_from(draw: random.Random) -> Iterator[None]:
    """Within it new ids follow from a seed, so that the same is lived again. Never where ids must not be guessed."""
    global _bits
    before, _bits = _bits, draw.getrandbits
    try:
        yield
    finally:
        _bits = before


def uuid7_of(at: datetime, *parts: str) -> UUID:
    """The id that `parts` at `at` always get: making it twice makes the same one."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).digest()
    return _compose(int(at.timestamp() * 1000), int.from_bytes(digest, "big"))


def stable_id(*parts: str) -> UUID:
    """The id of something that is named by `parts` alone, for example an identity by network and address."""
    return uuid5(_NAMESPACE, "\x1f".join(parts))
