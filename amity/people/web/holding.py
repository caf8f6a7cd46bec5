"""Legal holds: placed on the page of a person, looked at and released on their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from amity.kernel import audit, policy
from amity.kernel.errors import Conflict
from amity.people import holds
from amity.people.queries import PersonRecord, person_record
from amity.people.queries.erased import erasure_of
from amity.people.queries.held import ListedHold, get_hold, holds_of
from amity.people.web.answers import say

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


class HoldForm(forms.Form):
    """Why nothing of them may go, or may again."""

    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=holds.LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_http_methods(["GET", "HEAD", "POST"])
def person_hold(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """What a hold does; a POST places it."""
    policy.require(request.actor, "write", "erasure")
    record = person_record(request.actor, person_id)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _placing(request, record, form)
    holds.place(record.id, reason=form.cleaned_data["reason"], actor=request.actor, at=request.now)
    say(request, _("Held: nothing of them goes"))
    return redirect("person", person_id=record.id)


def _placing(request: ActingRequest, record: PersonRecord, form: HoldForm) -> HttpResponse:
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    shown = {
        "person": record,
        "form": form,
        "holds": holds_of(request.actor, record.id),
        "erasure": erasure_of(request.actor, record.id),
        "path": reverse("person-hold", args=[record.id]),
    }
    return render(request, "people/holding.html", shown, status=422 if form.is_bound else 200)


@require_safe
def hold(request: ActingRequest, hold_id: UUID) -> HttpResponse:
    """Who placed it, why, since when, and whom it keeps."""
    return _page(request, get_hold(request.actor, hold_id), HoldForm())


@require_http_methods(["POST"])
def hold_release(request: ActingRequest, hold_id: UUID) -> HttpResponse:
    """It holds no longer."""
    policy.require(request.actor, "write", "erasure")
    found = get_hold(request.actor, hold_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        holds.release(hold_id, why=form.cleaned_data["reason"], actor=request.actor, at=request.now)
    except Conflict as problem:
        form.add_error(None, problem.message)
        return _page(request, found, form, problem.status)
    say(request, _("Released: rules and erasures count for them again"))
    return redirect("hold", hold_id=hold_id)


def _page(request: ActingRequest, found: ListedHold, form: HoldForm, status: int = 0) -> HttpResponse:
    shown: dict[str, Any] = {
        "hold": found.hold,
        "people": found.people,
        "others": found.others,
        "form": form,
        "may_release": found.hold.released_at is None and policy.may(request.actor, "write", "erasure"),
    }
    return render(request, "people/hold.html", shown, status=status or (422 if form.is_bound else 200))
