"""Sign in and out."""

from __future__ import annotations

from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.live import announce
from amity.kernel.models import Staff, WorkspaceSetting
from amity.kernel.requests import ActingRequest, remote_address
from amity.site import navigation
from amity.site.signin import TooManyTries, begin_attempt, forget_attempts

log = structlog.get_logger(__name__)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login_page(request: HttpRequest) -> HttpResponse:
    """The form, and what comes of it. Works without a script, and comes back to the page that was asked for."""
    wanted = _wanted(request)
    if isinstance(request.user, Staff):
        return redirect(wanted or home(request.user))
    with translation.override(translation.get_language_from_request(request)):
        if request.method == "POST":
            return _sign_in(request, wanted)
        return _form(request, wanted)


def _sign_in(request: HttpRequest, wanted: str) -> HttpResponse:
    email, password = request.POST.get("email", "").strip(), request.POST.get("password", "")
    if not email or not password:
        missing = {} if email else {"email": _("Enter the e-mail address that you use for work.")}
        if not password:
            missing["password"] = _("Enter your password.")
        return _form(request, wanted, email=email, fields=missing, status=422)
    address = remote_address(request, getattr(settings, "PROXIES", 0))
    try:
        begin_attempt(email, address, at=timezone.now())
    except TooManyTries as error:
        log.warning("sign-in refused after too many tries")
        return _form(request, wanted, email=email, problem=error.message, status=429)
    staff = authenticate(request, username=email, password=password)
    if not isinstance(staff, Staff):
        problem = _(
            "E-mail and password do not belong together. Check both; an administrator can set a new password."
        )
        return _form(request, wanted, email=email, problem=problem, status=422)
    forget_attempts(email, address)
    login(request, staff)
    log.info("signed in", staff_id=str(staff.id))
    return redirect(wanted or home(staff))


def _form(
    request: HttpRequest,
    wanted: str,
    *,
    email: str = "",
    problem: str = "",
    fields: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = {
        "next": wanted,
        "email": email,
        "problem": problem,
        "fields": fields or {},
        "demo": demo_logins(),
    }
    return render(request, "registration/login.html", shown, status=status)


def _wanted(request: HttpRequest) -> str:
    address = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else ""


def home(staff: Staff) -> str:
    """Where this colleague starts: the first screen that they may open."""
    entries = navigation.entries_for(staff.actor())
    return entries[0].url() if entries else reverse("settings")


def demo_logins() -> list[dict[str, Any]]:
    """Colleagues of the demo company that anybody may be; empty in every other workspace."""
    kept = dict(WorkspaceSetting.objects.filter(key__in=("demo", "demo_logins")).values_list("key", "value"))
    return list(kept.get("demo_logins") or []) if kept.get("demo") else []


@require_POST
def logout_now(request: ActingRequest) -> HttpResponse:
    """End the session, also for the live stream."""
    staff_id = request.staff.id
    logout(request)
    announce("staff", staff_id)
    return redirect("login")
