"""Files of a reply: sent up first, then named by the reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.activity.models import Upload
from amity.conversations import services
from amity.conversations.api.reading import found
from amity.conversations.api.schemas import UploadOut, UploadsOut
from amity.kernel.api.answers import Answer
from amity.kernel.api.bodies import raw_body
from amity.kernel.api.operations import ApiRequest, operation

router = Router(tags=["conversations"])
_IN = "/conversations/{uuid:conversation_id}/uploads"


class FileQuery(Schema):
    filename: Annotated[str, StringConstraints(max_length=255)] = Field(
        "file", description="What the file is called; a path before the name is left out."
    )


@operation(
    router, "POST", _IN, of="conversation", does="write", answer=UploadOut, status=201,
    extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)  # fmt: skip
def upload_file(request: ApiRequest, conversation_id: UUID, wanted: Query[FileQuery]) -> Answer:
    """Send a file of up to 20 MB as the body; it waits for a reply that names it in `files`, for a day."""
    services.require_may_attach(conversation_id, request.actor)
    made = services.attach(
        conversation_id,
        actor=request.actor,
        at=request.now,
        filename=wanted.filename,
        content=raw_body(request),
    )
    return Answer(_upload(made), 201)


@operation(router, "GET", _IN, of="conversation", does="read", answer=UploadsOut)
def list_of_uploads(request: ApiRequest, conversation_id: UUID) -> Mapping[str, Any]:
    """Your files that wait for a reply in a conversation, also those of a reply that you took back; oldest first."""
    one = found(request, conversation_id)
    return {"items": [_upload(file) for file in services.waiting_in(one.id, actor=request.actor)]}


@operation(
    router, "DELETE", "/uploads/{uuid:upload_id}", of="conversation", does="write", answer=None, status=204
)
def remove_upload(request: ApiRequest, upload_id: UUID) -> Answer:
    """Forget a file of yours that waits for a reply."""
    services.detach(upload_id, actor=request.actor)
    return Answer(None, 204)


def _upload(file: Upload) -> Mapping[str, Any]:
    return {
        "id": file.id, "conversation_id": file.conversation_id, "name": file.filename,
        "media_type": file.media_type, "size_bytes": file.size_bytes, "created_at": file.created_at,
    }  # fmt: skip
