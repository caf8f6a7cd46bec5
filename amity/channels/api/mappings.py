"""How a file is read: the ways that there are, mappings that were saved, and a trial that takes nothing in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.channels import drafts
from amity.channels.api.imports import ImportOut, ReasonOut, whole_import
from amity.channels.models import ImportRun, SavedMapping
from amity.channels.queries import run_of
from amity.channels.readings import choose_reading, guesses_of, other_mappings
from amity.channels.repairs import export_not_taken, export_outcomes, name_of_export
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import CSV_ANSWER, ApiRequest, In, operation
from amity.kernel.downloads import csv_file

router = Router(tags=["imports"])
_ONE = "/imports/{uuid:run_id}"


class ReadingOut(Schema):
    """A way in which a file could be read."""

    name: str = Field(description="What to choose it by.")
    title: str = Field(description="What people call it.")
    record: str = Field(description="What a row becomes: message, order, person or mixed.")
    fits: bool = Field(description="It knows the columns of this file.")
    is_current: bool = Field(description="The file is read like this now.")


class ReadingsOut(Schema):
    items: list[ReadingOut]


class ReadingIn(In):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="The `name` of one of the readings of this file."
    )


class SheetIn(In):
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="The name of one of the sheets of the workbook."
    )


class SheetsOut(Schema):
    items: list[str] = Field(description="The sheets of a workbook that can be read; of any other file none.")


class MappingName(In):
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)] = Field(
        description="What it is called. One of this name that was saved before is replaced."
    )


class SavedMappingOut(Schema):
    """A mapping that was kept for the next file with the same columns."""

    id: UUID
    name: str
    columns: list[str] = Field(description="A file with these columns is read by it.")
    mapping: dict[str, Any] = Field(description="Which column means what.")
    created_at: datetime


class SavedMappingsOut(Schema):
    items: list[SavedMappingOut]


class LeftOutOut(Schema):
    """Values that are none, so that their rows are taken in without them: of one column and for one cause."""

    code: str = Field(
        description="What is wrong: `email`, `phone`, `account`, `day`, `consent`, `consent_day`."
    )
    field: str = Field(description="What it would have been: a network, a fact, or a consent.")
    column: str = Field(description="The column as the file names it.")
    count: int = Field(description="How many values.")
    position: int = Field(description="The first row that has one.")
    text: str = Field(description="What stands in that row.")


class ImportTrial(Schema):
    """A whole file, read without taking anything in."""

    state: Literal["none", "waiting", "running", "done", "failed"]
    why: str = Field("", description="Why it failed.")
    read: int = Field(0, description="How many rows were read so far.")
    new: int = Field(0, description="How many of them would be new.")
    same: int = Field(0, description="Here already, or twice in the file.")
    quarantined: int = Field(0, description="Would not be taken.")
    people: dict[str, int] = Field(
        {}, description="Rows of people by what would become of them: new, changed, known (nothing new)."
    )
    becomes: dict[str, int] = Field({}, description="What the rows would become, with their counts.")
    reasons: list[ReasonOut] = Field([], description="Why rows would not be taken.")
    left_out: list[LeftOutOut] = Field([], description="What rows would be taken in without, and why.")


@operation(router, "GET", f"{_ONE}/readings", of="import", does="write", answer=ReadingsOut)
def list_of_readings(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """List the ways in which a file could be read, the likeliest first."""
    run = run_of(request.actor, run_id)
    if not run.shape:
        return {"items": []}
    guesses = guesses_of(run)
    fitting = [(guess.mapping, True) for guess in guesses]
    others = [(mapping, False) for mapping in other_mappings(run, guesses)]
    return {
        "items": [
            {
                "name": one.name, "title": one.title, "record": one.record.value, "fits": fits,
                "is_current": one.name == run.mapping.get("name"),
            }
            for one, fits in (*fitting, *others)
        ]
    }  # fmt: skip


@operation(router, "PUT", f"{_ONE}/reading", of="import", does="write", answer=ImportOut)
def choose_import_reading(request: ApiRequest, run_id: UUID, body: ReadingIn) -> Mapping[str, Any]:
    """Read the file in another way. What was changed of its mapping before is given up."""
    run = run_of(request.actor, run_id)
    drafts.require_described(run)
    drafts.change_mapping(run.id, choose_reading(run, body.name), actor=request.actor)
    return whole_import(request, run_of(request.actor, run_id))


@operation(router, "GET", f"{_ONE}/sheets", of="import", does="write", answer=SheetsOut)
def list_of_sheets(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """List the sheets of a workbook that was sent."""
    return {"items": drafts.sheets(run_of(request.actor, run_id))}


@operation(router, "PUT", f"{_ONE}/sheet", of="import", does="write", answer=ImportOut)
def choose_import_sheet(request: ApiRequest, run_id: UUID, body: SheetIn) -> Mapping[str, Any]:
    """Read another sheet of the workbook. What its columns mean is guessed anew."""
    run = run_of(request.actor, run_id)
    drafts.require_described(run)
    drafts.choose_sheet(run.id, body.name, actor=request.actor)
    return whole_import(request, run_of(request.actor, run_id))


@operation(router, "POST", f"{_ONE}/trial", of="import", does="write", answer=ImportTrial, status=202)
def begin_import_trial(request: ApiRequest, run_id: UUID) -> Answer:
    """Have the whole file of a draft read without taking anything in."""
    run = drafts.begin_trial(run_of(request.actor, run_id).id, actor=request.actor, at=request.now)
    return Answer(_trial(run), 202)


def _trial(run: ImportRun) -> dict[str, Any]:
    found = run.options.get("trial") or {"state": "none"}
    return {name: found.get(name, field.default) for name, field in ImportTrial.model_fields.items()}


@operation(router, "GET", f"{_ONE}/trial", of="import", does="write", answer=ImportTrial)
def get_import_trial(request: ApiRequest, run_id: UUID) -> Mapping[str, Any]:
    """How far the trial of a draft is, and what it found."""
    return _trial(run_of(request.actor, run_id))


@operation(router, "DELETE", f"{_ONE}/trial", of="import", does="write", answer=None, status=204)
def stop_import_trial(request: ApiRequest, run_id: UUID) -> Answer:
    """End the trial of a draft and forget what it found."""
    drafts.stop_trial(run_of(request.actor, run_id).id, actor=request.actor)
    return Answer(None, 204)


@operation(router, "GET", f"{_ONE}/not-taken", of="import", does="write", answer=None, extra=CSV_ANSWER)
def export_rows_not_taken(request: ApiRequest, run_id: UUID) -> HttpResponseBase:
    """The rows that were not taken, with their reasons, as CSV: to be repaired and imported again."""
    run = run_of(request.actor, run_id)
    return csv_file(export_not_taken(run, actor=request.actor, at=request.now), name_of_export(run))


@operation(router, "GET", f"{_ONE}/outcomes", of="import", does="write", answer=None, extra=CSV_ANSWER)
def export_import_outcomes(request: ApiRequest, run_id: UUID) -> HttpResponseBase:
    """Every row of a file as CSV with what became of it: new, changed in which fields, known, the same, not taken."""
    run = run_of(request.actor, run_id)
    chunks = export_outcomes(run, actor=request.actor, at=request.now)
    return csv_file(chunks, name_of_export(run, "outcomes"))


@operation(
    router, "POST", f"{_ONE}/saved-mapping", of="import", does="write", answer=SavedMappingOut, status=201
)
def save_import_mapping(request: ApiRequest, run_id: UUID, body: MappingName) -> Answer:
    """Keep the mapping of an import under a name: the next file with these columns is read by it."""
    run = run_of(request.actor, run_id)
    saved = drafts.save_mapping(run.id, body.name, actor=request.actor, at=request.now)
    return Answer(_saved(saved), 201)


def _saved(one: SavedMapping) -> dict[str, Any]:
    return {name: getattr(one, name) for name in SavedMappingOut.model_fields}


@operation(router, "GET", "/saved-mappings", of="import", does="write", answer=SavedMappingsOut)
def list_of_saved_mappings(request: ApiRequest) -> Mapping[str, Any]:
    """List the mappings that were saved for further files, by name."""
    return {"items": [_saved(one) for one in drafts.saved_mappings(request.actor)]}


@operation(
    router, "DELETE", "/saved-mappings/{uuid:mapping_id}", of="import", does="delete", answer=None, status=204
)
def delete_saved_mapping(request: ApiRequest, mapping_id: UUID) -> Answer:
    """Read no further file by a saved mapping. What was imported with it stays."""
    drafts.forget_mapping(mapping_id, actor=request.actor)
    return Answer(None, 204)
