"""Files that wait in a colleague's draft: kept until they are sent with it, taken off it, or forgotten after a day.

What an upload may hold is decided while its colleague is locked, so that any number of requests at once keep to the
same limit. When it is sent, the row becomes an attachment of the message in the same transaction, under the same id.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.activity.domain.filekinds import HEAD_BYTES, safe_name, sent_as, sniff
from amity.activity.files import forget_soon
from amity.activity.models import Attachment, Upload
from amity.kernel.errors import DomainError, Invalid, NotFound
from amity.kernel.filestore import hold, path_of, store

LARGEST_FILE_BYTES = 20_000_000
MOST_MESSAGE_BYTES = 25_000_000
MOST_FILES = 20
MOST_WAITING_BYTES = 100_000_000
"""What may wait in all drafts of one colleague together."""
ROOM_BYTES = 512 * 1024**2
"""What must stay free on the disk, for the database."""
_COLLEAGUE = 4_172
"""The first half of the lock of a colleague's drafts; the second is the end of their id."""
MB = 1_000_000


class FileTooLarge(Invalid):
    """Larger than what a message may carry, alone or together with what is there."""

    code = "file.too_large"
    status = 413


class TooManyFiles(Invalid):
    """More files than a message carries, or more waiting than a colleague may leave lying about."""

    code = "file.too_many"


class FileEmpty(Invalid):
    """Nothing is in it."""

    code = "file.empty"


class NoRoom(DomainError):
    """The disk of the server is full."""

    code = "file.no_room"
    status = 507


class FileGone(NotFound):
    """No such file waits there for this colleague."""

    code = "file.gone"


@dataclass(frozen=True, slots=True)
class Draft:
    """Whose draft it is, and in which conversation of which source."""

    staff_id: UUID
    conversation_id: UUID
    source_id: UUID


def keep(draft: Draft, filename: str, content: bytes, *, at: datetime) -> Upload:
    """Have a file wait in a draft. Raises `FileTooLarge`, `TooManyFiles`, `FileEmpty`, `NoRoom`; then none is kept."""
    name = safe_name(filename)
    require_size(name, len(content))
    with transaction.atomic():
        newest = _require_room_in(draft, name, len(content))
        hold()
        sniffed = sniff(content[:HEAD_BYTES])
        return Upload.objects.create(
            id=uuid4(),
            staff_id=draft.staff_id,
            source_id=draft.source_id,
            conversation_id=draft.conversation_id,
            filename=name,
            media_type=sent_as(name, sniffed),
            size_bytes=len(content),
            digest=_stored(content),
            created_at=max(at, newest + timedelta(microseconds=1)) if newest else at,
        )


def require_size(name: str, size_bytes: int) -> None:
    """Refuse a file that no message can carry, before its bytes are looked at."""
    if size_bytes == 0:
        raise FileEmpty(_("“%(name)s” is empty.") % {"name": name})
    if size_bytes > LARGEST_FILE_BYTES:
        raise FileTooLarge(
            _("“%(name)s” is larger than %(most)s MB.") % {"name": name, "most": LARGEST_FILE_BYTES // MB}
        )


def _require_room_in(draft: Draft, name: str, size_bytes: int) -> datetime | None:
    """Refuse what is too much. When the newest file of this draft came, behind which the next one stands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_COLLEAGUE, draft.staff_id.int & 0x7FFF_FFFF])
    waiting = list(Upload.objects.of(draft.staff_id).only("conversation_id", "size_bytes", "created_at"))
    here = [one for one in waiting if one.conversation_id == draft.conversation_id]
    if sum(one.size_bytes for one in waiting) + size_bytes > MOST_WAITING_BYTES:
        raise TooManyFiles(
            _("%(most)s MB of files wait in your drafts already. Send or remove some first.")
            % {"most": MOST_WAITING_BYTES // MB}
        )
    require_carried([*(one.size_bytes for one in here), size_bytes], name)
    return max((one.created_at for one in here), default=None)


def require_carried(sizes: Sequence[int], name: str = "") -> None:
    """Refuse files that are too many, or too large together, for one message."""
    if len(sizes) > MOST_FILES:
        raise TooManyFiles(_("A message carries at most %(most)s files.") % {"most": MOST_FILES})
    if sum(sizes) > MOST_MESSAGE_BYTES:
        most = MOST_MESSAGE_BYTES // MB
        if not name:
            raise FileTooLarge(_("These files are larger than %(most)s MB together.") % {"most": most})
        raise FileTooLarge(
            _("With “%(name)s” the files are larger than %(most)s MB together.")
            % {"name": name, "most": most}
        )


def _stored(content: bytes) -> str:
    root = Path(settings.MEDIA_ROOT)
    try:
        root.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(root).free - len(content) < ROOM_BYTES:
            raise NoRoom(_no_room())
        return store(content)
    except OSError as error:
        raise NoRoom(_no_room()) from error


def _no_room() -> str:
    return _("The disk of the server is full. Your text is safe; tell your administrator.")


@transaction.atomic
def drop(upload_id: UUID, staff_id: UUID) -> UUID:
    """Take a file off a draft and forget its bytes. Returns the conversation. Raises `FileGone`."""
    found = Upload.objects.of(staff_id).select_for_update().filter(pk=upload_id).first()
    if found is None:
        raise FileGone(_("This file is not in your draft any more."))
    found.delete()
    forget_soon([found.digest])
    return found.conversation_id


def take(draft: Draft, ids: Sequence[UUID]) -> list[Upload]:
    """The files of a draft that are about to be sent, held until the transaction ends, in the order they came.

    Raises `FileGone` for one that is not this colleague's, not in this draft, or whose bytes are lost.
    """
    wanted = set(ids)
    rows = Upload.objects.of(draft.staff_id).filter(pk__in=wanted, conversation_id=draft.conversation_id)
    found = list(rows.select_for_update().in_order())
    if len(found) != len(wanted):
        raise FileGone(_("A file is not in your draft any more. Look at the list, then send it again."))
    for one in found:
        if not path_of(one.digest).is_file():
            raise FileGone(_("“%(name)s” is lost. Remove it and attach it again.") % {"name": one.filename})
    require_carried([one.size_bytes for one in found])
    return found


def send_with(activity_id: UUID, uploads: Sequence[Upload]) -> None:
    """Files of a draft become attachments of the message that it became, in the caller's transaction."""
    if not uploads:
        return
    Attachment.objects.bulk_create(
        Attachment(
            id=one.id,
            activity_id=activity_id,
            source_id=one.source_id,
            filename=one.filename,
            content_type=one.media_type,
            size_bytes=one.size_bytes,
            digest=one.digest,
            sniffed_type=_sniffed(one.digest),
        )
        for one in uploads
    )
    Upload.objects.filter(pk__in=[one.pk for one in uploads]).delete()


def _sniffed(digest: str) -> str:
    with path_of(digest).open("rb") as stream:
        return sniff(stream.read(HEAD_BYTES))


def give_back(activity_id: UUID, draft: Draft | None, *, at: datetime) -> None:
    """Attachments of a message that never left wait in a draft again; where there is none, they are forgotten."""
    found = list(Attachment.objects.filter(activity_id=activity_id).order_by("filename", "id"))
    if not found:
        return
    if draft is None:
        forget_soon([one.digest for one in found])
    else:
        Upload.objects.bulk_create(
            Upload(
                id=one.id,
                staff_id=draft.staff_id,
                source_id=one.source_id,
                conversation_id=draft.conversation_id,
                filename=one.filename,
                media_type=one.content_type,
                size_bytes=one.size_bytes,
                digest=one.digest,
                created_at=at + timedelta(microseconds=number),
            )
            for number, one in enumerate(found)
        )
    Attachment.objects.filter(activity_id=activity_id).delete()
