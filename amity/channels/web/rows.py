"""Single rows of an import: the raw row on demand, and the rows that were not taken as a table to repair."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amity.channels.models import ImportRun, ItemState
from amity.channels.queries import cells_of, item_of, run_of
from amity.channels.repairs import export_not_taken, export_outcomes, name_of_export
from amity.channels.web.listing import may_look
from amity.channels.web.words import reason_title
from amity.kernel import policy
from amity.kernel.downloads import csv_file
from amity.kernel.errors import NotFound

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

LONGEST_CELL = 20_000


def _readable(request: ActingRequest, run_id: UUID) -> ImportRun:
    """A run whose raw rows the actor may read; they hold what nobody has sorted by what may be seen."""
    may_look(request)
    run = run_of(request.actor, run_id)
    if not policy.may(request.actor, "write", "import"):
        raise NotFound(_("This page does not exist, or it is not for you."))
    return run


@require_safe
def raw_row(request: ActingRequest, run_id: UUID, item_id: UUID) -> HttpResponse:
    """One row as it came, cell by cell."""
    run = _readable(request, run_id)
    item = item_of(run, item_id)
    cells = [(name, text[:LONGEST_CELL]) for name, text in cells_of(run, item).items()]
    shown = {
        "run": run,
        "item": item,
        "cells": cells,
        "is_taken": item.state == ItemState.DONE,
        "title": reason_title(item.error_code, ""),
    }
    is_part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"
    return render(request, f"channels/row.html{'#row' if is_part else ''}", shown)


@require_safe
def outcomes_csv(request: ActingRequest, run_id: UUID) -> StreamingHttpResponse:
    """Every row of the file with what became of it."""
    run = _readable(request, run_id)
    chunks = export_outcomes(run, actor=request.actor, at=request.now)
    return csv_file(chunks, name_of_export(run, "outcomes"))


@require_safe
def not_taken_csv(request: ActingRequest, run_id: UUID) -> StreamingHttpResponse:
    """The rows that were not taken with their reasons, to be repaired and imported again."""
    run = _readable(request, run_id)
    chunks = export_not_taken(run, actor=request.actor, at=request.now)
    return csv_file(chunks, name_of_export(run))
