"""Attachments: their bytes lie under their digest in the files folder, written before the row that names them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

from amity.activity.domain.filekinds import HEAD_BYTES, UNKNOWN, sniff
from amity.activity.models import Attachment
from amity.activity.rows import ActivityRow
from amity.kernel.copying import copy_insert
from amity.kernel.filestore import hold, path_of, store, try_alone
from amity.kernel.ids import stable_id

__all__ = ["LARGEST_BYTES", "forget", "forget_soon", "keep", "path_of", "store", "type_of", "unnamed"]

LARGEST_BYTES = 25_000_000


# One statement, so that it sees one moment: a file that is being sent goes from the one table to the other.
_UNNAMED = """
    SELECT d FROM unnest(%s::text[]) d
    WHERE NOT EXISTS (SELECT 1 FROM activity_attachment a WHERE a.digest = d AND a.digest <> '')
        AND NOT EXISTS (SELECT 1 FROM activity_upload u WHERE u.digest = d)
"""


def unnamed(digests: Iterable[str]) -> set[str]:
    """Those of the digests that no attachment and no waiting file names."""
    with connection.cursor() as cursor:
        cursor.execute(_UNNAMED, [sorted(set(digests) - {""})])
        return {digest for (digest,) in cursor.fetchall()}


def forget(digests: Iterable[str]) -> None:
    """Remove bytes that nothing names any more. Call it inside a transaction, while nobody records what came in."""
    hold(alone=True)
    for digest in unnamed(digests):
        path_of(digest).unlink(missing_ok=True)


def forget_soon(digests: Iterable[str]) -> None:
    """Once the caller's transaction is committed, remove bytes that nothing names any more.

    Nobody waits for it: while others are about to name bytes they are left to the sweep of the hour.
    """
    wanted = sorted(set(digests) - {""})
    if wanted:
        transaction.on_commit(lambda: _forget_now(wanted), robust=True)


def _forget_now(digests: Iterable[str]) -> None:
    with transaction.atomic():
        if try_alone():
            for digest in unnamed(digests):
                path_of(digest).unlink(missing_ok=True)


def keep(rows: list[ActivityRow], source_id: UUID) -> None:
    """Write the attachments of these rows. A file over 25 MB keeps its name and size, not its content."""
    if rows:
        hold()
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
