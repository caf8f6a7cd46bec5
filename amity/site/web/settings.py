"""The Settings screen: oneself, the workspace, teams, sources. Every save can be undone from its toast."""

from __future__ import annotations

import dataclasses
from uuid import UUID

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Role
from amity.kernel.errors import Invalid
from amity.kernel.models import Team
from amity.kernel.requests import ActingRequest
from amity.kernel.workspace import Workspace, change_workspace, workspace
from amity.site.accounts import attempts, passwords, sessions
from amity.site.accounts.adapters import client_address
from amity.site.services.profile import THEMES, Profile, change_profile
from amity.site.services.teams import add_team, remove_team, rename_team
from amity.site.toasts import Undo, toast
from amity.site.web.forms import PasswordForm, ProfileForm, TeamForm, WorkspaceForm, show_errors, time_zones
from amity.site.web.roles import own_rights
from amity.site.web.settings_page import show_part


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: ActingRequest) -> HttpResponse:
    """One's own name, language, time zone, colours and keys."""
    form = ProfileForm(request.POST or None, initial=dataclasses.asdict(Profile.of(request.staff)))
    if request.method == "POST" and form.is_valid():
        try:
            before = change_profile(request.staff, profile=form.profile())
        except Invalid as error:
            show_errors(form, error)
        else:
            toast(request, _("Saved"), undo=_undo_profile(before))
            return redirect("settings")
    shown = {"form": form, "zones": time_zones(), "mine": own_rights(Role(request.staff.role))}
    return show_part(request, "settings", shown, _status(form))


def _undo_profile(before: Profile) -> Undo:
    fields = {key: str(value) for key, value in dataclasses.asdict(before).items() if key != "single_keys"}
    return Undo(reverse("settings"), fields | ({"single_keys": "on"} if before.single_keys else {}))


@require_POST
def theme(request: ActingRequest, name: str) -> HttpResponse:
    """Change the colours only: from the palette (a page follows), or by a script that has changed them already."""
    if name not in THEMES:
        raise Invalid(_("There are three: system, light and dark."))
    before = Profile.of(request.staff)
    change_profile(request.staff, profile=dataclasses.replace(before, theme=name))
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return HttpResponse(status=204)
    toast(request, _("Colours changed"), undo=Undo(reverse("settings-theme", args=[before.theme]), {}))
    return redirect(_back(request))


def _back(request: ActingRequest) -> str:
    return request.headers.get("Referer", "") if _is_ours(request) else reverse("settings")


def _is_ours(request: ActingRequest) -> bool:
    return request.headers.get("Referer", "").startswith(f"{request.scheme}://{request.get_host()}/")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: ActingRequest) -> HttpResponse:
    """A new password. Other browsers of this colleague are signed out by it."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here, address = request.session.session_key or "", client_address(request)
        account = f"confirm:{request.staff.pk}"
        try:
            attempts.begin_attempt(account, address, at=request.now, limits=attempts.SECOND_FACTOR)
            passwords.change(
                request.staff,
                current=form.cleaned_data["current"],
                new=form.cleaned_data["new"],
                keep=here,
                at=request.now,
            )
        except Invalid as error:
            if "current" not in error.fields:  # that one was right
                attempts.forget_attempts(account, address)
            show_errors(form, error)
        except attempts.TooManyTries as error:
            form.add_error("current", error.message)
            return show_part(request, "settings-password", {"form": form}, error.status)
        else:
            attempts.forget_attempts(account, address)
            update_session_auth_hash(request, request.staff)
            sessions.renamed(here, request.session.session_key or "")
            toast(request, _("Password changed. Other browsers were signed out."))
            return redirect("settings-password")
    return show_part(request, "settings-password", {"form": form}, _status(form))


@require_http_methods(["GET", "HEAD", "POST"])
def workspace_settings(request: ActingRequest) -> HttpResponse:
    """Name, currency, reply targets, tiers."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "settings")
    before = workspace()
    form = WorkspaceForm(request.POST or None, initial=WorkspaceForm.initial_of(before))
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        change_workspace(changes, actor=request.actor, at=request.now)
        toast(request, _("Saved"), undo=_undo_workspace(before))
        return redirect("settings-workspace")
    return show_part(request, "settings-workspace", {"form": form}, _status(form))


def _undo_workspace(before: Workspace) -> Undo:
    fields = {
        name: str(value) for name, value in WorkspaceForm.initial_of(before).items() if value is not False
    }
    return Undo(reverse("settings-workspace"), fields)


@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: ActingRequest) -> HttpResponse:
    """Every team with its members; POST adds one."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "settings")
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = add_team(form.cleaned_data["name"], actor=request.actor)
        except Invalid as error:
            show_errors(form, error)
        else:
            undo = Undo(reverse("settings-team-removal", args=[team.id]), {})
            toast(request, _("%(name)s added") % {"name": team.name}, undo=undo)
            return redirect("settings-teams")
    return show_part(request, "settings-teams", {"form": form, "teams": _teams()}, _status(form))


def _teams() -> list[Team]:
    return list(Team.objects.prefetch_related("members"))


@require_POST
def team_name(request: ActingRequest, team_id: UUID) -> HttpResponse:
    """Another name for a team."""
    name = request.POST.get("name", "")
    before = rename_team(team_id, actor=request.actor, name=name)
    undo = Undo(reverse("settings-team-name", args=[team_id]), {"name": before})
    toast(request, _("%(before)s is now %(name)s") % {"before": before, "name": name}, undo=undo)
    return redirect("settings-teams")


@require_POST
def team_removal(request: ActingRequest, team_id: UUID) -> HttpResponse:
    """Take back a team that was just added."""
    remove_team(team_id, actor=request.actor)
    toast(request, _("The team is gone again"))
    return redirect("settings-teams")


@require_safe
def sources(request: ActingRequest) -> HttpResponse:
    """Where things come from, and whose they are."""
    policy.require(request.actor, "read", "source")
    visible = policy.visible(Source.objects.all(), request.actor).select_related("team")
    return show_part(request, "settings-sources", {"sources": visible})


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200
