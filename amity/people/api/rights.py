"""What people may demand: all that we know of them, and to be erased. No assistant is offered any of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import FileResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from amity.kernel import audit
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import NO_TOOL, ApiRequest, In, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.erasing import Line
from amity.people import disclosures, erasures
from amity.people.models import PersonDisclosure, PersonErasure
from amity.people.queries import person_record
from amity.people.queries.erased import certificate_of, erasure_of, foretold, get_erasure, list_erasures

router = Router(tags=["people"])
Ground = Literal["request", "objection", "consent", "purpose", "unlawful", "duty"]
_ZIP: dict[str, Any] = {
    "responses": {
        200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
    }
}


class ErasureOut(Schema):
    """That a person is to be erased, or was. Whom it was is not kept."""

    id: UUID
    state: Literal["waiting", "running", "done", "stopped"] = Field(description="How it stands.")
    ground: Ground = Field(description="Why: a ground of GDPR, article 17(1).")
    asked_at: datetime = Field(description="When it was asked for.")
    asked_by: str = Field(description="The name of the colleague who did.")
    begins_at: datetime = Field(description="Until then it can be stopped.")
    why: str = Field(description="The retention rule that asked for it; empty where a colleague did.")
    stopped_at: datetime | None = Field(description="When it was stopped; null where it was not.")
    stopped_why: str = Field(description="Why, where nobody stopped it by hand; empty otherwise.")
    done_at: datetime | None = Field(description="When all of it was gone; null before.")
    sha256: str = Field(description="The hash of the certificate; empty before there is one.")


class ErasuresPage(Schema):
    """A page of erasures."""

    items: list[ErasureOut]
    after: str = Field("", description="Where the next page starts; not there on the last one.")


class ErasureLine(Schema):
    """What an erasure does to one kind of record."""

    what: str = Field(description="How many of what.")
    note: str = Field(description="What becomes of it.")


class ForetoldOut(Schema):
    """What an erasure would do."""

    goes: list[ErasureLine] = Field(description="What would be removed.")
    stays: list[ErasureLine] = Field(description="What would stay, without a name.")
    hides: bool = Field(description="Sources that are closed to you are erased too, and not counted here.")
    waiting: ErasureOut | None = Field(
        description="The erasure that they wait for; null where there is none."
    )


class ErasureIn(In):
    """Why a person is erased."""

    ground: Ground = Field(description="A ground of GDPR, article 17(1).")
    now: bool = Field(False, description="At once, without the day to stop it. Needs `erasure:delete`.")


class CertificateOut(Schema):
    """What was erased, counted by table, without a word of who it was."""

    certificate: dict[str, Any] = Field(
        description="Times, ground, and rows by table: removed, and kept without a name."
    )
    sha256: str = Field(description="SHA-256 over the certificate as JSON with sorted keys and no blanks.")


class DisclosureOut(Schema):
    """A file of all that is known of a person, for them. It was made as far as you may see."""

    id: UUID
    state: Literal["waiting", "done", "failed", "gone"] = Field(description="How it stands.")
    asked_at: datetime = Field(description="When it was asked for.")
    until: datetime | None = Field(description="Until when it can be downloaded; null before it is made.")
    rows: int = Field(description="Records written so far.")
    size_bytes: int = Field(description="How large the file is; 0 before it is made.")
    sha256: str = Field(description="The hash of the file; empty before it is made.")


@operation(
    router, "GET", "/people/{uuid:person_id}/erasure", of="erasure", does="read", answer=ForetoldOut, extra=NO_TOOL
)  # fmt: skip
def foretell_erasure(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """What an erasure of this person would do, as far as you may see."""
    record = person_record(request.actor, person_id)
    found = foretold(request.actor, record)
    waiting = erasure_of(request.actor, record.id)
    return {
        "goes": [_line(one) for one in found.goes], "stays": [_line(one) for one in found.stays],
        "hides": found.hides, "waiting": _erasure(waiting) if waiting else None,
    }  # fmt: skip


@operation(
    router, "POST", "/people/{uuid:person_id}/erasure", of="erasure", does="write", answer=ErasureOut, status=201,
    extra=NO_TOOL,
)  # fmt: skip
def ask_for_erasure(request: ApiRequest, person_id: UUID, body: ErasureIn) -> Answer:
    """Have a person erased in a day, or at once. There is no way back once it has begun."""
    made = erasures.ask(person_id, ground=body.ground, actor=request.actor, at=request.now, now=body.now)
    return Answer(_erasure(made), 201)


@operation(router, "GET", "/erasures", of="erasure", does="read", answer=ErasuresPage, extra=NO_TOOL)
def list_of_erasures(request: ApiRequest, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """List erasures, the newest first, a page at a time."""
    of = f"erasures {request.staff.id}"
    place = read_cursor(of, wanted.after)
    at, _tilde, id = (place or "").partition("~")
    before = (datetime.fromisoformat(at), UUID(id)) if place else None
    rows = list_erasures(request.actor, before=before, limit=wanted.limit + 1)
    listed = rows[: wanted.limit]
    after = f"{listed[-1].asked_at.isoformat()}~{listed[-1].pk}" if len(rows) > wanted.limit else None
    return page_of([_erasure(one) for one in listed], wanted, list(ErasureOut.model_fields), of, after)


@operation(
    router, "GET", "/erasures/{uuid:erasure_id}", of="erasure", does="read", answer=ErasureOut, extra=NO_TOOL
)
def get_erasure_of_person(request: ApiRequest, erasure_id: UUID) -> Mapping[str, Any]:
    """How an erasure stands."""
    return _erasure(get_erasure(request.actor, erasure_id))


@operation(
    router, "POST", "/erasures/{uuid:erasure_id}/stop", of="erasure", does="write", answer=ErasureOut, extra=NO_TOOL
)  # fmt: skip
def stop_erasure(request: ApiRequest, erasure_id: UUID) -> Mapping[str, Any]:
    """The person stays. 409 once it has begun."""
    erasures.stop(erasure_id, actor=request.actor, at=request.now)
    return _erasure(get_erasure(request.actor, erasure_id))


@operation(
    router, "POST", "/erasures/{uuid:erasure_id}/beginning", of="erasure", does="delete", answer=ErasureOut,
    extra=NO_TOOL,
)  # fmt: skip
def begin_erasure(request: ApiRequest, erasure_id: UUID) -> Mapping[str, Any]:
    """Do not wait for the day to be over. From here on it cannot be stopped."""
    erasures.begin(erasure_id, actor=request.actor, at=request.now)
    return _erasure(get_erasure(request.actor, erasure_id))


@operation(
    router, "GET", "/erasures/{uuid:erasure_id}/certificate", of="erasure", does="export", answer=CertificateOut,
    extra=NO_TOOL,
)  # fmt: skip
def certificate_of_erasure(request: ApiRequest, erasure_id: UUID) -> Mapping[str, Any]:
    """The certificate of an erasure that is done. Keep it: a backup from before does not have it."""
    found = get_erasure(request.actor, erasure_id)
    told = certificate_of(found)
    audit.exported("personerasure", subject_id=found.pk, actor=request.actor, at=request.now, kind="json")
    return told


@operation(
    router, "POST", "/people/{uuid:person_id}/disclosure", of="erasure", does="export", answer=DisclosureOut,
    status=201, extra=NO_TOOL,
)  # fmt: skip
def ask_for_disclosure(request: ApiRequest, person_id: UUID) -> Answer:
    """Have all that is known of a person put into one file, for them: a page to read, JSON, and files."""
    made = disclosures.ask(
        person_id, actor=request.actor, at=request.now, language=request.staff.language or "en"
    )
    return Answer(_disclosure(made), 201)


@operation(
    router, "GET", "/disclosures/{uuid:disclosure_id}", of="erasure", does="export", answer=DisclosureOut,
    extra=NO_TOOL,
)  # fmt: skip
def get_disclosure(request: ApiRequest, disclosure_id: UUID) -> Mapping[str, Any]:
    """How far such a file of yours is."""
    return _disclosure(disclosures.get_disclosure(request.actor, disclosure_id))


@operation(
    router, "GET", "/disclosures/{uuid:disclosure_id}/file", of="erasure", does="export", answer=None,
    extra={**NO_TOOL, **_ZIP},
)  # fmt: skip
def file_of_disclosure(request: ApiRequest, disclosure_id: UUID) -> HttpResponseBase:
    """The file itself."""
    made = disclosures.get_disclosure(request.actor, disclosure_id)
    path = disclosures.ready_file(made)
    audit.exported("person", subject_id=made.person_id, actor=request.actor, at=request.now, kind="zip")
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{made.pk}.zip")


def _line(one: Line) -> dict[str, str]:
    return {"what": one.words, "note": one.note}


def _erasure(one: PersonErasure) -> dict[str, Any]:
    return {
        "id": one.pk, "state": one.state, "ground": one.ground, "asked_at": one.asked_at,
        "asked_by": one.asked_by.name if one.asked_by else "", "begins_at": one.due_at,
        "why": one.asked_why, "stopped_at": one.stopped_at, "stopped_why": one.stopped_why,
        "done_at": one.done_at, "sha256": one.digest,
    }  # fmt: skip


def _disclosure(one: PersonDisclosure) -> dict[str, Any]:
    return {
        "id": one.pk, "state": one.state, "asked_at": one.asked_at, "until": one.until, "rows": one.rows,
        "size_bytes": one.size_bytes, "sha256": one.digest,
    }  # fmt: skip
