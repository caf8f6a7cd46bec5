"""Becoming a colleague: by the set-up link of an empty Amity, or by an invitation. And the link to a new address."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from amity.kernel.actor import Role
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.models import Staff
from amity.site.accounts import addresses, invitations, links, setup
from amity.site.accounts.links import Purpose
from amity.site.accounts.web.forms import JoinForm, SetupForm
from amity.site.accounts.web.outside import let_in, outside
from amity.site.toasts import toast
from amity.site.web.forms import show_errors


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@outside
def set_up(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The page behind the link of the terminal: the owner's account. Afterwards it is as if it had never been."""
    now = timezone.now()
    setup.require_open(secret, at=now)
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff = setup.set_up(secret, **form.cleaned_data, at=now)
        except (Invalid, Conflict) as error:
            show_errors(form, error)
        else:
            return let_in(request, staff)
    return render(request, "accounts/setup.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@outside
def invitation(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The page behind an invitation: name and password, and in. Opening it takes nothing up."""
    now = timezone.now()
    link = links.find_link(Purpose.INVITATION, secret, at=now)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff = invitations.accept(
                secret, name=form.cleaned_data["name"], password=form.cleaned_data["new"], at=now
            )
        except (Invalid, Conflict) as error:
            show_errors(form, error)
        else:
            if isinstance(request.user, Staff):
                logout(request)  # a colleague who opened it in their own browser does not become two
            return let_in(request, staff)
    shown = {
        "form": form,
        "email": link.email,
        "role": Role(link.details["role"]).label,
        "inviter": link.made_by.name if link.made_by else "",
    }
    return render(request, "accounts/invitation.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@outside
def address(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The page behind the link to a new address: one button. A mail scanner that opens it confirms nothing."""
    now = timezone.now()
    link = links.find_link(Purpose.ADDRESS, secret, at=now)
    if request.method != "POST":
        return render(request, "accounts/address.html", {"email": link.email})
    try:
        addresses.confirm(secret, at=now)
    except Invalid as error:
        return render(
            request, "accounts/address.html", {"email": link.email, "problem": error.message}, status=422
        )
    toast(request, _("The address is confirmed. It is what you sign in with from now on."))
    return redirect("settings-security" if isinstance(request.user, Staff) else "login")
