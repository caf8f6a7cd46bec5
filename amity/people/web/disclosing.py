"""All that we know of a person, as a file for them: asked for, made by a job, downloaded by who asked."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from amity.kernel import audit, policy
from amity.people import disclosures
from amity.people.queries import person_record
from amity.people.web.answers import is_fragment

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


@require_http_methods(["GET", "HEAD", "POST"])
def person_disclosure(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """What such a file is; a POST has it made."""
    policy.require(request.actor, "export", "erasure")
    record = person_record(request.actor, person_id)
    if request.method == "POST":
        made = disclosures.ask(
            record.id, actor=request.actor, at=request.now, language=translation.get_language() or "en"
        )
        return redirect("disclosure", disclosure_id=made.pk)
    shown = {
        "person": record,
        "path": reverse("person-disclosure", args=[record.id]),
        "hides": disclosures.leaves_out(request.actor),
        "days": disclosures.KEPT_FOR.days,
    }
    return render(request, "people/disclosing.html", shown)


@require_safe
def disclosure(request: ActingRequest, disclosure_id: UUID) -> HttpResponse:
    """How far it is, and where it is to be had."""
    made = disclosures.get_disclosure(request.actor, disclosure_id)
    shown = {"made": made, "hides": disclosures.leaves_out(request.actor)}
    part = "people/disclosure.html#standing" if is_fragment(request) else "people/disclosure.html"
    return render(request, part, shown)


@require_safe
def disclosure_file(request: ActingRequest, disclosure_id: UUID) -> HttpResponseBase:
    """The file itself."""
    made = disclosures.get_disclosure(request.actor, disclosure_id)
    path = disclosures.ready_file(made)
    audit.exported("person", subject_id=made.person_id, actor=request.actor, at=request.now, kind="zip")
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"what-we-know-{made.asked_at:%Y-%m-%d}.zip"
    )
