"""Signatures of the Standard Webhooks specification, made and checked.

What is signed is `id.timestamp.body`, the body byte by byte. `v1` is HMAC-SHA256 with a secret that both sides know
(`whsec_…`), `v1a` is Ed25519 with a private key that only the sender has (`whsk_…`; its public half is `whpk_…`).
Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SECRET_BYTES = 32  # the specification asks for 24 to 64
FEWEST_BYTES, MOST_BYTES = 24, 64
TOLERANCE = timedelta(minutes=5)
MOST_SIGNATURES = 16


class BadSecret(ValueError):
    """This is no secret or key of the specification."""


class NotVerified(Exception):
    """A delivery is not from whom it should be. `reason` is a code: missing, malformed, too_old, too_new, wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def new_secret() -> str:
    """A fresh secret for `v1`."""
    return SECRET + _encoded(secrets.token_bytes(SECRET_BYTES))


def new_private_key() -> str:
    """A fresh private key for `v1a`."""
    return PRIVATE + _encoded(Ed25519PrivateKey.generate().private_bytes_raw())


def public_key(private: str) -> str:
    """The half that a receiver checks with."""
    key = Ed25519PrivateKey.from_private_bytes(_decoded(private, PRIVATE))
    return PUBLIC + _encoded(key.public_key().public_bytes_raw())


def signature(key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature with one key, with the version before it. Raises `BadSecret`."""
    content = f"{message_id}.{timestamp}.".encode() + body
    if key.startswith(PRIVATE):
        private = Ed25519PrivateKey.from_private_bytes(_decoded(key, PRIVATE))
        return "v1a," + _encoded(private.sign(content))
    return "v1," + _encoded(hmac.new(secret_bytes(key), content, hashlib.sha256).digest())


def headers(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a delivery; during a rotation there are two keys and so two signatures."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }


@dataclass(frozen=True, slots=True)
class Verified:
    """Who says what: the id makes it the same message when it comes again."""

    message_id: str
    sent_at: int


def verify(keys: Iterable[str], given: Mapping[str, str], body: bytes, at: datetime) -> Verified:
    """Check a delivery on its raw bytes. `given` has lower-case names. Raises `NotVerified`; there is no other way.

    Everything that is missing, unknown or cannot be read counts as not verified.
    """
    message_id, stamp, signed = (
        given.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not (message_id and stamp and signed):
        raise NotVerified("missing")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12 and len(message_id) <= 200):
        raise NotVerified("malformed")
    sent_at, now = int(stamp), at.timestamp()
    if sent_at < now - TOLERANCE.total_seconds():
        raise NotVerified("too_old")
    if sent_at > now + TOLERANCE.total_seconds():
        raise NotVerified("too_new")
    offered = [part.partition(",") for part in signed.split(" ")[:MOST_SIGNATURES]]
    content = f"{message_id}.{sent_at}.".encode() + body
    good = False
    for key in keys:  # all of them, so that the time tells nothing about which one fits
        for version, _comma, value in offered:
            good |= _fits(key, version, value, content)
    if not good:
        raise NotVerified("wrong")
    return Verified(message_id, sent_at)


def _fits(key: str, version: str, value: str, content: bytes) -> bool:
    try:
        given = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    if version == "v1" and key.startswith(SECRET):
        return hmac.compare_digest(hmac.new(secret_bytes(key), content, hashlib.sha256).digest(), given)
    if version == "v1a" and key.startswith(PUBLIC):
        try:
            Ed25519PublicKey.from_public_bytes(_decoded(key, PUBLIC)).verify(given, content)
        except InvalidSignature:
            return False
        return True
    return False


def secret_bytes(secret: str) -> bytes:
    """The bytes of a `whsec_` secret. Raises `BadSecret` unless it is one of a length that is allowed."""
    found = _decoded(secret, SECRET)
    if not FEWEST_BYTES <= len(found) <= MOST_BYTES:
        raise BadSecret(f"a secret has {FEWEST_BYTES} to {MOST_BYTES} bytes")
    return found


def public_bytes(key: str) -> bytes:
    """The bytes of a `whpk_` key. Raises `BadSecret`."""
    found = _decoded(key, PUBLIC)
    if len(found) != 32:
        raise BadSecret("an Ed25519 key has 32 bytes")
    return found


def _decoded(text: str, prefix: str) -> bytes:
    if not text.startswith(prefix):
        raise BadSecret(f"it begins with {prefix}")
    try:
        return base64.b64decode(text.removeprefix(prefix), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSecret("what follows the prefix is not base64") from error


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()
