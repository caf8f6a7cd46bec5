"""Sign in and out: e-mail and password, then the second factor of those who have one."""

from __future__ import annotations

from typing import Any

import structlog
from allauth.account.internal.flows.login import record_authentication
from allauth.account.stages import LoginStage, LoginStageController
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.actor import SYSTEM
from amity.kernel.live import announce
from amity.kernel.models import Staff, WorkspaceSetting
from amity.kernel.requests import ActingRequest
from amity.site.accounts import attempts, factors, mail, sessions, sso, trail
from amity.site.accounts.adapters import SecondFactorStage, client_address
from amity.site.accounts.attempts import TooManyTries
from amity.site.accounts.web.outside import home, let_in, outside, wanted

log = structlog.get_logger(__name__)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@outside
def login_page(request: HttpRequest) -> HttpResponseBase:
    """The form, and what comes of it. Works without a script, and comes back to the page that was asked for."""
    target = wanted(request)
    if isinstance(request.user, Staff):
        return redirect(target or home(request.user))
    return _sign_in(request, target) if request.method == "POST" else form(request, target)


def _sign_in(request: HttpRequest, target: str) -> HttpResponseBase:
    email, password = request.POST.get("email", "").strip(), request.POST.get("password", "")
    if not email or not password:
        missing = {} if email else {"email": _("Enter the e-mail address that you use for work.")}
        if not password:
            missing["password"] = _("Enter your password.")
        return form(request, target, email=email, fields=missing, status=422)
    address, now = client_address(request), timezone.now()
    try:
        attempts.begin_attempt(email, address, at=now)
    except TooManyTries as error:
        log.warning("sign-in refused after too many tries")
        return form(request, target, email=email, problem=error.message, status=429)
    staff = authenticate(request, username=email, password=password)
    if not isinstance(staff, Staff):
        trail.note("sign_in.failed", actor=SYSTEM, at=now)
        problem = _(
            "E-mail and password do not belong together. Check both; an administrator can set a new password."
        )
        return form(request, target, email=email, problem=problem, status=422)
    attempts.forget_attempts(email, address)
    record_authentication(request, staff, "password")
    return let_in(request, staff, target)


def form(
    request: HttpRequest,
    target: str,
    *,
    email: str = "",
    problem: str = "",
    fields: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The sign-in page."""
    shown = {
        "next": target,
        "email": email,
        "problem": problem,
        "fields": fields or {},
        "demo": demo_logins(),
        "can_mail": mail.can_mail(),
        "provider": sso.in_force(),
    }
    return render(request, "registration/login.html", shown, status=status)


def demo_logins() -> list[dict[str, Any]]:
    """Colleagues of the demo company that anybody may be; empty in every other workspace."""
    kept = dict(WorkspaceSetting.objects.filter(key__in=("demo", "demo_logins")).values_list("key", "value"))
    return list(kept.get("demo_logins") or []) if kept.get("demo") else []


def waiting_stage(request: HttpRequest) -> LoginStage | None:
    """The sign-in of this browser that waits for a second factor, if there is one; it is given up after 15 minutes."""
    stage: LoginStage | None = LoginStageController.enter(request, SecondFactorStage.key)
    return stage


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@outside
def second_factor(request: HttpRequest) -> HttpResponseBase:
    """After the password: a code of the app, a recovery code, or (with a script) a passkey."""
    stage = None if isinstance(request.user, Staff) else waiting_stage(request)
    if stage is None:
        return redirect("login")
    staff, now = stage.login.user, timezone.now()
    if request.method != "POST":
        return second_form(request, staff)
    address, account = client_address(request), f"second:{staff.pk}"
    try:
        attempts.begin_attempt(account, address, at=now, limits=attempts.SECOND_FACTOR)
    except TooManyTries as error:
        return second_form(request, staff, error.message, 429)
    kind = factors.code_fits(staff, request.POST.get("code", ""), at=now)
    if not kind:
        trail.note("sign_in.second_factor_failed", actor=SYSTEM, at=now, subject_id=staff.pk)
        problem = _(
            "This code does not fit. Each one works once, and codes of the app change every 30 seconds."
        )
        return second_form(request, staff, problem, 422)
    attempts.forget_attempts(account, address)
    record_authentication(request, staff, "mfa", type=kind)
    answer: HttpResponseBase = stage.exit()
    return answer


def second_form(request: HttpRequest, staff: Staff, problem: str = "", status: int = 200) -> HttpResponse:
    """The page that asks for the second factor."""
    shown = {"factors": factors.factors(staff), "email": staff.email, "problem": problem}
    return render(request, "accounts/second_factor.html", shown, status=status)


@require_POST
def logout_now(request: ActingRequest) -> HttpResponse:
    """End the session, also for the live stream."""
    staff = request.user
    assert isinstance(staff, Staff)  # the middleware lets nobody else through
    trail.note("sign_out", actor=staff.actor(), at=request.now, subject_id=staff.pk)
    sessions.forget(request.session.session_key or "")
    logout(request)
    announce("staff", staff.pk)
    return redirect("login")
