"""Single sign-on: off to the provider, and back; and its settings."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.internal.flows.login import record_authentication
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import policy
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import DomainError, Invalid
from amity.kernel.models import Staff
from amity.kernel.requests import ActingRequest
from amity.site.accounts import attempts, oidc, sso, trail
from amity.site.accounts.adapters import client_address
from amity.site.accounts.web.confirming import confirmed
from amity.site.accounts.web.forms import SingleSignOnForm
from amity.site.accounts.web.outside import let_in, outside, wanted
from amity.site.toasts import toast
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

log = structlog.get_logger(__name__)
_NEXT = "sso_next"


@require_POST
@outside
def begin(request: HttpRequest) -> HttpResponseBase:
    """Off to the provider. The answer is a page that goes on by itself: browsers hold the redirect of a form against
    `form-action`, which allows this site only."""
    provider = _provider()
    now, address = timezone.now(), client_address(request)
    try:
        attempts.begin_attempt(f"sso:{address}", address, at=now, limits=attempts.KEY)
        target = oidc.begin(request)
    except DomainError as error:
        return _words(request, error.message, error.status)
    except OSError:  # requests raises kinds of it
        log.warning("identity provider does not answer")
        return _words(
            request,
            _("Your provider does not answer just now. Try again, or sign in with the password."),
            502,
        )
    request.session[_NEXT] = wanted(request)
    return render(request, "accounts/onward.html", {"target": target, "name": provider.name})


@require_safe
@outside
def callback(request: HttpRequest) -> HttpResponseBase:
    """Back from the provider. Only a browser that was sent there by us has the state that is asked for here."""
    provider = _provider()
    now = timezone.now()

    def arrived(claims: dict[str, Any]) -> HttpResponseBase:
        staff = sso.let_in_by(claims, provider, at=now)
        record_authentication(request, staff, "socialaccount")
        return let_in(request, staff, request.session.pop(_NEXT, ""))

    if isinstance(request.user, Staff):
        return redirect("login")
    try:
        return oidc.arrive(request, arrived)
    except DomainError as error:
        trail.note("sso.refused", actor=SYSTEM, at=now, why=error.code)
        return _words(request, error.message, error.status)


def _provider() -> Any:
    provider = sso.in_force()
    if provider is None:
        raise Http404
    return provider


def _words(request: HttpRequest, text: str, status: int) -> HttpResponse:
    shown = {"title": _("You were not let in"), "text": text}
    return render(request, "accounts/words.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def settings(request: ActingRequest) -> HttpResponse:
    """Settings, Single sign-on: which provider, and whom it lets in."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", sso.RESOURCE)
    kept = sso.kept()
    form = SingleSignOnForm(request.POST or None, initial=SingleSignOnForm.initial_of(kept))
    if request.method == "POST" and form.is_valid():
        try:
            sso.change(form.provider(), actor=request.actor, at=request.now)
        except Invalid as error:
            show_errors(form, error)
        except DomainError as error:
            form.add_error("issuer", error.message)
        else:
            toast(request, _("Saved"))
            return redirect("settings-sso")
    shown = {
        "form": form,
        "redirect_uri": oidc.callback_url(),
        "is_set": kept is not None,
        "may_set": sso.may_set(request.actor),
    }
    return show_part(
        request,
        "settings-sign-in",
        shown,
        422 if form.errors else 200,
        template="accounts/single_sign_on.html",
    )


@require_POST
@confirmed
def unlink(request: ActingRequest) -> HttpResponse:
    """End one's own link to the provider."""
    sso.unlink(request.staff, at=request.now)
    toast(request, _("Single sign-on no longer opens your account"))
    return redirect("settings-security")
