"""Settings, Backup: what the last one was and whether it is good, when the next is due, and one now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import policy
from amity.kernel.api.operations import NotConfirmed
from amity.kernel.errors import DomainError
from amity.kernel.requests import ActingRequest, is_fragment
from amity.site.accounts.web.confirming import require_confirmed, to_confirmation
from amity.site.backup import now as by_hand
from amity.site.backup import schedule as plans
from amity.site.backup.schedule import Last, Plan
from amity.site.backup.standing import instant, standing
from amity.site.toasts import Undo, toast
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

PART = "settings-backup"
MOST_LISTED = 10
STEPS = {
    "": gettext_lazy("waits for the worker"),
    "database": gettext_lazy("reads the database"),
    "files": gettext_lazy("reads the files"),
    "check": gettext_lazy("reads the backup once more, to be sure"),
}


class ScheduleForm(forms.Form):
    """When backups are made by themselves. Where to, and with which key, is set up on the machine."""

    is_on = forms.BooleanField(label=gettext_lazy("Make one each day"), required=False)
    time = forms.TimeField(
        label=gettext_lazy("At (UTC)"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    keep = forms.IntegerField(
        label=gettext_lazy("How many are kept"), min_value=1, max_value=3_650,
        help_text=gettext_lazy("Older ones in the folder are removed after a new one is made."),
    )  # fmt: skip

    @classmethod
    def initial_of(cls, plan: Plan) -> dict[str, object]:
        return {"is_on": plan.is_on, "time": f"{plan.hour:02}:{plan.minute:02}", "keep": plan.keep}


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """How backups stand; a fragment is the one that is being made."""
    policy.require(request.actor, "read", "settings")
    if is_fragment(request):
        return render(request, "site/settings_backup.html#standing", _standing(request))
    return _page(request)


def _page(request: ActingRequest, form: ScheduleForm | None = None, status: int = 200) -> HttpResponse:
    plan = plans.kept_plan()
    if plan is not None and form is None:
        form = ScheduleForm(initial=ScheduleForm.initial_of(plan))
    return show_part(request, PART, _standing(request) | {"form": form}, status)


def _standing(request: ActingRequest) -> dict[str, Any]:
    found = standing(request.actor)
    last, making, folder = found.last, found.making, found.folder
    made_at = instant(last.made_at) if last else None
    return {
        "last": last,
        "made_at": made_at,
        "age": request.now - made_at if made_at and request.now - made_at > timedelta(minutes=1) else None,
        "tried_at": instant(last.tried_at) if last else None,
        "verified_at": instant(last.verified_at) if last else None,
        "last_path": _path_of(last, folder),
        "plan": found.plan,
        "folder": folder,
        "is_beside": found.is_beside,
        "kept": found.kept[:MOST_LISTED],
        "kept_count": len(found.kept),
        "unreadable": found.unreadable,
        "making": making,
        "is_silent": making is not None and making.is_silent(request.now),
        "making_step": STEPS.get(making.step, making.step) if making else "",
        "may_write": policy.may(request.actor, "write", "settings"),
    }


def _path_of(last: Last | None, folder: Path) -> str:
    """What to type behind the commands."""
    if last is None or not last.file:
        return str(folder / "amity-….tar")
    return str(Path(last.folder or folder) / last.file)


@require_POST
def now(request: ActingRequest) -> HttpResponse:
    """Have one made."""
    by_hand.ask(actor=request.actor, at=request.now)
    toast(request, _("A backup is being made"))
    return redirect(PART)


@require_POST
def schedule(request: ActingRequest) -> HttpResponse:
    """Another time, another number, on or off. Where backups grow fewer, whoever sits there confirms who they are."""
    policy.require(request.actor, "write", "settings")
    form = ScheduleForm(request.POST)
    if form.is_valid():
        wanted = form.cleaned_data

        def unchanged(there: Plan) -> None:
            if there.loses(is_on=wanted["is_on"], keep=wanted["keep"]):
                require_confirmed(request)

        try:
            before = plans.change_plan(
                is_on=wanted["is_on"], hour=wanted["time"].hour, minute=wanted["time"].minute,
                keep=wanted["keep"], actor=request.actor, at=request.now, unchanged=unchanged,
            )  # fmt: skip
        except NotConfirmed:
            return to_confirmation(reverse(PART))
        except DomainError as error:
            show_errors(form, error)
            return _page(request, form, error.status)
        toast(request, _("Saved"), undo=_undo(before))
        return redirect(PART)
    return _page(request, form, 422)


def _undo(before: Plan) -> Undo:
    fields = {"time": f"{before.hour:02}:{before.minute:02}", "keep": str(before.keep)}
    return Undo(reverse("settings-backup-schedule"), fields | ({"is_on": "on"} if before.is_on else {}))
