"""Single rows of an import: the raw row on demand, and the rows that were not taken as a table to repair."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amity.channels.adapters.file.export import CsvExport
from amity.channels.adapters.file.shape import Format
from amity.channels.imports import stored_name
from amity.channels.models import ImportRun, ItemState
from amity.channels.queries import cells_of, item_of, not_taken, run_of
from amity.channels.web.listing import may_look
from amity.channels.web.words import reason_title
from amity.kernel import audit, policy
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
def not_taken_csv(request: ActingRequest, run_id: UUID) -> StreamingHttpResponse:
    """The rows that were not taken with their reasons, to be repaired and imported again."""
    run = _readable(request, run_id)
    audit.exported(
        "importrun", subject_id=run.id, actor=request.actor, at=request.now, rows=run.rows_quarantined
    )
    name = f"not-taken-{stored_name(run.filename).partition('.')[0]}.csv"
    return StreamingHttpResponse(
        _lines(run),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _lines(run: ImportRun) -> Iterator[str]:
    is_table = run.shape.get("format") == Format.CSV
    columns = list(run.shape.get("columns", [])) if is_table else ["raw"]
    text = io.StringIO(newline="")
    export = CsvExport(text, [*columns, _("Row"), _("Reason")])
    for item, cells in not_taken(run):
        if (
            is_table and "raw" in cells and "raw" not in columns
        ):  # it could not be cut: whole, in the first cell
            row = [cells["raw"], *[""] * (len(columns) - 1)]
        elif is_table:
            row = [cells.get(column, "") for column in columns]
        else:
            row = [bytes(item.raw).decode("utf-8", "replace")]
        export.write([[*row, item.position, item.error_reason]])
        if text.tell() > 64 * 1024:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
