"""Secrets of others that Amity has to know again: mailbox passwords, webhook keys, seeds of second factors.

They lie in the database sealed with AES-256-GCM under a key that does not: `AMITY_VAULT_KEY`, else the file
`vault_key` in the home folder. The purpose is part of the seal, so that a value copied into another column does not
open there. What need not be known again (passwords of colleagues, API tokens) is hashed instead, never sealed.
"""

from __future__ import annotations

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from amity.kernel.errors import DomainError
from amity.kernel.keyfile import kept_secret

_VERSION = "v1."
_NONCE_BYTES = 12


class Unsealable(DomainError):
    """A sealed value does not open: it was sealed with another key or for another purpose, or it was altered."""

    code = "vault.unsealable"
    status = 500

    def __init__(self) -> None:
        super().__init__(
            "A stored secret cannot be opened with this installation's key. Put back the vault_key that belongs to "
            "this database (it is part of every backup), or enter the secret again."
        )


def seal(plain: str, *, purpose: str) -> str:
    """`plain` as text that only this installation opens, for the same `purpose`. Sealing twice gives two texts."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_key()).encrypt(nonce, plain.encode(), purpose.encode())
    return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """What was sealed. Raises `Unsealable`."""
    if not sealed.startswith(_VERSION):
        raise Unsealable
    try:
        whole = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
        opened = AESGCM(_key()).decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise Unsealable from error
    return opened.decode()


def _key() -> bytes:
    return _derived(settings.VAULT_KEY or kept_secret(settings.HOME / "vault_key"))


@lru_cache(maxsize=4)
def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"amity vault v1").derive(secret.encode())
