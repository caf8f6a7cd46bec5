"""A stream under a passphrase or key file: AES-256-GCM in chunks, each bound to its place and the last one marked.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance, 2015): the nonce is the chunk's number and whether it is the last. A chunk that is missing, moved,
repeated, cut off or altered does not open. Each file has a key of its own, from a salt, so no nonce comes twice. The
header, which names salt and cost, is authenticated with every chunk.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amity.kernel.errors import Invalid
from amity.site.backup.errors import BadBackup, WrongKey

MAGIC = b"AMITY-SEALED-BACKUP 1\n"
CHUNK_BYTES = 1 << 20
_TAG_BYTES = 16
_HEADER_BYTES = 2_000
_COST = {"n": 1 << 16, "r": 8, "p": 1}  # 64 MB and about 0.3 s for each guess
_MOST_COST = {"n": 1 << 20, "r": 16, "p": 4}  # of a header that somebody else wrote
PASSPHRASE, KEY_FILE = "passphrase", "key-file"
SHORTEST_PASSPHRASE = 12
SHORTEST_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Secret:
    """What seals a backup: a passphrase that people remember, or the bytes of a key file."""

    kind: str
    value: bytes

    @classmethod
    def passphrase(cls, words: str) -> Secret:
        """Raises `Invalid` for one that is guessed in no time."""
        if len(words) < SHORTEST_PASSPHRASE:
            raise Invalid(f"A passphrase of a backup has {SHORTEST_PASSPHRASE} characters or more.")
        return cls(PASSPHRASE, words.encode())

    @classmethod
    def key_file(cls, content: bytes) -> Secret:
        """Raises `Invalid` for less than 32 bytes: make one with `head -c 64 /dev/urandom`."""
        if len(content) < SHORTEST_KEY_BYTES:
            raise Invalid("A key file holds 32 bytes or more: head -c 64 /dev/urandom > backup.key")
        return cls(KEY_FILE, content)

    def key(self, salt: bytes, cost: dict[str, int]) -> bytes:
        """The key of one file."""
        if self.kind == PASSPHRASE:
            memory = 128 * cost["n"] * cost["r"] * cost["p"] + (32 << 20)
            return hashlib.scrypt(self.value, salt=salt, maxmem=memory, dklen=32, **cost)
        return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"amity backup v1").derive(self.value)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


class SealedSink:
    """Writes what it is given sealed to `file`; `finish` marks the end, without which nothing opens."""

    def __init__(self, file: BinaryIO, secret: Secret) -> None:
        salt = os.urandom(16)
        header = {"secret": secret.kind, "salt": base64.b64encode(salt).decode(), "chunk_bytes": CHUNK_BYTES}
        header |= _COST if secret.kind == PASSPHRASE else {}
        line = MAGIC + json.dumps(header).encode() + b"\n"
        self._file, self._bound = file, hashlib.sha256(line).digest()
        self._cipher = AESGCM(secret.key(salt, _COST))
        self._waiting, self._number = bytearray(), 0
        file.write(line)

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK_BYTES:  # never empty at the end: the last chunk is marked
            self._put(bytes(self._waiting[:CHUNK_BYTES]), is_last=False)
            del self._waiting[:CHUNK_BYTES]
        return len(data)

    def finish(self) -> None:
        """Write the last chunk."""
        self._put(bytes(self._waiting), is_last=True)
        self._waiting.clear()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, is_last=is_last), plain, self._bound))
        self._number += 1


class SealedSource:
    """Reads what a `SealedSink` wrote. `read` raises `BadBackup` at the first chunk that is not as it was written."""

    def __init__(self, file: BinaryIO, secret: Secret) -> None:
        line, header = read_header(file)
        if header["secret"] != secret.kind:
            wanted = "a passphrase" if header["secret"] == PASSPHRASE else "a key file (--key-file)"
            raise WrongKey(f"This backup was sealed with {wanted}.")
        self._file, self._bound = file, hashlib.sha256(line).digest()
        cost = {name: header.get(name, 0) for name in _COST}
        self._cipher = AESGCM(secret.key(base64.b64decode(header["salt"]), cost))
        self._chunk = int(header["chunk_bytes"]) + _TAG_BYTES
        self._next = file.read(self._chunk)
        self._plain, self._place, self._number, self._is_over = b"", 0, 0, False

    def read(self, size: int) -> bytes:
        """Up to `size` bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0:
            if self._place == len(self._plain):
                if self._is_over:
                    break
                self._open_next()
                continue
            part = self._plain[self._place : self._place + size]
            self._place += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Read to the end, so that all of it was checked."""
        while self.read(CHUNK_BYTES):
            pass

    def _open_next(self) -> None:
        sealed, self._next = self._next, self._file.read(self._chunk)
        self._is_over = not self._next
        try:
            nonce = _nonce(self._number, is_last=self._is_over)
            self._plain = self._cipher.decrypt(nonce, sealed, self._bound)
        except InvalidTag:
            if self._number == 0:
                raise WrongKey("The passphrase or key is another one, or the file was altered.") from None
            raise BadBackup(
                f"The backup is cut off or was altered, about {self._number * CHUNK_BYTES:,} bytes from its start."
            ) from None
        self._place, self._number = 0, self._number + 1


def read_header(file: BinaryIO) -> tuple[bytes, dict[str, Any]]:
    """The first two lines of a sealed backup. Raises `BadBackup`."""
    magic = file.read(len(MAGIC))
    rest = file.readline(_HEADER_BYTES)
    try:
        header = json.loads(rest)
        salt = base64.b64decode(header["salt"], validate=True)
        is_sound = (
            magic == MAGIC and len(salt) == 16 and 0 < header["chunk_bytes"] <= 16 * CHUNK_BYTES
            and header["secret"] in (PASSPHRASE, KEY_FILE) and _is_affordable(header)
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        is_sound = False
    if not is_sound:
        raise BadBackup("The head of this backup is damaged, or it is none of Amity.")
    return magic + rest, header


def _is_affordable(header: dict[str, Any]) -> bool:
    if header["secret"] != PASSPHRASE:
        return True
    n = header["n"]
    return all(0 < header[name] <= most for name, most in _MOST_COST.items()) and n & (n - 1) == 0 and n > 1
