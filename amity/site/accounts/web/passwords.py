"""A lost password: ask for a link, choose a new one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import Invalid
from amity.site.accounts import links, mail, passwords
from amity.site.accounts.adapters import client_address
from amity.site.accounts.attempts import TooManyTries
from amity.site.accounts.links import Purpose
from amity.site.accounts.web.forms import NewPasswordForm
from amity.site.accounts.web.outside import outside
from amity.site.toasts import toast
from amity.site.web.forms import show_errors


@require_http_methods(["GET", "HEAD", "POST"])
@outside
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a link. The answer is the same whether the address has an account or not."""
    if not mail.can_mail():
        shown = {
            "title": _("Lost your password?"),
            "text": _(
                "This Amity cannot send mail yet. An administrator can make you a link under Settings, Colleagues."
            ),
        }
        return render(request, "accounts/words.html", shown, status=200 if request.method != "POST" else 409)
    email = request.POST.get("email", "").strip()
    if request.method != "POST":
        return render(request, "accounts/reset.html", {})
    if "@" not in email:
        problem = _("Enter the e-mail address that you use for work.")
        return render(request, "accounts/reset.html", {"email": email, "problem": problem}, status=422)
    try:
        passwords.ask_for_link(email, client_address(request), at=timezone.now())
    except TooManyTries as error:
        return render(request, "accounts/reset.html", {"email": email, "problem": error.message}, status=429)
    shown = {
        "title": _("Look into your mail"),
        "text": _("If this address has an account, a link is on its way. It works once, for one hour."),
    }
    return render(request, "accounts/words.html", shown)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@outside
def choose(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link. Opening it changes nothing; only the new password uses the link up."""
    now = timezone.now()
    link = links.find_link(Purpose.RESET, secret, at=now)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            passwords.set_by_link(secret, new=form.cleaned_data["new"], at=now)
        except Invalid as error:
            show_errors(form, error)
        else:
            toast(request, _("Your new password is set. Sign in with it."))
            return redirect("login")
    shown = {"form": form, "email": link.staff.email if link.staff else ""}
    return render(request, "accounts/new_password.html", shown, status=422 if form.errors else 200)
