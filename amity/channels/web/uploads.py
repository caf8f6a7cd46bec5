"""Files on their way in: streamed into the home folder, bounded, never held in memory."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.channels.reading import describe_run, time_zone_of
from amity.channels.records import Unreadable
from amity.kernel.errors import Invalid

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

    Uploaded = UploadedFile[bytes]
else:
    Uploaded = UploadedFile

MOST_BYTES = 2 * 1024**3
"""Largest file that a browser may send; larger ones are imported on the server with `amity import`."""

ROOM_BYTES = 512 * 1024**2
"""What must stay free on the disk, for the database that the file goes into."""

ACCEPTED = ".csv,.tsv,.txt,.xlsx,.vcf,.json,.jsonl,.ndjson,.mbox,.eml,.gz,.tgz,.zip,.tar,.js"
"""What a file chooser offers first. Content decides, not the name."""


class TooLarge(Invalid):
    """The file is larger than what is taken through a browser."""

    code = "import.too_large"
    status = 413


class StreamedFile(Uploaded):
    """An upload that lies on disk at `path`; `is_cut` where it was larger than what is taken."""

    path: Path
    is_cut: bool


class ToDisk(FileUploadHandler):
    """Writes each file of a form straight to disk. What goes beyond the limit is read and thrown away."""

    def __init__(self, request: ActingRequest) -> None:
        super().__init__(request)
        self._open: Any = None
        self._size = 0
        self.paths: list[Path] = []

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        folder = Path(settings.MEDIA_ROOT) / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        self._open = tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False)  # noqa: SIM115 - handed on
        self._size = 0
        self.paths.append(Path(self._open.name))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002 - as the base has it
        self._size += len(raw_data)
        if self._size <= MOST_BYTES:
            self._open.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> Uploaded | None:
        self._open.flush()
        found = StreamedFile(self._open, self.file_name, self.content_type, file_size, self.charset)
        found.path, found.is_cut = self.paths[-1], file_size > MOST_BYTES
        self._open.close()
        return found

    def upload_interrupted(self) -> None:
        self.remove_leftovers()

    def remove_leftovers(self) -> None:
        """Delete what nobody took over."""
        if self._open is not None and not self._open.closed:
            self._open.close()
        for path in self.paths:
            path.unlink(missing_ok=True)


def require_room(content_length: int) -> None:
    """Refuse with words what would fill the disk."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if content_length + ROOM_BYTES > free:
        raise TooLarge(
            _(
                "The disk of the server has %(free)s MB left, too little for this file. Make room and try again."
            )
            % {"free": f"{free // 1024**2:,}"}
        )


def take_upload(upload: StreamedFile, request: ActingRequest) -> ImportRun:
    """A draft for an uploaded file, described as far as it can be; what is wrong with it stands in `error`."""
    name = upload.name or ""
    if upload.is_cut:
        raise TooLarge(
            _(
                "“%(name)s” is larger than %(most)s GB. Copy it to the server and import it there: amity import FILE"
            )
            % {"name": imports.shown_name(name), "most": MOST_BYTES // 1024**3}
        )
    run = imports.store_file(upload.path, actor=request.actor, at=request.now, filename=name, take=True)
    return look_at(run)


def look_at(run: ImportRun) -> ImportRun:
    """Describe a draft; the reason why nobody can read it is kept with it."""
    try:
        describe_run(run, time_zone=time_zone_of(run))
    except Unreadable as error:
        run.error = error.reason
    run.save(update_fields=["error"])
    return run
