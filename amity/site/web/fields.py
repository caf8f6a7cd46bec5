"""Settings, Fields: the company's own fields of people and organisations. Every change can be undone from its toast."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import policy
from amity.kernel.errors import Invalid
from amity.kernel.purposes import Purpose
from amity.kernel.requests import ActingRequest
from amity.kernel.workspace import workspace
from amity.people import fields
from amity.people.domain.fields.definition import Definition, Gone, Kind
from amity.people.field_words import KINDS, RESOURCES
from amity.people.queries.fields import all_fields, as_purposes
from amity.site.toasts import Undo, toast
from amity.site.web.field_forms import FieldForm, NewFieldForm
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

PART = "settings-fields"


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """All fields, in their order, those of people first."""
    policy.require(request.actor, "read", "settings")
    groups = []
    for resource, label in RESOURCES.items():
        found = all_fields(resource)
        groups.append(
            {
                "resource": resource,
                "label": label,
                "shown": [_line(one) for one in found if not one.is_hidden],
                "hidden": [_line(one) for one in found if one.is_hidden],
            }
        )
    return show_part(
        request, PART, {"groups": groups, "is_empty": not any(g["shown"] or g["hidden"] for g in groups)}
    )


def _line(definition: Definition) -> dict[str, Any]:
    kind = str(KINDS[definition.kind])
    if definition.kind is Kind.MONEY:
        kind = f"{kind}, {definition.currency}"
    if definition.kind.has_options:
        count = len(definition.offered)
        kind = f"{kind}, " + ngettext("%(n)s option", "%(n)s options", count) % {"n": count}
    named = as_purposes(definition.purposes)
    return {
        "field": definition,
        "kind": kind,
        "purposes": _("for every purpose")
        if len(named) == len(Purpose)
        else ", ".join(str(one.label) for one in Purpose if one in as_purposes(definition.purposes)),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ActingRequest) -> HttpResponse:
    """Make a field."""
    policy.require(request.actor, "write", "settings")
    initial = {
        "resource": request.GET.get("of", "person"),
        "kind": Kind.TEXT.value,
        "currency": workspace().currency,
        "purposes": [one.value for one in Purpose],
    }
    form = NewFieldForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        told["options"] = told["options"].splitlines()
        try:
            made = fields.add_field(told.pop("resource"), **told, actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            undo = Undo(reverse("settings-field-hiding", args=[made.pk]))
            toast(request, _("%(name)s is a field now") % {"name": made.label}, undo=undo)
            return redirect("settings-fields")
    return _page(request, "field_new", {"form": form}, 422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ActingRequest, field_id: int) -> HttpResponse:
    """One field with its options; POST changes it."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "settings")
    definition = fields.definition_of(field_id, actor=request.actor)
    form = FieldForm(_posted(request.POST) or None, initial=_initial(definition))
    typed = _typed_options(request, definition)
    if request.method == "POST" and form.is_valid():
        changes = dict(form.cleaned_data)
        if definition.kind.has_options:
            changes["options"] = typed
        try:
            fields.change_field(field_id, changes, actor=request.actor)
        except Invalid as error:
            show_errors(form, error)
        else:
            undo = Undo(reverse("settings-field", args=[field_id]), _undo_fields(definition))
            toast(request, _("Saved"), undo=undo)
            return redirect("settings-field", field_id)
    shown = {
        "form": form,
        "line": _line(definition),
        "options": [one for one in typed if one["key"]],
        "gone": [_gone(one, definition) for one in definition.options if one.gone],
        "used": fields.used_by(field_id),
    }
    return _page(request, "field", shown, 422 if form.is_bound and form.errors else 200)


def _posted(posted: QueryDict) -> QueryDict:
    """What was posted; the form behind Undo carries one value a name, lists with commas."""
    found = posted.copy()
    for name in ("purposes", "writers"):
        if name in found:
            found.setlist(name, [part for value in found.getlist(name) for part in value.split(",") if part])
    return found


def _initial(definition: Definition) -> dict[str, Any]:
    return {
        "label": definition.label, "help": definition.help, "is_listed": definition.is_listed,
        "purposes": sorted(definition.purposes), "writers": sorted(definition.writers),
    }  # fmt: skip


def _typed_options(request: ActingRequest, definition: Definition) -> list[dict[str, str]]:
    """The offered options as they stand on the form, and new ones, one a line."""
    known = [
        {
            "key": option.key,
            "label": request.POST.get(f"option-{option.key}", option.label).strip() or option.label,
        }
        for option in definition.offered
    ]
    return known + [{"key": "", "label": line} for line in request.POST.get("more", "").splitlines()]


def _undo_fields(definition: Definition) -> dict[str, str]:
    found = {"label": definition.label, "help": definition.help}
    found |= {"is_listed": "on"} if definition.is_listed else {}
    found |= {f"option-{option.key}": option.label for option in definition.offered}
    return found | {
        "purposes": ",".join(sorted(definition.purposes)),
        "writers": ",".join(sorted(definition.writers)),
    }


def _gone(option: Any, definition: Definition) -> dict[str, Any]:
    other = definition.option(option.becomes)
    return {
        "option": option,
        "words": {
            Gone.KEEP: _("Who has it keeps it."),
            Gone.CLEAR: _("Nobody has it."),
            Gone.BECOMES: _("Who had it has %(other)s.") % {"other": other.label if other else ""},
        }[Gone(option.gone)],
    }


@require_POST
def move(request: ActingRequest, field_id: int) -> HttpResponse:
    """Up or down in the order in which fields stand everywhere."""
    steps = -1 if request.POST.get("to") == "up" else 1
    found = fields.move_field(field_id, steps, actor=request.actor)
    return redirect(f"{reverse('settings-fields')}#field-{found.pk}")


@require_POST
def hiding(request: ActingRequest, field_id: int) -> HttpResponse:
    """Take a field away from every screen, with its values kept."""
    found = fields.hide_field(field_id, actor=request.actor, at=request.now)
    undo = Undo(reverse("settings-field-return", args=[field_id]))
    toast(request, _("%(name)s is hidden, its values are kept") % {"name": found.label}, undo=undo)
    return redirect("settings-fields")


@require_POST
def putting_back(request: ActingRequest, field_id: int) -> HttpResponse:
    """Show it again."""
    found = fields.put_back_field(field_id, actor=request.actor)
    undo = Undo(reverse("settings-field-hiding", args=[field_id]))
    toast(request, _("%(name)s is shown again") % {"name": found.label}, undo=undo)
    return redirect("settings-fields")


@require_http_methods(["GET", "HEAD", "POST"])
def option_removal(request: ActingRequest, field_id: int, key: str) -> HttpResponse:
    """Ask what happens to those who have it, then take the option out."""
    policy.require(request.actor, "write", "settings")
    definition = fields.definition_of(field_id, actor=request.actor)
    option, problem = definition.option(key), ""
    if request.method == "POST":
        gone, _colon, becomes = request.POST.get("gone", "").partition(":")
        try:
            fields.remove_option(field_id, key, gone=gone, becomes=becomes, actor=request.actor)
        except Invalid as error:
            problem = error.message
        else:
            undo = Undo(reverse("settings-field-option-return", args=[field_id, key]))
            name = {"name": option.label if option else key}
            toast(request, _("%(name)s is no option any more") % name, undo=undo)
            return redirect("settings-field", field_id)
    shown = {
        "line": _line(definition),
        "option": option,
        "others": [one for one in definition.offered if one.key != key],
        "used": fields.used_by(field_id, key),
        "problem": problem,
    }
    return _page(request, "field_option", shown, 422 if problem else 200)


@require_POST
def option_return(request: ActingRequest, field_id: int, key: str) -> HttpResponse:
    """Offer an option again; who had it has it again."""
    fields.put_back_option(field_id, key, actor=request.actor)
    toast(request, _("It can be chosen again"))
    return redirect("settings-field", field_id)


def _page(request: ActingRequest, name: str, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    return show_part(request, PART, shown, status, template=f"site/settings_{name}.html")
