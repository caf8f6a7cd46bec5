"""What is inside: a tar of regular files. `database/000001 …` put together are a dump in pg_dump's custom format."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from amity.site.backup.envelope import Sink, Source
from amity.site.backup.errors import BadBackup

FORMAT = 1
SEGMENT_BYTES = 4 << 20
_COPY_BYTES = 1 << 20
_DATABASE = re.compile(r"database/\d{6,}")
FOLDERS = ("files", "outbox")
"""The folders of the home that are kept, each with all that is below it."""
_KEYS = ("keys/secret_key", "keys/vault_key")
_MANIFEST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds, written last; `counts` are rows of each table at the moment of the snapshot.

    `migrations` are all that were applied, as `app.name`. `audit` is the head of the audit chain (position, hash),
    empty where there is none. `files_sha256` is over the lines "digest  name" of all files in their order.
    """

    format: int
    version: str
    made_at: str
    installation: str
    postgres_major: int
    database_bytes: int
    counts: dict[str, int]
    migrations: list[str]
    audit: dict[str, str | int]
    dump_bytes: int = 0
    dump_sha256: str = ""
    files: int = 0
    files_bytes: int = 0
    files_sha256: str = ""
    has_keys: bool = False
    vault_key_mark: str = ""
    changed_while_read: list[str] = field(default_factory=list)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises `BadBackup` for a format that this Amity does not know."""
        try:
            found = json.loads(text)
            if found["format"] != FORMAT:
                raise BadBackup(f"This backup has format {found['format']}: restore it with a newer Amity.")
            return cls(**found)
        except (ValueError, KeyError, TypeError) as error:
            raise BadBackup("The list of contents of this backup cannot be read.") from error


class ArchiveWriter:
    """Writes members one after the other and keeps count of them. Memory does not grow with their size or number."""

    def __init__(self, sink: Sink) -> None:
        self._tar = tarfile.open(  # noqa: SIM115  # `close` closes it
            fileobj=cast(BinaryIO, sink), mode="w|", format=tarfile.PAX_FORMAT, bufsize=_COPY_BYTES
        )
        self._files = hashlib.sha256()
        self.files = self.files_bytes = self.dump_bytes = 0
        self.dump = hashlib.sha256()
        self._segments = 0

    def put(self, name: str, content: bytes) -> None:
        self._put(name, len(content), io.BytesIO(content))

    def put_segment(self, content: bytes) -> None:
        """The next part of the dump."""
        self._segments += 1
        self.dump.update(content)
        self.dump_bytes += len(content)
        self.put(f"database/{self._segments:06}", content)

    def put_file(self, name: str, size: int, file: BinaryIO) -> bool:
        """A file, as `files/…`; says whether it was as long as its size. A shorter one is filled with zeros."""
        measured = _Measured(file, size)
        self._put(name, size, cast(BinaryIO, measured))
        self._files.update(f"{measured.digest.hexdigest()}  {name}\n".encode())
        self.files += 1
        self.files_bytes += size
        return not measured.was_short

    @property
    def files_sha256(self) -> str:
        return self._files.hexdigest()

    def _put(self, name: str, size: int, content: BinaryIO) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, content)
        self._tar.members.clear()  # type: ignore[attr-defined]  # it would keep one object for each file

    def close(self) -> None:
        self._tar.close()


class _Measured:
    """Reads exactly `size` bytes of a file and digests them."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size
        self.digest, self.was_short = hashlib.sha256(), False

    def read(self, size: int) -> bytes:
        wanted = min(size, self._left)
        data = self._file.read(wanted)
        if len(data) < wanted:
            self.was_short = True
            data += bytes(wanted - len(data))
        self._left -= len(data)
        self.digest.update(data)
        return data


@dataclass(frozen=True, slots=True)
class Member:
    """`kind` is `database`, `keys`, `files` or `manifest`. Read `content` before the next one."""

    kind: str
    name: str
    size: int
    content: BinaryIO


def members(source: Source) -> Iterator[Member]:
    """The members in their order. Raises `BadBackup` for whatever is no plain file with a place of its own: links,
    devices, names that lead elsewhere."""
    try:
        with tarfile.open(fileobj=cast(BinaryIO, source), mode="r|", bufsize=_COPY_BYTES) as tar:
            while (found := tar.next()) is not None:
                if not found.isreg() or found.issparse():
                    raise BadBackup(f"The backup holds something that is no plain file ({found.name!r}).")
                content = tar.extractfile(found)
                if content is None:
                    raise BadBackup(f"The backup holds something that cannot be read ({found.name!r}).")
                kind, name = _place(found.name)
                yield Member(kind, name, found.size, cast(BinaryIO, content))
                tar.members.clear()  # type: ignore[attr-defined]  # as above
    except (tarfile.TarError, EOFError, UnicodeError, ValueError, OverflowError) as error:
        raise BadBackup("The backup was altered: its contents cannot be read.") from error


def _place(name: str) -> tuple[str, str]:
    if name == "manifest.json":
        return "manifest", ""
    if _DATABASE.fullmatch(name):
        return "database", name.partition("/")[2]
    if name in _KEYS:
        return "keys", name.partition("/")[2]
    if name.partition("/")[0] in FOLDERS and name.count("/") and is_safe(name):
        return "files", name
    raise BadBackup(f"The backup holds a file in a place where none belongs ({name!r}).")


def is_safe(name: str) -> bool:
    """Whether a name stays below the folder it is put in: no way up, no root, nothing invisible."""
    parts = name.split("/")
    return (
        all(part not in ("", ".", "..") and len(part.encode()) <= 255 for part in parts)
        and not any(ord(letter) < 32 or letter in "\\\x7f" for letter in name)
        and str(PurePosixPath(name)) == name
    )


def read_manifest(member: Member) -> Manifest:
    if member.size > _MANIFEST_BYTES:
        raise BadBackup("The list of contents of this backup is too long to be one.")
    return Manifest.from_json(member.content.read())
