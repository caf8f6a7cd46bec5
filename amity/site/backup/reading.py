"""Reading a backup: all of it is verified before anything of it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from amity.site.backup.archive import Manifest, Member, members, read_manifest
from amity.site.backup.envelope import open_source
from amity.site.backup.errors import BadBackup
from amity.site.backup.seal import Secret

_COPY_BYTES = 1 << 20
_KEY_BYTES = 10_000


class Taker(Protocol):
    """What becomes of the contents."""

    def database(self, part: bytes) -> None:
        """The next bytes of the dump."""

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:  # noqa: ARG002  # a protocol's
        """A file, as `files/…`; yields what takes its bytes."""
        yield lambda _part: None

    def key(self, name: str, value: str) -> None:
        """`secret_key` or `vault_key`."""


class Nobody:
    """Takes nothing: for looking only."""

    def database(self, part: bytes) -> None: ...

    @contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:  # noqa: ARG002
        yield lambda _part: None

    def key(self, name: str, value: str) -> None: ...


@dataclass(slots=True)
class _Tally:
    """What was read, to be compared with the manifest."""

    dump: hashlib._Hash
    files_digest: hashlib._Hash
    dump_bytes: int = 0
    files: int = 0
    files_bytes: int = 0
    segments: int = 0
    keys: int = 0


def read_backup(
    path: Path, secret: Secret | None, taker: Taker, *, told: Callable[[int], None] = lambda _done: None
) -> Manifest:
    """Read a whole backup, giving its contents to `taker`, and compare all with its manifest.

    Raises `BadBackup` or `WrongKey`, also at the very end: what `taker` got may be used only after this returned.
    """
    if not path.is_file():
        raise BadBackup(f"There is no backup at {path}.")
    manifest: Manifest | None = None
    tally = _Tally(hashlib.sha256(), hashlib.sha256())
    with path.open("rb") as file:
        source = open_source(file, secret)
        for member in members(source):
            if manifest is not None:
                raise BadBackup("The backup goes on behind its list of contents.")
            if member.kind == "manifest":
                manifest = read_manifest(member)
            else:
                _take(member, taker, tally)
            told(tally.dump_bytes + tally.files_bytes)
        source.finish()
    if manifest is None:
        raise BadBackup("The backup has no list of contents: it is not whole.")
    _compare(manifest, tally)
    return manifest


def verify(path: Path, secret: Secret | None) -> Manifest:
    """Read every byte of a backup and use none. Raises `BadBackup` or `WrongKey`."""
    return read_backup(path, secret, Nobody())


def _take(member: Member, taker: Taker, tally: _Tally) -> None:
    if member.kind == "keys":
        if member.size > _KEY_BYTES:
            raise BadBackup("A key in this backup is too long to be one.")
        taker.key(member.name, member.content.read().decode())
        tally.keys += 1
    elif member.kind == "database":
        tally.segments += 1
        if int(member.name) != tally.segments:
            raise BadBackup("Parts of the database are missing in this backup, or not in their order.")
        for part in _parts(member):
            tally.dump.update(part)
            tally.dump_bytes += len(part)
            taker.database(part)
    else:
        digest = hashlib.sha256()
        with taker.file(member.name) as take:
            for part in _parts(member):
                digest.update(part)
                take(part)
        tally.files += 1
        tally.files_bytes += member.size
        tally.files_digest.update(f"{digest.hexdigest()}  {member.name}\n".encode())


def _parts(member: Member) -> Iterator[bytes]:
    read = 0
    while part := member.content.read(_COPY_BYTES):
        read += len(part)
        yield part
    if read != member.size:
        raise BadBackup("The backup is cut off.")


def _compare(manifest: Manifest, tally: _Tally) -> None:
    found = (
        tally.dump_bytes, tally.dump.hexdigest(), tally.files, tally.files_bytes, tally.files_digest.hexdigest(),
        tally.keys == 2,
    )  # fmt: skip
    wanted = (
        manifest.dump_bytes, manifest.dump_sha256, manifest.files, manifest.files_bytes, manifest.files_sha256,
        manifest.has_keys,
    )  # fmt: skip
    if found != wanted:
        raise BadBackup("The contents of this backup are not those of its list.")
