"""Settings, Colleagues: who works here, as what; invite, change, close, help back in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel import policy
from amity.kernel.actor import Role
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.live import announce
from amity.kernel.requests import ActingRequest
from amity.site.accounts import colleagues, enforcement, factors, invitations, mail, sso, standing_in
from amity.site.accounts.web.confirming import ask_again, confirmed, signed_in_as
from amity.site.accounts.web.forms import AccountForm, InviteForm, SecondFactorForm
from amity.site.accounts.web.outside import home
from amity.site.toasts import Undo, toast
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

PART = "settings-colleagues"


@require_safe
def listed(request: ActingRequest) -> HttpResponse:
    """Everybody with an account, and who was invited; with `?role=` those of one role who are still here."""
    found = colleagues.colleagues(request.actor)
    role = next((role for role in Role if role.value == request.GET.get("role")), None)
    if role is not None:
        found = [one for one in found if one.role == role.label and one.is_active]
    shown: dict[str, object] = {
        "colleagues": found,
        "role": role.label if role else "",
        "invitations": [] if role else invitations.open_invitations(request.actor, at=request.now),
        "may_invite": policy.may(request.actor, "write", colleagues.RESOURCE),
    }
    return show_part(request, PART, shown, template="accounts/colleagues.html")


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def invite(request: ActingRequest) -> HttpResponse:
    """Invite somebody. The link goes by mail, or is shown once to be handed over."""
    policy.require(request.actor, "write", colleagues.RESOURCE)
    roles = colleagues.roles_to_give(request.actor)
    form = InviteForm(request.POST or None, roles=roles, initial={"role": Role.AGENT.value})
    if request.method == "POST" and form.is_valid():
        try:
            link, url = invitations.invite(
                form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                team_ids=form.team_ids(),
                actor=request.actor,
                by=signed_in_as(request),
                at=request.now,
            )
        except Invalid as error:
            show_errors(form, error)
        else:
            if link.was_mailed:
                toast(request, _("The invitation is on its way to %(email)s") % {"email": link.email})
                return redirect(PART)
            return _link_shown(request, url, link.email)
    shown: dict[str, object] = {"form": form, "can_mail": mail.can_mail()}
    return show_part(request, PART, shown, 422 if form.errors else 200, template="accounts/invite.html")


def _link_shown(request: ActingRequest, url: str, whom: str) -> HttpResponse:
    return show_part(request, PART, {"link": url, "whom": whom}, template="accounts/link.html")


@require_POST
def invitation_removal(request: ActingRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitations.take_back(invitation_id, actor=request.actor, at=request.now)
    toast(request, _("The invitation is taken back. Its link leads nowhere any more."))
    return redirect(PART)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: ActingRequest, staff_id: UUID) -> HttpResponse:
    """One colleague: role and teams. Who is there is asked once more before these change, not before they are shown."""
    staff = colleagues.find(staff_id, request.actor)
    if request.method == "POST":
        policy.require(request.actor, "write", colleagues.RESOURCE)
        asked_first = ask_again(request, reverse("settings-colleague", args=[staff_id]))
        if asked_first is not None:
            return asked_first
    roles = colleagues.roles_to_give(request.actor)
    may_change = colleagues.may_change(request.actor, staff)
    initial = {"role": staff.role, "teams": [str(team.pk) for team in staff.teams.all()]}
    form = AccountForm(request.POST or None, roles=roles, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            before = colleagues.change(
                staff_id,
                actor=request.actor,
                at=request.now,
                role=form.cleaned_data["role"],
                team_ids=form.team_ids(),
            )
        except (Invalid, Conflict) as error:
            show_errors(form, error)
        else:
            toast(request, _("Saved"), undo=_undo_of(staff_id, *before))
            return redirect("settings-colleague", staff_id)
    shown: dict[str, object] = {
        "colleague": staff,
        "role": Role(staff.role).label,
        "form": form,
        "factors": factors.factors(staff),
        "may_change": may_change,
        "may_stand_in": standing_in.may_stand_in(request.actor, staff),
        "is_self": staff.pk == request.actor.staff_id,
    }
    return show_part(request, PART, shown, 422 if form.errors else 200, template="accounts/colleague.html")


def _undo_of(staff_id: UUID, role: str, teams: list[UUID]) -> Undo | None:
    if len(teams) > 1:  # the form of a toast sends one value for each field
        return None
    fields = {"role": role} | ({"teams": str(teams[0])} if teams else {})
    return Undo(reverse("settings-colleague", args=[staff_id]), fields)


@require_POST
def closure(request: ActingRequest, staff_id: UUID) -> HttpResponse:
    """Close an account."""
    colleagues.deactivate(staff_id, actor=request.actor, at=request.now)
    undo = Undo(reverse("settings-colleague-opening", args=[staff_id]), {})
    toast(request, _("The account is closed, and signed out everywhere"), undo=undo)
    return redirect("settings-colleague", staff_id)


@require_POST
@confirmed
def opening(request: ActingRequest, staff_id: UUID) -> HttpResponse:
    """Open a closed account again."""
    colleagues.reactivate(staff_id, actor=request.actor, at=request.now)
    toast(request, _("The account is open again"))
    return redirect("settings-colleague", staff_id)


@require_POST
@confirmed
def factor_reset(request: ActingRequest, staff_id: UUID) -> HttpResponse:
    """Take the second factors off an account whose owner lost them."""
    colleagues.reset_factors(staff_id, actor=request.actor, at=request.now)
    toast(request, _("The second factors are off. The next sign-in takes the password alone."))
    return redirect("settings-colleague", staff_id)


@require_POST
@confirmed
def password_link(request: ActingRequest, staff_id: UUID) -> HttpResponse:
    """Help somebody to a new password, without ever knowing it."""
    url, was_mailed = colleagues.password_link(
        staff_id, actor=request.actor, by=signed_in_as(request), at=request.now
    )
    if was_mailed:
        toast(request, _("A link to choose a new password is on its way to them"))
        return redirect("settings-colleague", staff_id)
    return _link_shown(request, url, colleagues.find(staff_id, request.actor).name)


@require_POST
@confirmed
def sign_in_as(request: ActingRequest, staff_id: UUID) -> HttpResponse:
    """See Amity as a colleague does."""
    staff = standing_in.begin(request.session, staff_id, actor=request.actor, at=request.now)
    announce("staff", request.staff.pk)
    return redirect(home(staff))


@require_POST
def end_sign_in_as(request: ActingRequest) -> HttpResponse:
    """Be oneself again."""
    staff_id = standing_in.end(request.session, real=signed_in_as(request), at=request.now)
    return redirect("settings-colleague", staff_id) if staff_id else redirect("today")


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def sign_in_rules(request: ActingRequest) -> HttpResponse:
    """Settings, Signing in: who must have a second factor."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "settings")
    form = SecondFactorForm(request.POST or None, initial={"roles": sorted(enforcement.roles())})
    if request.method == "POST" and form.is_valid():
        enforcement.change_roles(form.cleaned_data["roles"], actor=request.actor, at=request.now)
        toast(request, _("Saved"))
        return redirect("settings-sign-in")
    shown: dict[str, object] = {"form": form, "provider": sso.kept()}
    return show_part(
        request,
        "settings-sign-in",
        shown,
        422 if form.errors else 200,
        template="accounts/sign_in_rules.html",
    )
