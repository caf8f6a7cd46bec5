"""Passkeys: what the script of the page asks for and hands in, signed out and signed in."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amity.kernel.actor import SYSTEM
from amity.kernel.models import Staff
from amity.kernel.requests import ActingRequest
from amity.site.accounts import attempts, factors, passkeys, trail
from amity.site.accounts.adapters import client_address
from amity.site.accounts.attempts import TooManyTries
from amity.site.accounts.passkeys import PasskeyRefused
from amity.site.accounts.web import security
from amity.site.accounts.web.confirming import confirmed
from amity.site.accounts.web.outside import let_in, outside, wanted
from amity.site.accounts.web.sign_in import form, second_form, waiting_stage
from amity.site.toasts import toast


@require_POST
@outside
def challenge(request: HttpRequest) -> HttpResponse:
    """What the browser is to sign: any key of this site, or one of the colleague whose password was right."""
    stage = waiting_stage(request)
    return JsonResponse(passkeys.challenge(stage.login.user if stage else None))


@require_POST
@outside
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Come in with a passkey: alone, or as the second factor of a sign-in that waits for one."""
    if isinstance(request.user, Staff):
        return redirect("login")
    address, now, stage = client_address(request), timezone.now(), waiting_stage(request)
    account = f"passkey:{address}"
    try:
        attempts.begin_attempt(account, address, at=now, limits=attempts.KEY)
        credential = request.POST.get("credential", "")
        staff = stage.login.user if stage else passkeys.holder_of(credential)
        key = passkeys.check(staff, credential, at=now)
    except (PasskeyRefused, TooManyTries) as error:
        trail.note("sign_in.passkey_refused", actor=SYSTEM, at=now)
        if stage:
            return second_form(request, stage.login.user, error.message, error.status)
        return form(request, wanted(request), problem=error.message, status=error.status)
    attempts.forget_attempts(account, address)
    record_authentication(request, staff, "mfa", id=key.pk, type=key.type, passwordless=stage is None)
    if stage:
        answer: HttpResponseBase = stage.exit()
        return answer
    return let_in(request, staff, wanted(request))


@require_POST
@confirmed
def challenge_to_add(request: ActingRequest) -> HttpResponse:
    """What the browser is to make a new key for."""
    return JsonResponse(passkeys.challenge_to_add(request.staff))


@require_POST
@confirmed
def add(request: ActingRequest) -> HttpResponse:
    """Keep a new passkey."""
    codes = passkeys.add(
        request.staff,
        name=request.POST.get("name", ""),
        credential=request.POST.get("credential", ""),
        at=request.now,
    )
    if codes:
        return security.show_codes(request, codes)
    toast(request, _("The passkey is added"))
    return redirect(security.PART)


@require_POST
@confirmed
def removal(request: ActingRequest, key_id: int) -> HttpResponse:
    """Take a passkey off the account."""
    factors.remove(request.staff, actor=request.actor, at=request.now, kind=factors.Type.WEBAUTHN, id=key_id)
    toast(request, _("The passkey is removed"))
    return redirect(security.PART)


@require_POST
def challenge_to_confirm(request: ActingRequest) -> HttpResponse:
    """What the browser is to sign to show that it is still the same colleague."""
    return JsonResponse(passkeys.challenge(request.staff))
