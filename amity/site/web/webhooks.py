"""Settings, Webhooks: who is told of what, what became of it, and what can be done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import policy
from amity.kernel.api.operations import NotConfirmed
from amity.kernel.errors import Invalid
from amity.kernel.keyset import Cursor
from amity.kernel.requests import ActingRequest
from amity.site.accounts.web.confirming import View, confirmed, require_confirmed, to_confirmation
from amity.site.toasts import Undo, toast
from amity.site.trail_names import called
from amity.site.web.audit_words import subject_words
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part
from amity.site.web.webhook_forms import EndpointForm, NewEndpointForm
from amity.webhooks import queries, services
from amity.webhooks.models import DeliveryState, Endpoint, Event
from amity.webhooks.services.endpoints import Made
from amity.webhooks.services.sending import body_of

PART = "settings-webhooks"
SINCE = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "all": timedelta(days=30),
}


def may_write(view: View) -> View:
    """Only for those who may have webhooks at all; the others are not even asked who they are."""

    @wraps(view)
    def guarded(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policy.require(request.actor, "write", "webhook")
        return view(request, *args, **kwargs)

    return guarded


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """Both directions, and which of them need somebody."""
    listed = queries.endpoints(request.actor, request.now)
    shown: dict[str, object] = {
        "endpoints": listed,
        "inlets": queries.inlets(request.actor),
        "given_up": [one for one in listed if one.standing == "off" and one.endpoint.off_why != "by_hand"],
        "failing": [one for one in listed if one.standing == "failing"],
    }
    return show_part(request, PART, shown)


@require_http_methods(["GET", "HEAD", "POST"])
@may_write
@confirmed
@never_cache
def new(request: ActingRequest) -> HttpResponse:
    """Add one; its secret is on the page that follows, and nowhere after."""
    form = NewEndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_endpoint(
                url=form.cleaned_data["url"],
                types=form.cleaned_data["types"],
                description=form.cleaned_data["description"],
                is_asymmetric=form.cleaned_data["signing"] == "v1a",
                actor=request.actor,
                at=request.now,
            )
        except Invalid as error:
            show_errors(form, error)
        else:
            return _secret(request, made)
    return _page(request, "webhook_new", {"form": form}, 422 if form.is_bound else 200)


def _secret(request: ActingRequest, made: Made) -> HttpResponse:
    back = reverse("settings-webhook", args=[made.endpoint.id])
    return _page(
        request,
        "webhook_secret",
        {
            "secret": made.secret,
            "back": back,
            "is_public": made.endpoint.is_asymmetric,
            "name": made.endpoint.url,
            "until": made.endpoint.previous_until,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ActingRequest, endpoint_id: UUID) -> HttpResponse:
    """How one does, what was sent to it, and its form; POST changes it. Another address is confirmed."""
    endpoint = queries.endpoint(endpoint_id, request.actor)
    initial = {"url": endpoint.url, "description": endpoint.description, "types": endpoint.types}
    form = EndpointForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():

        def unchanged(there: Endpoint) -> None:
            if there.is_elsewhere(form.cleaned_data["url"]):
                require_confirmed(request)

        try:
            services.change_endpoint(
                endpoint.id, **form.cleaned_data, actor=request.actor, unchanged=unchanged
            )
        except NotConfirmed:
            return to_confirmation(reverse("settings-webhook", args=[endpoint.id]))
        except Invalid as error:
            show_errors(form, error)
        else:
            toast(request, _("Saved"))
            return redirect("settings-webhook", endpoint.id)
    state = request.GET.get("state", "")
    before = Cursor.read(request.GET.get("before", ""))
    page = queries.log(endpoint, request.actor, state=state, before=before)
    shown = {
        "form": form,
        "endpoint": endpoint,
        "standing": queries.standing(endpoint, request.now),
        "off_at": queries.off_at(endpoint),
        "public_key": services.public_key_of(endpoint) if endpoint.is_asymmetric else "",
        "log": page,
        "state": state,
        "states": _states(),
        "is_filtered": bool(state or request.GET.get("before")),
    }
    return _page(request, "webhook", shown, 422 if form.is_bound else 200)


def _states() -> list[tuple[str, str]]:
    return [
        ("", _("All")),
        (DeliveryState.WAITING, _("Waiting")),
        (DeliveryState.ARRIVED, _("Arrived")),
        (DeliveryState.FAILED, _("Failed")),
    ]


@require_POST
@may_write
@confirmed
@never_cache
def secret(request: ActingRequest, endpoint_id: UUID) -> HttpResponse:
    """A new secret, shown once; the one before is good for another day."""
    return _secret(request, services.rotate_secret(endpoint_id, actor=request.actor, at=request.now))


@require_POST
def test(request: ActingRequest, endpoint_id: UUID) -> HttpResponse:
    """Send it something harmless."""
    delivery = services.send_test(endpoint_id, actor=request.actor, at=request.now)
    toast(request, _("A test is on its way"))
    return redirect("settings-webhook-delivery", delivery.id)


@require_POST
def state(request: ActingRequest, endpoint_id: UUID) -> HttpResponse:
    """On or off."""
    on = request.POST.get("on") == "1"
    services.switch(endpoint_id, on=on, actor=request.actor, at=request.now)
    undo = Undo(reverse("settings-webhook-state", args=[endpoint_id]), {"on": "0" if on else "1"})
    toast(request, _("It hears again what happens") if on else _("Switched off"), undo=undo)
    return redirect("settings-webhook", endpoint_id)


@require_POST
def removal(request: ActingRequest, endpoint_id: UUID) -> HttpResponse:
    """Gone with its log; it has to be switched off before, so that this is no slip of the hand."""
    services.remove_endpoint(endpoint_id, actor=request.actor)
    toast(request, _("The webhook and its log are removed"))
    return redirect(PART)


@require_POST
def replay(request: ActingRequest, endpoint_id: UUID) -> HttpResponse:
    """Everything that failed since then, once more."""
    since: datetime = request.now - SINCE.get(request.POST.get("since", ""), SINCE["day"])
    count = services.send_failed_again(endpoint_id, since=since, actor=request.actor, at=request.now)
    words = ngettext("%(n)d delivery is sent again", "%(n)d deliveries are sent again", count)
    toast(request, words % {"n": count})
    return redirect("settings-webhook", endpoint_id)


@require_safe
def delivery(request: ActingRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery: what was sent, and what each attempt got back."""
    found = queries.delivery(delivery_id, request.actor)
    shown = {
        "delivery": found,
        "event": found.event,
        "endpoint": found.endpoint,
        "tries": found.tries.order_by("-id"),
        "body": body_of(found.event).decode(),
        "owner": found.endpoint.owner,
        "about": _about(found.event, request),
    }
    return _page(request, "webhook_delivery", shown)


SUBJECTS = {"conversation": "conversation", "import": "importrun", "order": "order", "person": "person"}
SCREENS = {"importrun": "import"}


def _about(event: Event, request: ActingRequest) -> dict[str, str] | None:
    """The record that an event tells of, by its name, for who may know it."""
    kind = SUBJECTS.get(event.type.partition(".")[0], "")
    subject_id: object = event.subject_id
    if event.type == "message.received":
        kind, subject_id = "conversation", event.data.get("conversation_id")
    name = called(kind, subject_id, request.actor)
    if not name:
        return None
    url = reverse(SCREENS.get(kind, kind), args=[subject_id])
    return {"kind": subject_words(kind), "name": name, "url": url}


@require_POST
def delivery_again(request: ActingRequest, delivery_id: UUID) -> HttpResponse:
    """Send one once more."""
    services.send_again(delivery_id, actor=request.actor, at=request.now)
    toast(request, _("It is sent again"))
    return redirect("settings-webhook-delivery", delivery_id)


def _page(request: ActingRequest, name: str, shown: dict[str, object], status: int = 200) -> HttpResponse:
    return show_part(request, PART, shown, status, template=f"site/settings_{name}.html")
