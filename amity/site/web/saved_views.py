"""Keep, rename, share, remove and bring back saved views. Every answer goes back to the list."""

from __future__ import annotations

from uuid import UUID

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amity.kernel.errors import Invalid
from amity.kernel.requests import ActingRequest
from amity.site.models import SavedView
from amity.site.services.saved_views import create_view, delete_view, rename_view, restore_view, share_view
from amity.site.toasts import Undo, toast

_SALT = "amity.site.saved_view"
_KEPT = ("screen", "name", "query", "position", "is_shared")


def _list_address(screen: str) -> str:
    try:
        return reverse(screen)
    except NoReverseMatch as error:
        raise Invalid(_("There is no such list."), fields={"screen": screen}) from error


def _to_list(view: SavedView) -> HttpResponse:
    return redirect(view.address(_list_address(view.screen)))


@require_POST
def saved_views(request: ActingRequest) -> HttpResponse:
    """`screen`, `name`, `query` and, to share it, `is_shared`."""
    _list_address(request.POST.get("screen", ""))
    view = create_view(
        request.POST.get("screen", ""),
        actor=request.actor,
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        is_shared="is_shared" in request.POST,
    )
    undo = Undo(reverse("saved-view-removal", args=[view.id]), {})
    toast(request, _("View saved: %(name)s") % {"name": view.name}, undo=undo)
    return _to_list(view)


@require_POST
def name(request: ActingRequest, view_id: UUID) -> HttpResponse:
    """Another `name`."""
    view = rename_view(view_id, actor=request.actor, name=request.POST.get("name", ""))
    toast(request, _("Renamed"))
    return _to_list(view)


@require_POST
def sharing(request: ActingRequest, view_id: UUID) -> HttpResponse:
    """`is_shared` present: everybody sees it; absent: only its owner."""
    view = share_view(view_id, actor=request.actor, is_shared="is_shared" in request.POST)
    toast(request, _("Everybody sees this view now") if view.is_shared else _("Only you see this view now"))
    return _to_list(view)


@require_POST
def removal(request: ActingRequest, view_id: UUID) -> HttpResponse:
    """Take it away; the toast can bring it back."""
    view = delete_view(view_id, actor=request.actor)
    kept = {key: getattr(view, key) for key in _KEPT} | {"id": str(view_id), "owner_id": str(view.owner_id)}
    undo = Undo(reverse("saved-view-restoration"), {"view": signing.dumps(kept, salt=_SALT, compress=True)})
    toast(request, _("View removed: %(name)s") % {"name": view.name}, undo=undo)
    return redirect(_list_address(view.screen))


@require_POST
def restoration(request: ActingRequest) -> HttpResponse:
    """Bring back the view that `view` describes; signed, so it is as it was."""
    try:
        fields = signing.loads(request.POST.get("view", ""), salt=_SALT)
    except signing.BadSignature as error:
        raise Invalid(_("This view can no longer be brought back.")) from error
    fields |= {"id": UUID(fields["id"]), "owner_id": UUID(fields["owner_id"])}
    view = restore_view(SavedView(**fields), actor=request.actor)
    toast(request, _("The view is back: %(name)s") % {"name": view.name})
    return _to_list(view)
