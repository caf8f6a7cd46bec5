"""Settings, API tokens: keys with which programs act as a colleague; each is shown once and can be revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import audit
from amity.kernel.actor import Role
from amity.kernel.api.tokens import make_token, revoke_token, scopes_of, tokens_for
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.requests import ActingRequest
from amity.site.accounts.web.confirming import confirmed, signed_in_as
from amity.site.toasts import toast
from amity.site.web.forms import show_errors
from amity.site.web.scope_groups import READ, WRITE, all_of, groups_of
from amity.site.web.settings_page import show_part

PART = "settings-api-tokens"
ENDS = (
    ("30", gettext_lazy("In 30 days")),
    ("90", gettext_lazy("In 90 days")),
    ("365", gettext_lazy("In a year")),
    ("", gettext_lazy("Never")),
)
REACHES = (
    ("read", gettext_lazy("Read all that I may read")),
    ("write", gettext_lazy("Read and write all that I may")),
    ("chosen", gettext_lazy("Only what is ticked below")),
)


class TokenForm(forms.Form):
    """What a token is for, what it may do, and when it ends."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=80,
        help_text=gettext_lazy("The program that will use it. What it writes is shown as coming from this name."),
    )  # fmt: skip
    reach = forms.ChoiceField(
        label=gettext_lazy("It may"), widget=forms.RadioSelect, choices=REACHES, initial="read"
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Chosen"), required=False, widget=forms.CheckboxSelectMultiple
    )
    all = forms.MultipleChoiceField(required=False)
    ends = forms.ChoiceField(label=gettext_lazy("It ends"), required=False, choices=ENDS, initial="90")

    def __init__(self, role: Role, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.mine = scopes_of(role)
        self.groups = groups_of(self.mine)
        self.fields["scopes"].choices = [(scope, scope) for scope in self.mine]  # type: ignore[attr-defined]
        whole = [f"{group.key}:{reach}" for group in self.groups for reach in (READ, WRITE)]
        self.fields["all"].choices = [(one, one) for one in whole]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        read = super().clean() or {}
        if (read.get("scopes") or read.get("all")) and read.get("reach") not in (None, "chosen"):
            self.add_error(
                "reach", _("Something is ticked below. Choose “Only what is ticked below”, or untick it.")
            )
        return read

    def wanted(self) -> list[str]:
        """The scopes that were asked for."""
        if self.cleaned_data["reach"] == "chosen":
            return sorted({*self.cleaned_data["scopes"], *all_of(self.cleaned_data["all"], self.mine)})
        whole = self.cleaned_data["reach"] == "write"
        return [scope for scope in self.mine if whole or scope.endswith(":read")]


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """One's own tokens; for administrators those of all colleagues."""
    living = tokens_for(request.actor).filter(revoked_at__isnull=True)
    rows = [
        {
            "token": token,
            "is_mine": token.staff_id == request.actor.staff_id,
            "is_over": token.expires_at is not None and token.expires_at <= request.now,
        }
        for token in living
    ]
    return show_part(request, PART, {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
@never_cache
def new(request: ActingRequest) -> HttpResponse:
    """Make one; its secret is on the page that follows, and nowhere after."""
    if signed_in_as(request).pk != request.staff.pk:
        raise Forbidden(_("A token would outlast your visit. Its colleague makes it."))
    form = TokenForm(Role(request.staff.role), request.POST or None)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["ends"]
        try:
            token, secret = make_token(
                form.cleaned_data["name"],
                actor=request.actor,
                at=request.now,
                scopes=form.wanted(),
                expires_at=request.now + timedelta(days=int(days)) if days else None,
            )
        except Invalid as error:
            show_errors(form, error)
        else:
            audit.record(
                "api_token.shown",
                actor=request.actor,
                at=request.now,
                subject="api_token",
                subject_id=token.id,
            )
            shown: dict[str, object] = {"token": token, "secret": secret}
            return show_part(request, PART, shown, template="site/settings_api_token_secret.html")
    status = 422 if form.is_bound else 200
    ticked = {*(form["scopes"].value() or ()), *(form["all"].value() or ())}
    return show_part(
        request, PART, {"form": form, "ticked": ticked}, status, template="site/settings_api_token_new.html"
    )


@require_POST
def revocation(request: ActingRequest, token_id: UUID) -> HttpResponse:
    """End one now. Nothing brings it back: a new one is made in a minute."""
    token = revoke_token(token_id, actor=request.actor, at=request.now)
    toast(request, _("“%(name)s” gets in no more") % {"name": token.name})
    return redirect(PART)
