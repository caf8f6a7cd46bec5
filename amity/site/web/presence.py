"""A page says that somebody has it open, and asks who else has."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import Invalid
from amity.kernel.requests import ActingRequest
from amity.site import presence as presences

GONE = "gone"


@require_POST
def presence(request: ActingRequest) -> HttpResponse:
    """`subject` (an id) and `state`: viewing, writing, noting, or gone. Answers with who else is here."""
    subject_id = _subject_id(request)
    if request.POST.get("state") == GONE:
        presences.leave(subject_id, actor=request.actor)
    else:
        state = request.POST.get("state", "")
        presences.tell(subject_id, actor=request.actor, state=state, at=request.now)
    return _here(request, subject_id)


def _subject_id(request: ActingRequest) -> UUID:
    try:
        return UUID(request.POST.get("subject", ""))
    except ValueError as error:
        raise Invalid(_("Say what is open."), fields={"subject": _("This is not an id.")}) from error


@require_safe
def who_is_here(request: ActingRequest, subject_id: UUID) -> HttpResponse:
    """A line for each colleague who has it open, empty when nobody has."""
    return _here(request, subject_id)


def _here(request: ActingRequest, subject_id: UUID) -> HttpResponse:
    here = presences.who_else(subject_id, actor=request.actor, at=request.now)
    return render(request, "site/presence.html", {"here": here})
