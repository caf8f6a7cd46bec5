"""`/imports/`: what came in, and the way for more."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from amity.channels.adapters.file.mapping import RecordKind
from amity.channels.adapters.file.shipped import shipped_mappings
from amity.channels.models import ImportRun, RunState
from amity.channels.queries import UNDER_WAY, progress_of, runs_of
from amity.channels.web.uploads import (
    ACCEPTED,
    MOST_BYTES,
    StreamedFile,
    ToDisk,
    TooLarge,
    require_room,
    take_upload,
)
from amity.channels.web.words import say, state_of
from amity.kernel import policy
from amity.kernel.errors import Invalid, NotFound

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

MOST_BODY_BYTES = 2 * MOST_BYTES


def may_look(request: ActingRequest) -> bool:
    """Refuse as if there were no imports at all; returns whether the actor may also change them."""
    if not policy.may(request.actor, "read", "import"):
        raise NotFound(_("This page does not exist, or it is not for you."))
    return policy.may(request.actor, "write", "import")


@csrf_exempt  # the body is looked at by `_upload`, which checks the token, after the role and the size were
@require_http_methods(["GET", "HEAD", "POST"])
def imports_page(request: ActingRequest) -> HttpResponse:
    """The list of imports; POST `file` (several) stores files and opens a draft for each."""
    may_look(request)
    if request.method != "POST":
        return _show(request)
    policy.require(request.actor, "write", "import")
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > MOST_BODY_BYTES:
        raise TooLarge(_("This is too large for a browser. Import it on the server with: amity import FILE"))
    require_room(length)
    handler = ToDisk(request)
    request.upload_handlers = [handler]
    try:
        return _upload(request)
    finally:
        handler.remove_leftovers()


@csrf_protect
def _upload(request: ActingRequest) -> HttpResponse:
    uploads = [upload for upload in request.FILES.getlist("file") if isinstance(upload, StreamedFile)]
    if not uploads:
        return _show(request, problems=[_("Choose at least one file first.")])
    runs: list[ImportRun] = []
    problems: list[str] = []
    for upload in uploads:
        try:
            runs.append(take_upload(upload, request))
        except Invalid as error:
            problems.append(error.message)
    return _answer(request, runs, problems)


def _answer(request: ActingRequest, runs: list[ImportRun], problems: list[str]) -> HttpResponse:
    address = reverse("import-mapping", args=[runs[0].id]) if len(runs) == 1 else reverse("imports")
    if "application/json" in request.headers.get(
        "Accept", ""
    ):  # the script that sends files one after another
        return JsonResponse({"address": address, "problems": problems}, status=422 if problems else 201)
    if problems:
        return _show(request, problems=problems)
    if len(runs) > 1:
        say(request, ngettext("%(n)s file to check", "%(n)s files to check", len(runs)) % {"n": len(runs)})
    return redirect(address)


def _show(request: ActingRequest, problems: list[str] | None = None) -> HttpResponse:
    before = request.GET.get("before", "")
    runs, more = runs_of(request.actor, before)
    shown = {
        "may_write": policy.may(request.actor, "write", "import"),
        "runs": [_listed(run, request.now) for run in runs],
        "more_url": f"?{urlencode({'before': more})}" if more else "",
        "newer_url": reverse("imports") if before else "",
        "is_live": any(run.state in UNDER_WAY for run in runs),
        "is_first": not before,
        "problems": problems or [],
        "known": _known(),
        "accepted": ACCEPTED,
        "most_bytes": MOST_BYTES,
        "most_gb": MOST_BYTES // 1024**3,
    }
    wants_list = request.headers.get("HX-Target", "").endswith("import-list")
    page = "channels/imports.html#list" if wants_list else "channels/imports.html"
    return render(request, page, shown, status=422 if problems else 200)


def _listed(run: ImportRun, now: datetime) -> dict[str, Any]:
    is_draft = run.state == RunState.DRAFT
    return {
        "run": run,
        "state": state_of(run),
        "is_draft": is_draft,
        "new": f"{run.rows_new:,}",
        "same": f"{run.rows_same:,}",
        "not_taken": f"{run.rows_quarantined:,}",
        "progress": progress_of(run, now) if run.state == RunState.RUNNING else None,
        "url": reverse("import-mapping" if is_draft else "import", args=[run.id]),
    }


_GROUPS = (
    (RecordKind.MESSAGE, gettext_lazy("Conversations")),
    (RecordKind.ORDER, gettext_lazy("Orders")),
    (RecordKind.PERSON, gettext_lazy("People")),
)


def _known() -> list[dict[str, Any]]:
    """The exports that are read without any work, by what they hold."""
    return [
        {
            "label": str(label),
            "names": [str(mapping.title) for mapping in shipped_mappings() if mapping.record is kind],
        }
        for kind, label in _GROUPS
    ]
