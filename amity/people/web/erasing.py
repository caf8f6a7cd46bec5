"""A person is erased: what would go, the word that has to be typed, the time to stop it, and the certificate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import audit, policy
from amity.kernel.errors import Conflict
from amity.people import erasures
from amity.people.models import ErasureState, Ground, PersonErasure
from amity.people.queries import PersonRecord, person_record
from amity.people.queries.erased import certificate_of, erasure_of, foretold, get_erasure, list_erasures
from amity.people.queries.held import holds_of
from amity.people.web.answers import is_fragment, say
from amity.people.web.tables import table_words

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


class ErasureForm(forms.Form):
    """Why, and the word without which nothing happens."""

    ground = forms.ChoiceField(label=gettext_lazy("Why"), choices=Ground.choices)
    word = forms.CharField(label=gettext_lazy("Type the word to confirm"), max_length=40, strip=True)
    now = forms.BooleanField(
        label=gettext_lazy("At once, without the day in which it can be stopped"), required=False
    )

    def clean_word(self) -> str:
        word: str = self.cleaned_data["word"]
        if word.casefold() != confirming_word().casefold():
            raise forms.ValidationError(
                _("This is not the word. It is: %(word)s") % {"word": confirming_word()}
            )
        return word


def confirming_word() -> str:
    """What has to be typed, in the language of who types it."""
    return pgettext("typed to confirm", "erase")


STATES: dict[str, Any] = {
    ErasureState.WAITING: pgettext_lazy("erasure", "Waits"),
    ErasureState.RUNNING: pgettext_lazy("erasure", "Is being done"),
    ErasureState.DONE: pgettext_lazy("erasure", "Done"),
    ErasureState.STOPPED: pgettext_lazy("erasure", "Stopped"),
}
STEPS: dict[str, Any] = {
    erasures.SEARCH: gettext_lazy("looks for raw items"),
    erasures.ERASE: gettext_lazy("removes the records"),
    erasures.SWEEP: gettext_lazy("looks for what names them elsewhere"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def person_erasure(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """What an erasure of this person would do; a POST asks for it."""
    policy.require(request.actor, "write", "erasure")
    record = person_record(request.actor, person_id)
    waiting = erasure_of(request.actor, record.id)
    if waiting is not None:
        return redirect("erasure", erasure_id=waiting.pk)
    if request.method != "POST" and (holding := holds_of(request.actor, record.id)):
        return redirect("hold", hold_id=holding[0].pk)
    if request.method != "POST":
        return _asking(request, record, ErasureForm())
    form = ErasureForm(request.POST)
    if not form.is_valid():
        return _asking(request, record, form, status=422)
    wanted = form.cleaned_data
    try:
        made = erasures.ask(
            record.id, ground=wanted["ground"], actor=request.actor, at=request.now, now=wanted["now"]
        )
    except Conflict as problem:
        form.add_error(None, problem.message)
        return _asking(request, record, form, status=problem.status)
    say(request, _("The erasure begins") if wanted["now"] else _("They are erased in a day"))
    return redirect("erasure", erasure_id=made.pk)


def _asking(
    request: ActingRequest, record: PersonRecord, form: ErasureForm, status: int = 200
) -> HttpResponse:
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    if not policy.may(request.actor, "delete", "erasure"):
        del form.fields["now"]
    shown = {
        "person": record,
        "foretold": foretold(request.actor, record),
        "form": form,
        "word": confirming_word(),
        "path": reverse("person-erasure", args=[record.id]),
    }
    return render(request, "people/erasing.html", shown, status=status)


@require_safe
def erasures_page(request: ActingRequest) -> HttpResponse:
    """All of them, the newest first."""
    rows = [_row(one) for one in list_erasures(request.actor)]
    return render(request, "people/erasures.html", {"rows": rows})


def _row(one: PersonErasure) -> dict[str, Any]:
    return {
        "erasure": one,
        "state": STATES[ErasureState(one.state)],
        "ground": Ground(one.ground).label,
        "url": reverse("erasure", args=[one.pk]),
    }


@require_safe
def erasure(request: ActingRequest, erasure_id: UUID) -> HttpResponse:
    """How it stands; when it is done, the certificate."""
    found = get_erasure(request.actor, erasure_id)
    certificate = found.certificate or {}
    shown = _row(found) | {
        "step": STEPS.get(found.step, ""),
        "person_id": found.person_id if found.state == ErasureState.WAITING else None,
        "removed": table_words(certificate.get("removed", {})),
        "kept": table_words(certificate.get("kept_without_name", {})),
        "may_stop": policy.may(request.actor, "write", "erasure") and found.state == ErasureState.WAITING,
        "may_begin": policy.may(request.actor, "delete", "erasure") and found.state == ErasureState.WAITING,
    }
    return render(
        request, "people/erasure.html#standing" if is_fragment(request) else "people/erasure.html", shown
    )


@require_POST
def erasure_stop(request: ActingRequest, erasure_id: UUID) -> HttpResponse:
    """The person stays."""
    found = erasures.stop(erasure_id, actor=request.actor, at=request.now)
    say(request, _("Stopped: nothing was erased"))
    return redirect("person", person_id=found.person_id)


@require_POST
def erasure_beginning(request: ActingRequest, erasure_id: UUID) -> HttpResponse:
    """Do not wait for the day to be over."""
    erasures.begin(erasure_id, actor=request.actor, at=request.now)
    return redirect("erasure", erasure_id=erasure_id)


@require_safe
def erasure_certificate(request: ActingRequest, erasure_id: UUID) -> HttpResponse:
    """The certificate as a file: JSON, with the hash over it."""
    policy.require(request.actor, "export", "erasure")
    found = get_erasure(request.actor, erasure_id)
    told = json.dumps(certificate_of(found), ensure_ascii=False, indent=2, sort_keys=True)
    audit.exported("personerasure", subject_id=found.pk, actor=request.actor, at=request.now, kind="json")
    name = f"erasure-{found.pk}.json"
    return HttpResponse(
        told + "\n",
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
