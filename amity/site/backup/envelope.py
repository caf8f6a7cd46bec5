"""The outermost layer of a backup: sealed, or a plain tar with a digest of every byte behind its end.

Programs that read tar files stop at the end of the archive, so the plain kind opens with any of them.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO, Protocol

from amity.site.backup.errors import BadBackup, WrongKey
from amity.site.backup.seal import MAGIC, SealedSink, SealedSource, Secret

_BLOCK = 1 << 20
_END = re.compile(rb"\namity-backup-end (\d{20}) ([0-9a-f]{64})\n")
_END_BYTES = len("\namity-backup-end ") + 20 + 1 + 64 + 1


class Sink(Protocol):
    """Takes the bytes of the archive in their order."""

    def write(self, data: bytes) -> int: ...
    def finish(self) -> None: ...


class Source(Protocol):
    """Gives them back. What `read` gave is sure only after `finish`."""

    def read(self, size: int) -> bytes: ...
    def finish(self) -> None: ...


class PlainSink:
    """Writes as is; `finish` adds length and digest."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest, self._size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self._size += len(data)
        return self._file.write(data)

    def finish(self) -> None:
        self._file.write(f"\namity-backup-end {self._size:020} {self._digest.hexdigest()}\n".encode())


class PlainSource:
    """Reads what a `PlainSink` wrote."""

    def __init__(self, file: BinaryIO) -> None:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(0, size - _END_BYTES))
        found = _END.fullmatch(file.read(_END_BYTES))
        if found is None or int(found[1]) != size - _END_BYTES:
            raise BadBackup("The backup is cut off, or was altered at its end, or it is none of Amity.")
        file.seek(0)
        self._file, self._left, self._wanted = file, int(found[1]), found[2].decode()
        self._digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        self._digest.update(data)
        return data

    def finish(self) -> None:
        """Read to the end and compare. Raises `BadBackup`."""
        while self.read(_BLOCK):
            pass
        if self._left or self._digest.hexdigest() != self._wanted:
            raise BadBackup("The backup was altered after it was written: its digest is another one.")


def open_sink(file: BinaryIO, secret: Secret | None) -> Sink:
    """Where the archive is written to, sealed if there is a secret."""
    return SealedSink(file, secret) if secret else PlainSink(file)


def is_sealed(path: Path) -> bool:
    """Whether a passphrase or key file is needed to open it."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def open_source(file: BinaryIO, secret: Secret | None) -> Source:
    """The archive of a backup. Raises `WrongKey` or `BadBackup`."""
    start = file.read(len(MAGIC))
    file.seek(0)
    if start == MAGIC:
        if secret is None:
            raise WrongKey("This backup is sealed: it needs its passphrase or key file (--key-file).")
        return SealedSource(file, secret)
    return PlainSource(file)
