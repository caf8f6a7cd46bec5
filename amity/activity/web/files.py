"""Files that came with messages. They are foreign: handed out to be saved, never shown as a page of ours."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amity.activity.files import path_of
from amity.activity.models import Attachment
from amity.kernel import policy
from amity.kernel.errors import NotFound
from amity.kernel.requests import ActingRequest

POLICY = "default-src 'none'; sandbox"


@require_safe
def file(request: ActingRequest, attachment_id: UUID) -> FileResponse:
    """The bytes of an attachment, to be saved under its name. `NotFound` for what is hidden, not kept, or gone."""
    found = policy.visible(Attachment.objects.filter(pk=attachment_id), request.actor).first()
    path = path_of(found.digest) if found and found.digest else None
    if found is None or path is None or not path.is_file():
        raise NotFound(_("This file is not kept here."))
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=found.filename, content_type="application/octet-stream"
    )
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response
