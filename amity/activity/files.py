"""Attachments: their bytes lie under their digest in the files folder, written before the row that names them."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings

from amity.activity.domain.filekinds import HEAD_BYTES, UNKNOWN, sniff
from amity.activity.models import Attachment
from amity.activity.rows import ActivityRow
from amity.kernel.copying import copy_insert
from amity.kernel.ids import stable_id

LARGEST_BYTES = 25_000_000


def path_of(digest: str) -> Path:
    """Where the bytes of this digest lie."""
    return Path(settings.MEDIA_ROOT) / digest[:2] / digest


def store(content: bytes) -> str:
    """Keep bytes and return their SHA-256 in hex; storing the same twice keeps one copy."""
    digest = hashlib.sha256(content).hexdigest()
    path = path_of(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(path, content)
    return digest


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


def forget(digests: Iterable[str]) -> None:
    """Remove bytes that no attachment names any more. Call it while nobody records: a new one may name them."""
    digests = list(digests)
    named = set(Attachment.objects.filter(digest__in=digests).values_list("digest", flat=True))
    for digest in set(digests) - named:
        path_of(digest).unlink(missing_ok=True)


def keep(rows: list[ActivityRow], source_id: UUID) -> None:
    """Write the attachments of these rows. A file over 25 MB keeps its name and size, not its content."""
    copy_insert(
        "activity_attachment",
        ["id", "activity_id", "source_id", "filename", "content_type", "size_bytes", "digest", "sniffed_type",
         "content_id"],
        (
            (
                stable_id("attachment", str(row.id), str(number)),
                row.id,
                source_id,
                attachment.filename[:255],
                attachment.content_type[:120],
                attachment.size_bytes,
                store(attachment.content)
                if attachment.content and attachment.size_bytes <= LARGEST_BYTES
                else "",
                sniff((attachment.content or b"")[:HEAD_BYTES]) if attachment.content else "",
                attachment.content_id[:255],
            )
            for row in rows
            for number, attachment in enumerate(row.attachments)
        ),
    )  # fmt: skip


def type_of(attachment: Attachment) -> str:
    """What a kept file is, told from its bytes; `UNKNOWN` where they are not here."""
    if attachment.sniffed_type or not attachment.digest:
        return attachment.sniffed_type or UNKNOWN
    try:  # kept before types were told
        with path_of(attachment.digest).open("rb") as stream:
            return sniff(stream.read(HEAD_BYTES))
    except FileNotFoundError:
        return UNKNOWN
