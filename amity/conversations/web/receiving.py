"""Files that come with a form: bounded, and what is too large is read and thrown away, so that the text is not lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from amity.activity.uploads import (
    LARGEST_FILE_BYTES,
    MOST_FILES,
    MOST_MESSAGE_BYTES,
    FileTooLarge,
    TooManyFiles,
    require_carried,
    require_size,
)
from amity.conversations import services
from amity.conversations.web.requests import ActingRequest
from amity.kernel import policy
from amity.kernel.errors import DomainError, NotFound

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_BODY_BYTES = 500_000_000
_MOST_HELD_BYTES = 40_000_000
"""What the files of one request may hold in memory; those beyond it are too many."""
View = Callable[[ActingRequest, UUID], HttpResponse]


class ReceivedFile(SimpleUploadedFile):
    """A file of a form. `is_cut` where it was larger than a message carries: then its bytes are not all here."""

    is_cut: bool = False


class Bounded(FileUploadHandler):
    """Keeps the files of a form in memory, as far as they could be sent at all."""

    def __init__(self, request: ActingRequest) -> None:
        super().__init__(request)
        self._content = bytearray()
        self._held = self._size = 0

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        self._content, self._size = bytearray(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - as the base has it
        self._size += len(raw_data)
        if self._size <= LARGEST_FILE_BYTES and self._held + self._size <= _MOST_HELD_BYTES:
            self._content += raw_data
        return None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        is_cut = file_size != len(self._content)
        found = ReceivedFile(self.file_name or "", b"" if is_cut else bytes(self._content))
        found.is_cut, found.size = is_cut, file_size
        self._held += 0 if is_cut else file_size
        self._content = bytearray()
        return found


def takes_files(view: View) -> View:
    """For a form of a conversation that may carry files: who may not attach is refused before its body is read."""

    @csrf_protect
    def checked(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
        return view(request, conversation_id)

    @csrf_exempt  # `checked` looks at the token, when it is known who asks and how much comes
    @require_POST
    @wraps(view)
    def bounded(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
        policy.require(request.actor, "write", "conversation")
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY_BYTES:
            raise FileTooLarge(_("This is too large to be sent. Nothing was changed."))
        request.upload_handlers = [Bounded(request)]
        return checked(request, conversation_id)

    return bounded


def attach_received(request: ActingRequest, conversation_id: UUID) -> tuple[list[UUID], list[DomainError]]:
    """Have the files of this form wait in the draft. Those that do, and what is wrong with the others."""
    received = [one for one in request.FILES.getlist("file") if isinstance(one, ReceivedFile)]
    waiting: list[UUID] = []
    problems: list[DomainError] = []
    if len(received) > MOST_FILES:
        problems.append(TooManyFiles(_("A message carries at most %(most)s files.") % {"most": MOST_FILES}))
    for one in received[:MOST_FILES]:
        try:
            waiting.append(_attach(request, conversation_id, one))
        except (NotFound, services.NotYourDraft):
            raise
        except DomainError as error:
            problems.append(error)
    return waiting, problems


def _attach(request: ActingRequest, conversation_id: UUID, one: ReceivedFile) -> UUID:
    if one.is_cut:
        require_size(one.name or "", one.size or 0)
        require_carried([MOST_MESSAGE_BYTES + 1], one.name or "")
    return services.attach(
        conversation_id, actor=request.actor, at=request.now, filename=one.name or "", content=one.read()
    ).id
