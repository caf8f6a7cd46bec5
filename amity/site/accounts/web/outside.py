"""What pages before the sign-in share: the reader's language, where they wanted to go, and the way in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from amity.kernel.models import Staff
from amity.site import navigation
from amity.site.accounts.links import LinkGone

View = Callable[..., HttpResponseBase]


def outside(view: View) -> View:
    """A page that needs no sign-in, in the language that the browser asks for. A dead link gets words of its own."""

    @wraps(view)
    def drawn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            try:
                return view(request, *args, **kwargs)
            except LinkGone:
                return link_gone(request)

    return drawn


def link_gone(request: HttpRequest) -> HttpResponse:
    """A link that leads nowhere, whatever the reason."""
    shown = {
        "title": _("This link leads nowhere any more"),
        "text": _("It was used already, it has expired, or a newer one was sent. Ask for a new one."),
    }
    return render(request, "accounts/words.html", shown, status=404)


def wanted(request: HttpRequest) -> str:
    """The page that they were on their way to, if it is one of ours, else ""."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else ""


def home(staff: Staff) -> str:
    """Where this colleague starts: the first screen that they may open."""
    entries = navigation.entries_for(staff.actor())
    return entries[0].url() if entries else reverse("settings")


def let_in(request: HttpRequest, staff: Staff, target: str = "") -> HttpResponseBase:
    """Who they are is known: on to the second factor if they have one, else in, under a new session key."""
    answer: HttpResponseBase = perform_login(request, Login(user=staff, redirect_url=target or home(staff)))
    return answer
