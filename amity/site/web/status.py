"""The Status screen and its twin for machines."""

from __future__ import annotations

import dataclasses

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amity.kernel.health import Health, worst
from amity.kernel.requests import ActingRequest, is_fragment
from amity.site.status import findings


@require_safe
def status_page(request: ActingRequest) -> HttpResponse:
    """Every part of the machine in a sentence; a fragment is the list only."""
    found = findings(request.actor, request.now)
    troubled = [finding for finding in found if finding.health in {Health.CAUTION, Health.BAD}]
    shown = {"findings": found, "troubled": len(troubled), "health": worst(found), "at": request.now}
    return render(request, "site/status.html#checks" if is_fragment(request) else "site/status.html", shown)


@require_safe
def status_json(request: ActingRequest) -> JsonResponse:
    """`{"at", "health", "parts": [{"key", "label", "health", "words", "remedy", "figures"}]}`."""
    found = findings(request.actor, request.now)
    parts = [dataclasses.asdict(finding) for finding in found]
    return JsonResponse({"at": request.now.isoformat(), "health": worst(found), "parts": parts})
