"""Imports and sources."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, JsonValue, StringConstraints

from amity.channels import drafts, imports
from amity.channels.adapters.file.mapping import Mapping as ColumnMapping
from amity.channels.models import ImportRun, RunState, Source
from amity.channels.own_fields import closed_words
from amity.channels.preview import read_first
from amity.channels.queries import reasons_of, run_of
from amity.channels.reading import describe_run, time_zone_of
from amity.channels.records import Unreadable
from amity.channels.walking import config_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.bodies import raw_body
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, Sparse, operation
from amity.kernel.api.paging import FieldsQuery, PageQuery, page_of, read_cursor
from amity.kernel.errors import Invalid
from amity.kernel.keyset import Cursor

router = Router(tags=["imports"])
_ONE = "/imports/{uuid:run_id}"
FIRST_ROWS, SHOWN_ROWS = 200, 20
_OPEN = "Which conversations wait in the inbox afterwards: `30` (of the last 30 days), `all` or `none`."
_SOURCE_NAME = "What the source is called if it is new; empty for the usual name."


class ImportRow(Sparse):
    """A file on its way into Amity."""

    id: UUID
    filename: str
    state: str
    source_id: UUID | None
    size_bytes: int = Field(description="How large the file is.")
    rows_total: int | None = Field(description="How many rows it has: an estimate until its end was reached.")
    rows_read: int = Field(description="How many were read so far.")
    rows_new: int = Field(description="How many of them were new.")
    rows_same: int = Field(description="How many were here already.")
    rows_quarantined: int = Field(description="How many were not taken.")
    rows_refused: int = Field(
        description="How many were left out because somebody whom they name was erased."
    )
    error: str
    created_at: datetime
    started_at: datetime | None = Field(description="When it began; null for a draft.")
    finished_at: datetime | None = Field(description="When it ended; null while it has not.")


class ImportsPage(Schema):
    items: list[ImportRow]
    after: str | None = None


class ReasonOut(Schema):
    """Rows that were not taken for one cause."""

    code: str = Field(description="The cause, for programs.")
    column: str = Field(description="Which column; empty where it is about the whole row.")
    count: int = Field(description="How many rows.")
    position: int = Field(description="The first of them.")
    reason: str = Field(description="The cause in words.")


class ImportOut(ImportRow):
    """An import with its mapping, what keeps it from starting, and why rows were not taken."""

    mapping: dict[str, Any] = Field(
        description="Which column means what; `source` in it is the key of the source."
    )
    open_conversations: str = Field(description=_OPEN)
    source_name: str = Field(description=_SOURCE_NAME)
    problems: list[str] = Field(description="What keeps it from starting, and what to do.")
    reasons: list[ReasonOut] = Field(description="Why rows were not taken, for whoever may import.")


class ImportChange(In):
    """What shall be different. What is left out stays."""

    mapping: dict[str, JsonValue] | None = Field(
        None, max_length=60, description="Which column means what, in the shape of `mapping` as it was read."
    )
    open_conversations: Literal["30", "all", "none"] | None = Field(None, description=_OPEN)
    source_name: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = Field(
        None, description=_SOURCE_NAME
    )


class PreviewRow(Schema):
    position: int = Field(description="Which row of the file.")
    becomes: list[str] = Field(description="What it would become: message, order, person.")
    code: str = Field(description="Why it would not be taken, for programs; empty where it would.")
    reason: str = Field(description="The same in words.")


class PreviewOut(Schema):
    """What the first rows would become; nothing is written."""

    read: int = Field(description="How many rows were looked at.")
    becomes: dict[str, int] = Field(description="What they would become, with their counts.")
    not_taken: dict[str, int] = Field(description="How many would not be taken, by cause.")
    rows: list[PreviewRow] = Field(description="The first of them.")


class UploadQuery(Schema):
    filename: Annotated[str, StringConstraints(min_length=1, max_length=255)]


class SourceOut(Sparse):
    """Where things come from."""

    id: UUID
    key: str
    name: str
    adapter: str = Field(description="What kind of source it is, such as file or email.")
    team_id: UUID | None
    created_at: datetime


class SourcesPage(Schema):
    items: list[SourceOut]
    after: str | None = None


@operation(router, "GET", "/sources", of="source", does="read", answer=SourcesPage)
def list_of_sources(request: ApiRequest, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """List sources by their key."""
    of = f"sources {request.staff.id}"
    place = read_cursor(of, wanted.after)
    known = list(SourceOut.model_fields)
    rows = Source.objects.visible_to(request.actor).order_by("key").values(*known)
    found = list((rows.filter(key__gt=place) if place is not None else rows)[: wanted.limit + 1])
    after = found[wanted.limit - 1]["key"] if len(found) > wanted.limit else None
    return page_of(found[: wanted.limit], wanted, known, of, after)


@operation(router, "GET", "/imports", of="import", does="read", answer=ImportsPage)
def list_of_imports(request: ApiRequest, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """List imports, newest first."""
    of = f"imports {request.staff.id}"
    place = read_cursor(of, wanted.after)
    known = list(ImportRow.model_fields)
    rows = ImportRun.objects.visible_to(request.actor)
    if before := Cursor.read(place or ""):
        rows = rows.filter(Q(created_at__lt=before.at) | Q(created_at=before.at, id__lt=before.id))
    found = list(rows.order_by("-created_at", "-id").values(*known)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    more = len(found) > wanted.limit
    return page_of(
        shown, wanted, known, of, Cursor(shown[-1]["created_at"], shown[-1]["id"]) if more else None
    )


@operation(
    router, "POST", "/imports", of="import", does="write", answer=ImportOut, status=201,
    extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)  # fmt: skip
def upload_import(request: ApiRequest, wanted: Query[UploadQuery]) -> Answer:
    """Send a file of up to 20 MB as the body; it is looked at and waits as a draft. Larger ones: `amity import`."""
    body = raw_body(request)
    if not body:
        raise Invalid(_("This file is empty."), fields={"body": _("This file is empty.")})
    folder = Path(settings.MEDIA_ROOT) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        file.write(body)
    path = Path(file.name)
    try:
        run = imports.store_file(
            path, actor=request.actor, at=request.now, filename=wanted.filename, take=True
        )
    finally:
        path.unlink(missing_ok=True)
    try:
        describe_run(run, time_zone=time_zone_of(run))
    except Unreadable as error:
        run.error = error.reason
    run.save(update_fields=["error"])
    return Answer(whole_import(request, run), 201, headers={"Location": f"{request.path}/{run.id}"})


def whole_import(request: ApiRequest, run: ImportRun) -> dict[str, Any]:
    """An import as `ImportOut` has it."""
    days = run.options.get("open_days", drafts.OPEN_DAYS["30"])
    return {name: getattr(run, name) for name in ImportRow.model_fields} | {
        "mapping": _mapping_for(request.actor, run),
        "open_conversations": next((word for word, n in drafts.OPEN_DAYS.items() if n == days), str(days)),
        "source_name": run.options.get("source_name", ""),
        "problems": drafts.problems_of(run) if run.state == RunState.DRAFT and not run.error else [],
        "reasons": reasons_of(run) if policy.may(request.actor, "write", "import") else [],
    }


def _mapping_for(actor: Actor, run: ImportRun) -> dict[str, Any]:
    """How it is read, without fields of the company's own that this actor does not see."""
    closed, mapping = closed_words(actor), dict(run.mapping)
    if "fields" in mapping:
        fields = mapping["fields"].items()
        mapping["fields"] = {role: source for role, source in fields if role.partition(".")[2] not in closed}
    return mapping


@operation(router, "GET", _ONE, of="import", does="read", answer=ImportOut, also={304: None})
def get_import(request: ApiRequest, run_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """An import, how far it is, and why rows were not taken."""
    whole = whole_import(request, run_of(request.actor, run_id))
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


@operation(router, "PATCH", _ONE, of="import", does="write", answer=ImportOut, also={412: Problem})
def change_import(request: ApiRequest, run_id: UUID, body: ImportChange) -> Answer:
    """Say which column means what, what the source is called, and what waits in the inbox afterwards."""
    run = run_of(request.actor, run_id)
    header = request.headers.get("If-Match")

    def unchanged(there: ImportRun) -> None:
        require_match(header, whole_import(request, there), body.model_dump(exclude_none=True))

    unchanged(run)
    try:
        given = None if body.mapping is None else ColumnMapping.from_json(body.mapping).to_json()
    except (Unreadable, KeyError, TypeError, ValueError, AttributeError) as error:
        words = _("This is no mapping. Take the one of the import and change it.")
        raise Invalid(words, fields={"mapping": words}) from error
    options: dict[str, Any] = {}
    if body.open_conversations is not None:
        options["open_days"] = drafts.OPEN_DAYS[body.open_conversations]
    if body.source_name is not None:
        options["source_name"] = " ".join(body.source_name.split())
    drafts.change_mapping(
        run.id,
        given,
        actor=request.actor,
        options=options,
        unchanged=unchanged if header is not None else None,
    )
    whole = whole_import(request, run_of(request.actor, run_id))
    return Answer(whole, etag=tag_of(whole))


@operation(router, "GET", f"{_ONE}/preview", of="import", does="write", answer=PreviewOut)
def preview_import(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """What the first rows would become; nothing is written."""
    run = run_of(request.actor, run_id)
    try:
        drafts.require_readable(run)
        first = read_first(imports.file_to_read(run), config_of(run), most=FIRST_ROWS, shown=SHOWN_ROWS)
    except Unreadable as error:
        raise Invalid(error.reason) from error
    except imports.FileGone as error:
        raise Invalid(error.message) from error
    rows = [
        {
            "position": one.item.position, "code": one.code, "reason": one.reason,
            "becomes": [type(record).__name__.removesuffix("Record").lower() for record in one.records],
        }
        for one in first.shown
    ]  # fmt: skip
    becomes = {kind.value: count for kind, count in first.becomes.items()}
    return {"read": first.read, "becomes": becomes, "not_taken": dict(first.not_taken), "rows": rows}


@operation(router, "POST", f"{_ONE}/start", of="import", does="write", answer=ImportOut)
def start_import(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """Begin a draft, or go on with an import that was stopped or failed."""
    run = run_of(request.actor, run_id)
    begin = drafts.go_on if run.state in (RunState.STOPPED, RunState.FAILED) else drafts.start
    begin(run.id, actor=request.actor, at=request.now)
    return whole_import(request, run_of(request.actor, run_id))


@operation(router, "POST", f"{_ONE}/stop", of="import", does="write", answer=ImportOut)
def stop_import(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """Stop after the current batch. What is in stays in."""
    imports.stop_run(run_of(request.actor, run_id).id, actor=request.actor, at=request.now)
    return whole_import(request, run_of(request.actor, run_id))


@operation(router, "POST", f"{_ONE}/replay", of="import", does="write", answer=ImportOut)
def replay_import(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """Read the rows once more that were not taken."""
    drafts.replay(run_of(request.actor, run_id).id, actor=request.actor, at=request.now)
    return whole_import(request, run_of(request.actor, run_id))


@operation(router, "POST", f"{_ONE}/undo", of="import", does="delete", answer=ImportOut)
def undo_import(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """Take back all that an import brought."""
    drafts.undo(run_of(request.actor, run_id).id, actor=request.actor, at=request.now)
    return whole_import(request, run_of(request.actor, run_id))


@operation(router, "DELETE", _ONE, of="import", does="delete", answer=None, status=204)
def discard_import(request: ApiRequest, run_id: UUID) -> Answer:
    """Remove a draft with its file. Nothing of it was ever taken in."""
    drafts.discard(run_of(request.actor, run_id).id, actor=request.actor)
    return Answer(None, 204)
