"""Settings, Purposes: what people are contacted for, why that is lawful, and how consent is asked for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.consent import purposes
from amity.consent.domain.answering import Basis
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose
from amity.consent.queries.counting import statements_by_purpose
from amity.consent.queries.purposes import all_purposes, wording_of, wordings_of
from amity.consent.words import ARTICLES, BASES, BASIS_MEANS, CHANNEL_ICONS, CHANNELS, name_of, words_of
from amity.kernel import policy
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.requests import ActingRequest
from amity.site.toasts import Undo, toast
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

PART = "settings-purposes"


class PurposeForm(forms.Form):
    """What a purpose is. Services decide whether it can be."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=purposes.LONGEST_NAME)
    words = forms.CharField(
        label=gettext_lazy("What it is for"), max_length=purposes.LONGEST_WORDS, required=False,
        help_text=gettext_lazy("In words for customers: they read it where they choose what they want."),
        widget=forms.Textarea(attrs={"rows": 2, "class": "textarea"}),
    )  # fmt: skip
    basis = forms.ChoiceField(
        label=gettext_lazy("Lawful basis"), widget=forms.RadioSelect, choices=[], initial=Basis.CONSENT.value,
        help_text=gettext_lazy(
            "Article 6(1) of the GDPR. Only consent has to be given before; a refusal always counts."
        ),
    )  # fmt: skip
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("By which channels"), widget=forms.CheckboxSelectMultiple, choices=[]
    )
    wording = forms.CharField(
        label=gettext_lazy("Wording of the consent"), max_length=purposes.LONGEST_WORDING, required=False,
        help_text=gettext_lazy(
            "The words that people agree to. Another text is another version; what was agreed to before keeps its own."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "class": "textarea"}),
    )  # fmt: skip
    months = forms.IntegerField(
        label=gettext_lazy("Holds for months"), required=False, min_value=1, max_value=purposes.MOST_MONTHS,
        help_text=gettext_lazy("A consent that is older counts as expired. Empty: until it is withdrawn."),
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["basis"].choices = [  # type: ignore[attr-defined]
            (one.value, f"{BASES[one]} ({ARTICLES[one]}): {BASIS_MEANS[one]}") for one in Basis
        ]
        self.fields["channels"].choices = [  # type: ignore[attr-defined]
            (one.value, str(CHANNELS[one])) for one in Channel
        ]


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """All purposes, in their order."""
    policy.require(request.actor, "read", "purpose")
    found = all_purposes()
    counts = statements_by_purpose(request.actor)
    shown = {
        "shown": [_line(one, counts.get(one.id, 0)) for one in found if one.hidden_at is None],
        "hidden": [_line(one, counts.get(one.id, 0)) for one in found if one.hidden_at is not None],
    }
    return _page(request, "purposes", shown)


def _line(purpose: Purpose, count: int) -> dict[str, Any]:
    wording = wording_of(purpose)
    return {
        "key": purpose.key,
        "name": name_of(purpose),
        "words": words_of(purpose),
        "basis": BASES[Basis(purpose.basis)],
        "channels": [
            {"icon": CHANNEL_ICONS[one], "word": CHANNELS[one]} for one in Channel if one in purpose.channels
        ],
        "version": wording.version if wording and wording.text else None,
        "lacks_wording": purpose.basis == Basis.CONSENT and not (wording and wording.text),
        "months": purpose.months,
        "count": count,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActingRequest) -> HttpResponse:
    """Make a purpose."""
    policy.require(request.actor, "write", "purpose")
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = purposes.add_purpose(form.cleaned_data, actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            undo = Undo(reverse("settings-purpose-hiding", args=[made.key]))
            toast(request, _("%(name)s is a purpose now") % {"name": made.name}, undo=undo)
            return redirect(PART)
    return _page(request, "purpose", {"form": form, "purpose": None}, 422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ActingRequest, key: str) -> HttpResponse:
    """One purpose with the versions of its wording; POST changes it."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "purpose")
    found = next((each for each in all_purposes() if each.key == key), None)
    if found is None:
        raise NotFound(_("This purpose does not exist."))
    form = PurposeForm(_posted(request.POST) or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        before = _undo_fields(found)
        try:
            purposes.change_purpose(key, form.cleaned_data, actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            toast(request, _("Saved"), undo=Undo(reverse("settings-purpose", args=[key]), before))
            return redirect("settings-purpose", key)
    shown = {
        "form": form,
        "purpose": found,
        "line": _line(found, statements_by_purpose(request.actor).get(found.id, 0)),
        "wordings": wordings_of(found),
    }
    return _page(request, "purpose", shown, 422 if form.is_bound and form.errors else 200)


def _posted(posted: QueryDict) -> QueryDict:
    """What was posted; the form behind Undo carries the channels with commas."""
    found = posted.copy()
    if "channels" in found:
        found.setlist("channels", [part for value in found.getlist("channels") for part in value.split(",")])
    return found


def _initial(purpose: Purpose) -> dict[str, Any]:
    wording = wording_of(purpose)
    return {
        "name": name_of(purpose), "words": words_of(purpose), "basis": purpose.basis, "channels": purpose.channels,
        "months": purpose.months, "wording": wording.text if wording else "",
    }  # fmt: skip


def _undo_fields(purpose: Purpose) -> dict[str, str]:
    found = _initial(purpose)
    return {
        **{name: str(found[name]) for name in ("name", "words", "basis", "wording")},
        "channels": ",".join(found["channels"]),
        "months": "" if found["months"] is None else str(found["months"]),
    }


@require_POST
def move(request: ActingRequest, key: str) -> HttpResponse:
    """Up or down in the order in which purposes stand everywhere."""
    purposes.move_purpose(key, -1 if request.POST.get("to") == "up" else 1, actor=request.actor)
    return redirect(f"{reverse(PART)}#purpose-{key}")


@require_POST
def hiding(request: ActingRequest, key: str) -> HttpResponse:
    """Contact nobody for it any more; what was said is kept."""
    found = purposes.hide_purpose(key, actor=request.actor, at=request.now)
    undo = Undo(reverse("settings-purpose-return", args=[key]))
    toast(request, _("%(name)s is hidden, what was said is kept") % {"name": name_of(found)}, undo=undo)
    return redirect(PART)


@require_POST
def putting_back(request: ActingRequest, key: str) -> HttpResponse:
    """Use it again."""
    found = purposes.put_back_purpose(key, actor=request.actor)
    undo = Undo(reverse("settings-purpose-hiding", args=[key]))
    toast(request, _("%(name)s is used again") % {"name": name_of(found)}, undo=undo)
    return redirect(PART)


def _page(request: ActingRequest, name: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    shown["may_change"] = policy.may(request.actor, "write", "purpose")
    return show_part(request, PART, shown, status, template=f"site/settings_{name}.html")
