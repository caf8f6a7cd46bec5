"""Files that came with messages. They are foreign: handed out to be saved, never shown as a page of ours.

Only what its own bytes show to be a raster picture is shown, as a picture and nothing else.
"""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amity.activity.domain.filekinds import LARGEST_PICTURE_BYTES, UNKNOWN, is_picture, safe_name
from amity.activity.files import path_of, type_of
from amity.activity.models import Attachment
from amity.kernel import policy
from amity.kernel.errors import NotFound
from amity.kernel.requests import ActingRequest

POLICY = "default-src 'none'; sandbox"


@require_safe
def file(request: ActingRequest, attachment_id: UUID) -> FileResponse:
    """The bytes of an attachment, to be saved under its name. `NotFound` for what is hidden, not kept, or gone."""
    return _handed_out(_found(request, attachment_id), UNKNOWN, as_attachment=True)


@require_safe
def picture(request: ActingRequest, attachment_id: UUID) -> FileResponse:
    """An attachment that is a raster picture by its own bytes, to be shown. `NotFound` for anything else."""
    found = _found(request, attachment_id)
    media_type = type_of(found)
    if not is_picture(media_type) or found.size_bytes > LARGEST_PICTURE_BYTES:
        raise NotFound(_("This file is no picture that can be shown."))
    return _handed_out(found, media_type, as_attachment=False)


def _found(request: ActingRequest, attachment_id: UUID) -> Attachment:
    found = policy.visible(Attachment.objects.filter(pk=attachment_id), request.actor).first()
    if found is None or not found.digest or not path_of(found.digest).is_file():
        raise NotFound(_("This file is not kept here."))
    return found


def _handed_out(found: Attachment, media_type: str, *, as_attachment: bool) -> FileResponse:
    response = FileResponse(
        path_of(found.digest).open("rb"),
        as_attachment=as_attachment,
        filename=safe_name(found.filename),
        content_type=media_type,
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store" if as_attachment else "private, max-age=3600"
    return response
