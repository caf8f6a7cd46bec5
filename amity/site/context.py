"""What every page knows without its view having to say so. All is lazy: a fragment without a rail asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from amity.kernel.requests import ActingRequest, as_acting
from amity.kernel.workspace import Workspace, workspace
from amity.site import navigation
from amity.site.middleware import live_origin
from amity.site.models import SavedView
from amity.site.services.profile import uses_single_keys
from amity.site.services.saved_views import clean_query
from amity.site.toasts import read_toasts


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `workspace`, `theme`, `messages`, and for colleagues `navigation`, `current`, `actor_card`,
    `shell`, `saved_views`, `now`."""
    acting = as_acting(request)
    common: dict[str, Any] = {
        "workspace": SimpleLazyObject(_workspace),
        "messages": SimpleLazyObject(lambda: read_toasts(get_messages(request))),
    }
    if acting is None:
        return common
    current = current_entry(acting)
    return common | {
        "theme": acting.staff.theme,
        "now": acting.now,
        "current": current,
        "navigation": SimpleLazyObject(partial(navigation.sections, acting.actor, current)),
        "actor_card": actor_card(acting),
        "shell": SimpleLazyObject(partial(shell, acting)),
        "saved_views": SimpleLazyObject(partial(saved_views, acting)),
    }


def _workspace() -> Workspace:
    return workspace()


def _url_name(request: HttpRequest) -> str:
    return (request.resolver_match.url_name or "") if request.resolver_match else ""


def current_entry(request: ActingRequest) -> str:
    """The entry of the rail that stands for this page; `/people/<id>/` is within People."""
    view = request.GET.get("view", "")
    return navigation.current_key(_url_name(request), view) or navigation.key_of_path(request.path)


def actor_card(request: ActingRequest) -> dict[str, str]:
    """Who is signed in, for the foot of the rail."""
    staff = request.staff
    role = request.actor.role
    return {
        "id": str(staff.id),
        "name": staff.name,
        "status": staff.job_title or (role.label if role else ""),
        "settings_url": reverse("settings"),
        "logout_url": reverse("logout"),
    }


def shell(request: ActingRequest) -> dict[str, Any]:
    """What the scripts of the frame need to know."""
    entries = navigation.entries_for(request.actor)
    return {
        "staff_id": str(request.staff.id),
        "single_keys": uses_single_keys(request.staff),
        "live_url": f"{live_origin(request)}/live",
        "home_url": entries[0].url() if entries else reverse("settings"),
        "home_label": str(entries[0].label) if entries else _("Settings"),
    }


@dataclass(frozen=True, slots=True)
class ListedView:
    """A saved view as a tab above its list."""

    id: UUID
    name: str
    query: str
    owner_name: str
    is_own: bool
    is_shared: bool
    is_open: bool


def saved_views(request: ActingRequest) -> list[ListedView]:
    """The saved views of the list that is open, one's own first."""
    rows = SavedView.objects.visible_to(request.actor).of_screen(_url_name(request))
    here = clean_query(request.META.get("QUERY_STRING", ""))
    listed = [
        ListedView(
            row.id,
            row.name,
            row.query,
            row.owner.name,
            row.owner_id == request.actor.staff_id,
            row.is_shared,
            row.query == here,
        )
        for row in rows
    ]
    return sorted(listed, key=lambda view: not view.is_own)
