"""Settings, Personal data: the register, made from what the code declares, with its erasures."""

from __future__ import annotations

import io
import json
from dataclasses import asdict

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from amity.channels.adapters.file.export import CsvExport
from amity.kernel import audit, policy, register
from amity.kernel.requests import ActingRequest
from amity.site import personal_data
from amity.site.web.settings_page import show_part


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """Every table and folder that holds something of somebody."""
    policy.require(request.actor, "read", "erasure")
    rows = personal_data.rows(request.actor, empty=False)
    every = register.register()
    shown = {
        "customers": [row for row in rows if row.holds and not row.is_folder],
        "folders": [row for row in rows if row.is_folder],
        "colleagues": [row for row in rows if not row.holds],
        "tables": sum(not one.is_folder for one in every),
        "without": sum(not one.personal for one in every),
    }
    return show_part(request, "settings-personal-data", shown)


@require_safe
def export(request: ActingRequest) -> HttpResponse:
    """The register as CSV, or with `format=json` as JSON."""
    policy.require(request.actor, "export", "erasure")
    kind = "json" if request.GET.get("format") == "json" else "csv"
    audit.exported("personal_data", actor=request.actor, at=request.now, kind=kind)
    if kind == "json":
        body = json.dumps(
            [asdict(row) for row in personal_data.rows(request.actor)], ensure_ascii=False, indent=2
        )
        return _file(body, "application/json", "personal-data.json")
    written = io.StringIO()
    table = CsvExport(written, ["table", "column", "holds", "erasure", "rules"])
    table.write(personal_data.as_csv_rows(request.actor))
    return _file(written.getvalue(), "text/csv; charset=utf-8", "personal-data.csv")


def _file(body: str, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
