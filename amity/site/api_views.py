"""Saved views for programs: lists with their filters, kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ANYBODY, ApiRequest, In, Problem, operation
from amity.kernel.errors import NotFound
from amity.site.models import SavedView
from amity.site.services.saved_views import change_view, create_view, delete_view

router = Router(tags=["workspace"])
ViewName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
_ONE = "/saved-views/{uuid:view_id}"
_SCREEN = "Which list: inbox, people, organisations or orders."
_QUERY = "Its filters, as they stand in the address of the list behind the question mark."
_SHARED = "Everybody sees it; else only its owner."


class ViewOut(Schema):
    """A list with its filters under a name."""

    id: UUID
    screen: str = Field(description=_SCREEN)
    name: str
    query: str = Field(description=_QUERY)
    is_shared: bool = Field(description=_SHARED)
    is_own: bool = Field(description="Yours. Only its owner changes it.")


class ViewsOut(Schema):
    items: list[ViewOut]


class ViewIn(In):
    screen: Annotated[str, StringConstraints(pattern=r"^(inbox|people|organisations|orders)$")] = Field(
        description=_SCREEN
    )
    name: ViewName = Field(description="You have no other view of this name in this list.")
    query: str = Field("", max_length=2_000, description=_QUERY)
    is_shared: bool = Field(False, description=_SHARED)


class ViewChange(In):
    """What shall be different. What is left out stays."""

    name: ViewName | None = Field(None, description="You have no other view of this name in this list.")
    is_shared: bool | None = Field(None, description=_SHARED)


def _whole(request: ApiRequest, view: SavedView) -> dict[str, Any]:
    return {
        "id": view.id, "screen": view.screen, "name": view.name, "query": view.query,
        "is_shared": view.is_shared, "is_own": view.owner_id == request.actor.staff_id,
    }  # fmt: skip


def _answer(request: ApiRequest, view: SavedView, status: int = 200) -> Answer:
    whole = _whole(request, view)
    return Answer(whole, status, etag=tag_of(whole))


@operation(router, "GET", "/saved-views", of=ANYBODY, does="read", answer=ViewsOut)
def list_of_views(request: ApiRequest) -> Mapping[str, Any]:
    """One's own saved views, and those that colleagues share."""
    views = SavedView.objects.visible_to(request.actor).order_by("screen", "position", "id")
    return {"items": [_whole(request, view) for view in views]}


@operation(router, "POST", "/saved-views", of=ANYBODY, does="write", answer=ViewOut, status=201)
def create_saved_view(request: ApiRequest, body: ViewIn) -> Answer:
    """Keep a list with its filters under a name."""
    view = create_view(
        body.screen, actor=request.actor, name=body.name, query=body.query, is_shared=body.is_shared
    )
    return _answer(request, view, 201)


@operation(router, "GET", _ONE, of=ANYBODY, does="read", answer=ViewOut, also={304: None})
def get_saved_view(request: ApiRequest, view_id: UUID) -> Answer:
    """A saved view of one's own, or one that a colleague shares."""
    view = SavedView.objects.visible_to(request.actor).filter(pk=view_id).first()
    if view is None:
        raise NotFound(_("This view is gone."))
    return _answer(request, view)


@operation(router, "PATCH", _ONE, of=ANYBODY, does="write", answer=ViewOut, also={412: Problem})
def update_saved_view(request: ApiRequest, view_id: UUID, body: ViewChange) -> Answer:
    """Rename one's own view, or share it."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")

    def unchanged(there: SavedView) -> None:
        require_match(header, _whole(request, there), changes)

    view = change_view(
        view_id, actor=request.actor, name=body.name, is_shared=body.is_shared, unchanged=unchanged
    )
    return _answer(request, view)


@operation(router, "DELETE", _ONE, of=ANYBODY, does="write", answer=None, status=204)
def delete_saved_view(request: ApiRequest, view_id: UUID) -> Answer:
    """Take one's own view away."""
    delete_view(view_id, actor=request.actor)
    return Answer(None, 204)
