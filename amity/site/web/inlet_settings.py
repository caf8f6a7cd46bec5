"""Settings, Webhooks: addresses of ours that systems outside send to."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.errors import Invalid
from amity.kernel.requests import ActingRequest
from amity.site.accounts.web.confirming import confirmed
from amity.site.toasts import toast
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part
from amity.site.web.webhook_forms import InletChangeForm, InletForm
from amity.site.web.webhooks import PART, may_write
from amity.webhooks import queries, reading, services
from amity.webhooks.models import Inlet
from amity.webhooks.services.inlets import Opened


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@may_write
@confirmed
@never_cache
def new(request: ActingRequest) -> HttpResponse:
    """Open one; its address and secret are on the page that follows."""
    form = InletForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = services.add_inlet(**form.cleaned_data, actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            return _secret(request, opened)
    return _page(request, "inlet_new", {"form": form}, 422 if form.is_bound else 200)


def _secret(request: ActingRequest, opened: Opened) -> HttpResponse:
    if not opened.secret:
        toast(request, _("Saved. What is signed with this key is let in."))
        return redirect("settings-inlet", opened.inlet.id)
    shown: dict[str, object] = {
        "secret": opened.secret,
        "back": reverse("settings-inlet", args=[opened.inlet.id]),
        "name": opened.inlet.name,
        "address": _address(request, opened.inlet),
        "until": opened.inlet.previous_until,
    }
    return _page(request, "webhook_secret", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ActingRequest, inlet_id: UUID) -> HttpResponse:
    """What came in there, and how it is read; POST changes that."""
    inlet = queries.inlet(inlet_id, request.actor)
    initial = {
        "mapping": json.dumps(reading.as_written(inlet.mapping), indent=2, ensure_ascii=False),
        "is_on": inlet.is_on,
    }
    form = InletChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_inlet(inlet.id, **form.cleaned_data, actor=request.actor)
        except Invalid as error:
            show_errors(form, error)
        else:
            toast(request, _("Saved"))
            return redirect("settings-inlet", inlet.id)
    shown = {
        "form": form,
        "inlet": inlet,
        "address": _address(request, inlet),
        "items": queries.latest_items(inlet),
    }
    return _page(request, "inlet", shown, 422 if form.is_bound else 200)


@sensitive_post_parameters("key")
@require_POST
@may_write
@confirmed
@never_cache
def secret(request: ActingRequest, inlet_id: UUID) -> HttpResponse:
    """A new secret; the one before is good for another day."""
    key = request.POST.get("key", "")
    return _secret(request, services.change_key(inlet_id, key=key, actor=request.actor, at=request.now))


@require_POST
def removal(request: ActingRequest, inlet_id: UUID) -> HttpResponse:
    """Nothing is let in there any more; what came stays."""
    services.remove_inlet(inlet_id, actor=request.actor)
    toast(request, _("Nothing is let in there any more. What came stays."))
    return redirect(PART)


def _address(request: ActingRequest, inlet: Inlet) -> str:
    return request.build_absolute_uri(reverse("webhook-inlet", args=[inlet.id]))


def _page(request: ActingRequest, name: str, shown: dict[str, object], status: int = 200) -> HttpResponse:
    return show_part(request, PART, shown, status, template=f"site/settings_{name}.html")
