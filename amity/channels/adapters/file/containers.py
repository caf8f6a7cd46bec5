"""Unwrapping: plain files, gzip, zip, tar and folders give bounded streams of bytes."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from amity.channels.adapters.file.shape import Container
from amity.channels.records import Unreadable

MIN_EXPANDED_BYTES = 1024**3
MAX_EXPANSION = 200
"""A packed file may unpack to 1 GiB, or to 200 times its size where that is more; text packs 5 to 20 times."""

MAX_MEMBERS = 1_000_000
_BUFFER_BYTES = 1024 * 1024


class Member(NamedTuple):
    """One file inside a folder or archive. `stream` is valid until the next member is asked for."""

    name: str
    size_bytes: int
    stream: BinaryIO


_TOO_LARGE = (
    f"The packed file unpacks to more than {MAX_EXPANSION} times its size. Unpack it first, and "
    "import the files that it holds."
)
_DAMAGES = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)


class _Budget:
    """How many bytes may still come out of one packed file, over all that it holds."""

    def __init__(self, packed_bytes: int) -> None:
        self.left_bytes = max(MIN_EXPANDED_BYTES, MAX_EXPANSION * packed_bytes)

    def take(self, count_bytes: int) -> None:
        """Spend so many. Raises `Unreadable`: `too_large`."""
        self.left_bytes -= count_bytes
        if self.left_bytes < 0:
            raise Unreadable("too_large", _TOO_LARGE)


class _Bounded(io.RawIOBase):
    """A stream that stops at a budget, and that reports damage in words."""

    def __init__(self, source: BinaryIO, budget: _Budget) -> None:
        self._source = source
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._source.read(len(buffer))
        except _DAMAGES as error:
            raise Unreadable(
                "damaged", "The packed file is damaged or incomplete. Export or download it again."
            ) from error
        self._budget.take(len(chunk))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _bounded(source: object, budget: _Budget) -> BinaryIO:
    raw = _Bounded(cast(BinaryIO, source), budget)
    return cast(BinaryIO, io.BufferedReader(raw, _BUFFER_BYTES))


@contextmanager
def open_stream(path: Path, container: Container, member: str = "") -> Iterator[BinaryIO]:
    """The unwrapped bytes of `path`, or of the file called `member` inside it.

    Raises `Unreadable`: `damaged`, `too_large`, `encrypted`, `member_missing`.
    """
    size = path.stat().st_size
    if container is Container.PLAIN:
        with path.open("rb", buffering=_BUFFER_BYTES) as plain:
            yield plain
    elif container is Container.GZIP:
        with gzip.open(path, "rb") as packed:
            yield _bounded(packed, _Budget(size))
    elif container is Container.XLSX:
        from amity.channels.adapters.file.workbook import open_sheet  # it knows the bounds that stand here

        with open_sheet(path, member) as sheet:
            yield sheet
    else:
        for found in iter_members(path, container):
            if found.name == member:
                yield found.stream
                return
        raise Unreadable("member_missing", f"There is no file “{member}” in it.")


def iter_members(path: Path, container: Container) -> Iterator[Member]:
    """The files inside a folder (sorted by name, so that a cursor holds), zip or tar, system files left out."""
    walk = {Container.ZIP: _zip_members, Container.TAR: _tar_members}.get(container, _folder_members)
    for number, member in enumerate(walk(path)):
        if number >= MAX_MEMBERS:
            raise Unreadable("too_large", f"It holds more than {MAX_MEMBERS:,} files. Split it.")
        yield member


def _is_system_file(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts if part not in {".", ".."})


def _folder_members(path: Path) -> Iterator[Member]:
    for entry in sorted(path.rglob("*")):
        name = entry.relative_to(path).as_posix()
        if _is_system_file(name) or entry.is_symlink() or not entry.is_file():
            continue
        with entry.open("rb") as stream:
            yield Member(name, entry.stat().st_size, stream)


def _zip_members(path: Path) -> Iterator[Member]:
    budget = _Budget(path.stat().st_size)
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise Unreadable(
            "damaged", "The zip file is damaged or incomplete. Export or download it again."
        ) from error
    with archive:
        entries = [
            one for one in archive.infolist() if not one.is_dir() and not _is_system_file(one.filename)
        ]
        if sum(entry.file_size for entry in entries) > budget.left_bytes:
            raise Unreadable("too_large", _TOO_LARGE)  # it says so itself: nothing needs to be unpacked
        for entry in entries:
            if entry.flag_bits & 1:
                raise Unreadable(
                    "encrypted", "The zip file has a password. Unpack it, and import what it holds."
                )
            try:
                packed = archive.open(entry)
            except (NotImplementedError, zipfile.BadZipFile) as error:
                raise Unreadable(
                    "damaged", "The zip file is packed in a way that cannot be read. Unpack it first."
                ) from error
            with packed:
                yield Member(entry.filename, entry.file_size, _bounded(packed, budget))


def _tar_members(path: Path) -> Iterator[Member]:
    size = path.stat().st_size
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        source = _bounded(gzip.GzipFile(fileobj=raw) if packed else raw, _Budget(size))
        budget = _Budget(size)  # of what the members hold: a sparse one is more than the archive has of it
        try:
            with tarfile.open(fileobj=source, mode="r|") as archive:
                for entry in archive:
                    stream = archive.extractfile(entry) if entry.isreg() else None
                    if stream is not None and not _is_system_file(entry.name):
                        yield Member(entry.name, entry.size, _bounded(stream, budget))
        except tarfile.TarError as error:
            raise Unreadable(
                "damaged", "The tar file is damaged or incomplete. Export or download it again."
            ) from error
