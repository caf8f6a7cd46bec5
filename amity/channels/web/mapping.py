"""`/imports/<id>/mapping/`: what a file was understood as, every guess changeable, and what would become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.channels import drafts
from amity.channels.models import ImportRun, RunState
from amity.channels.queries import run_of
from amity.channels.readings import choose_reading
from amity.channels.web import reading_view
from amity.channels.web.listing import may_look
from amity.channels.web.mapping_form import apply_form
from amity.channels.web.words import say
from amity.kernel import policy
from amity.kernel.errors import DomainError

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def _writable(request: ActingRequest, run_id: UUID) -> ImportRun:
    may_look(request)
    run = run_of(request.actor, run_id)
    policy.require(request.actor, "write", "import")
    return run


def _keep_form(request: ActingRequest, run: ImportRun) -> ImportRun:
    """What the form says now, kept: whatever button was pressed, nothing that was chosen is lost."""
    mapping, options = apply_form(run, request.POST)
    return drafts.change_mapping(run.id, mapping, actor=request.actor, options=options)


@require_http_methods(["GET", "HEAD", "POST"])
def mapping_page(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """The mapping with its preview; POST keeps what was changed and shows what follows from it."""
    run = _writable(request, run_id)
    if request.method == "POST":
        run = _keep_form(request, run)
        if request.headers.get("HX-Request") != "true":
            return redirect("import-mapping", run_id=run.id)
    return _show(request, run)


def _show(request: ActingRequest, run: ImportRun, error: str = "") -> HttpResponse:
    shown = reading_view.mapping_view(run, request.actor, request.now)
    is_part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"
    if is_part and request.headers.get("HX-Target", "").endswith("import-trial"):
        page = "channels/mapping_side.html#trial"
    else:
        page = "channels/mapping.html#mapping" if is_part else "channels/mapping.html"
    return render(request, page, {**shown, "refused": error}, status=422 if error else 200)


@require_POST
def reading(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Read the file as something else: `reading` is the name of a shipped, saved or guessed mapping."""
    run = _writable(request, run_id)
    mapping = choose_reading(run, request.POST.get("reading", ""))
    run = drafts.change_mapping(run.id, mapping, actor=request.actor)
    return redirect("import-mapping", run_id=run.id)


@require_POST
def sheet(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Read another sheet of the workbook: `sheet` is its name."""
    run = _writable(request, run_id)
    try:
        run = drafts.choose_sheet(run.id, request.POST.get("sheet", ""), actor=request.actor)
    except DomainError as error:
        return _show(request, run, error.message)
    return redirect("import-mapping", run_id=run.id)


@require_POST
def saved_mapping(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Keep the mapping under `saved_name` for the next file with these columns."""
    run = _keep_form(request, _writable(request, run_id))
    try:
        saved = drafts.save_mapping(
            run.id, request.POST.get("saved_name", ""), actor=request.actor, at=request.now
        )
    except DomainError as error:
        return _show(request, run, error.message)
    say(
        request,
        _("Kept as “%(name)s”. The next file with these columns is read like this.") % {"name": saved.name},
    )
    return redirect("import-mapping", run_id=run.id)


@require_POST
def trial(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Read the whole file without taking anything in."""
    run = _keep_form(request, _writable(request, run_id))
    try:
        run = drafts.begin_trial(run.id, actor=request.actor, at=request.now)
    except DomainError as error:
        return _show(request, run, error.message)
    return redirect(reverse("import-mapping", args=[run.id]) + "#import-trial")


@require_POST
def trial_stop(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """End the trial."""
    run = drafts.stop_trial(_writable(request, run_id).id, actor=request.actor)
    return redirect("import-mapping", run_id=run.id)


@require_POST
def start(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Take the file in. Of a run that has begun: read what was not taken once more."""
    run = _keep_form(request, _writable(request, run_id))
    try:
        if run.state == RunState.DRAFT:
            drafts.start(run.id, actor=request.actor, at=request.now)
        else:
            drafts.replay(run.id, actor=request.actor, at=request.now)
    except DomainError as error:
        return _show(request, run, error.message)
    return redirect("import", run_id=run.id)
