"""The files of Amity: bytes lie under their SHA-256 in the files folder, written before the row that names them.

Whoever names bytes holds them (`hold`) until the row is committed; whoever takes unnamed bytes away does it `alone`. So
bytes that somebody is about to name are never taken from under them.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from amity.kernel.durable import sync_folder

_LOCK = 4_171_003
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PARTIAL = re.compile(r"[0-9a-f]{64}\.[0-9a-f]{16}")
SHELVES = 256
"""Folders of the store: one for each first byte of a digest."""


def path_of(digest: str) -> Path:
    """Where the bytes of this digest lie."""
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest


def store(content: bytes) -> str:
    """Keep bytes and return their SHA-256 in hex; storing the same twice keeps one copy.

    Where they lay damaged, these take their place.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not _lies_whole(path, content):
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent.parent)
        _write_whole(path, content)
        sync_folder(path.parent)  # a name is on the disk once its folder is
    return digest


def _lies_whole(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except FileNotFoundError:
        return False


def _write_whole(path: Path, content: bytes) -> None:
    """The name means these bytes, whatever happens: they are on the disk before it is given, and a full one leaves
    nothing behind."""
    partial = path.with_suffix(f".{secrets.token_hex(8)}")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def bytes_of(digest: str) -> bytes:
    """The bytes of this digest. `FileNotFoundError` where they are not here, or are not those any more."""
    content = path_of(digest).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise FileNotFoundError(digest)
    return content


def hold(*, alone: bool = False) -> None:
    """Until the transaction ends: nobody takes bytes away; with `alone`, nobody else is about to name any."""
    shared = "" if alone else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s)", [_LOCK])


def try_alone() -> bool:
    """The same as `hold(alone=True)` where it need not wait; whether it is so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        (is_so,) = cursor.fetchone() or (False,)
    return bool(is_so)


def shelf(number: int) -> Iterator[Path]:
    """What lies in one of the folders, also what a crash left half written; nothing that is not of this store."""
    folder = Path(settings.MEDIA_ROOT) / f"{number:02x}"
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if (_DIGEST.fullmatch(path.name) or _PARTIAL.fullmatch(path.name)) and path.is_file():
            yield path
