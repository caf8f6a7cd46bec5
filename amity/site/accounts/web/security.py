"""Settings, Security: second factor, recovery codes, where one is signed in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import Invalid
from amity.kernel.requests import ActingRequest
from amity.site.accounts import addresses, attempts, factors, mail, passkeys, sessions, sso
from amity.site.accounts.adapters import client_address
from amity.site.accounts.passkeys import PasskeyRefused
from amity.site.accounts.web.confirming import confirm_now, confirmed
from amity.site.accounts.web.forms import CodeForm
from amity.site.accounts.web.outside import wanted
from amity.site.toasts import toast
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

PART = "settings-security"
_APP_SECRET = "app_secret"  # noqa: S105  # a key of the session


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """What is set up, and where one is signed in."""
    shown = {
        "factors": factors.factors(request.staff),
        "places": sessions.places(request.staff, request.session.session_key or ""),
        "has_password": request.staff.has_usable_password(),
        "is_linked": sso.is_linked(request.staff),
        "can_mail": mail.can_mail(),
        "passkeys_work": passkeys.can_be_used(request),
        "this_device": sessions.device_in_words(request.headers.get("User-Agent", "")),
        "is_proven": addresses.is_proven(request.staff),
    }
    return show_part(request, PART, shown, template="accounts/security.html")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: ActingRequest) -> HttpResponse:
    """Show again who sits there, with the password or a code; then on to what was wanted."""
    target = wanted(request) or "/settings/security/"
    problem, status = "", 200
    if request.method == "POST":
        account, address = f"confirm:{request.staff.pk}", client_address(request)
        attempts.begin_attempt(account, address, at=request.now, limits=attempts.SECOND_FACTOR)
        if _shown(request):
            attempts.forget_attempts(account, address)
            confirm_now(request, request.now)
            return redirect(target)
        problem, status = _("That is not right. Try it again."), 422
    shown = {
        "next": target,
        "problem": problem,
        "has_password": request.staff.has_usable_password(),
        "factors": factors.factors(request.staff),
    }
    return show_part(request, PART, shown, status, template="accounts/confirm.html")


def _shown(request: ActingRequest) -> bool:
    password, code = request.POST.get("password", ""), request.POST.get("code", "")
    credential = request.POST.get("credential", "")
    if credential:
        return _signed(request, credential)
    if password:
        return request.staff.has_usable_password() and request.staff.check_password(password)
    return bool(code) and bool(factors.code_fits(request.staff, code, at=request.now))


def _signed(request: ActingRequest, credential: str) -> bool:
    try:
        passkeys.check(request.staff, credential, at=request.now)
    except PasskeyRefused:
        return False
    return True


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def app(request: ActingRequest) -> HttpResponse:
    """Set up an authenticator app: its picture, and the first code that proves it."""
    if factors.factors(request.staff).has_app:
        return redirect(PART)
    form = CodeForm(request.POST or None)
    sealed = request.session.get(_APP_SECRET)
    if not isinstance(sealed, str):
        sealed = request.session[_APP_SECRET] = factors.new_app_secret()
    if request.method == "POST" and form.is_valid():
        try:
            codes = factors.add_app(request.staff, sealed, form.cleaned_data["code"], at=request.now)
        except Invalid as error:
            show_errors(form, error)
        else:
            del request.session[_APP_SECRET]
            return show_codes(request, codes) if codes else _done(request, _("The app is set up"))
    shown = {"form": form, "picture": factors.app_picture(request.staff, sealed)}
    return show_part(request, PART, shown, 422 if form.errors else 200, template="accounts/app.html")


@require_POST
@confirmed
def app_removal(request: ActingRequest) -> HttpResponse:
    """Ask for codes of the app no longer."""
    factors.remove(request.staff, actor=request.actor, at=request.now, kind=factors.Type.TOTP)
    return _done(request, _("The app is removed"))


@require_POST
@confirmed
def codes(request: ActingRequest) -> HttpResponse:
    """Fresh recovery codes. This answer is the only place where they are ever shown."""
    return show_codes(request, factors.make_codes(request.staff, at=request.now))


def show_codes(request: ActingRequest, fresh: list[str]) -> HttpResponse:
    """Recovery codes, to be kept now or never."""
    return show_part(request, PART, {"codes": fresh}, template="accounts/codes.html")


@require_POST
@confirmed
def address(request: ActingRequest) -> HttpResponse:
    """Another address for one's own account, or proof that the present one is read. A mail goes there."""
    wanted_address = addresses.ask_to_confirm(request.staff, request.POST.get("email", ""), at=request.now)
    return _done(request, _("Look into the mail of %(email)s for a link") % {"email": wanted_address})


@require_POST
def session_end(request: ActingRequest, place_id: int) -> HttpResponse:
    """Sign one other browser or phone out."""
    sessions.end_one(request.staff, place_id, here=request.session.session_key or "")
    return _done(request, _("Signed out there"))


@require_POST
def sessions_end(request: ActingRequest) -> HttpResponse:
    """Sign every other browser and phone out."""
    sessions.end_others(request.staff, keep=request.session.session_key or "")
    return _done(request, _("Signed out everywhere else"))


def _done(request: ActingRequest, words: str) -> HttpResponse:
    toast(request, words)
    return redirect(PART)
