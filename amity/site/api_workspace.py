"""What belongs to the company and to oneself: colleagues, teams, settings, saved views, search, status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.conversations.queries.colleagues import colleagues_of
from amity.kernel import policy
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ANYBODY, ApiRequest, In, Problem, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.errors import NotFound
from amity.kernel.health import worst
from amity.kernel.models import Team
from amity.kernel.workspace import Workspace, change_workspace, workspace
from amity.site.models import SavedView
from amity.site.palette import find
from amity.site.services.saved_views import create_view, delete_view, rename_view, share_view
from amity.site.services.teams import add_team, remove_team, rename_team
from amity.site.status import findings

router = Router(tags=["workspace"])
ViewName = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class MeOut(Schema):
    """As whom you are here, and what you may do: the scopes of the token within those of the role."""

    id: UUID
    name: str
    role: str
    language: str
    time_zone: str
    teams: list[UUID]
    token_id: UUID | None
    scopes: list[str]


@operation(router, "GET", "/me", of=ANYBODY, does="read", answer=MeOut)
def who_am_i(request: ApiRequest) -> Mapping[str, Any]:
    """As whom you are here, and what you may do."""
    actor, staff = request.actor, request.staff
    scopes = [
        f"{resource}:{action}"
        for resource, grants in policy.TABLE.items()
        for action in sorted(grants[actor.role].actions if actor.role else ())
        if policy.may(actor, action, resource)
    ]
    return {
        "id": staff.id, "name": staff.name, "role": staff.role, "language": staff.language,
        "time_zone": staff.time_zone, "teams": sorted(actor.team_ids, key=str), "token_id": request.token_id,
        "scopes": scopes,
    }  # fmt: skip


class ColleagueOut(Sparse):
    id: UUID
    name: str
    job_title: str
    role: str


class ColleaguesPage(Schema):
    items: list[ColleagueOut]
    after: str | None = None


@operation(router, "GET", "/colleagues", of="conversation", does="write", answer=ColleaguesPage)
def list_of_colleagues(request: ApiRequest, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """List the colleagues to whom something can be given, by name; to a partner, those they work with."""
    of = f"colleagues {request.staff.id}"
    place = read_cursor(of, wanted.after)
    known = list(ColleagueOut.model_fields)
    rows = colleagues_of(request.actor).order_by("name", "id")
    if place is not None:
        id, _mark, name = place.partition("~")
        rows = rows.filter(Q(name__gt=name) | Q(name=name, id__gt=UUID(id)))
    found = list(rows.values(*known)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    after = f"{shown[-1]['id']}~{shown[-1]['name']}" if len(found) > wanted.limit else None
    return page_of(shown, wanted, known, of, after)


# -------------------------------------------------------------------------------------------------------------- teams


class TeamOut(Schema):
    id: UUID
    name: str
    members: list[UUID]


class TeamsOut(Schema):
    items: list[TeamOut]


class TeamIn(In):
    name: ViewName


def _team(team: Team) -> dict[str, Any]:
    return {"id": team.id, "name": team.name, "members": [one.id for one in team.members.all()]}


@operation(router, "GET", "/teams", of="settings", does="read", answer=TeamsOut)
def list_of_teams(request: ApiRequest) -> Mapping[str, Any]:
    """List teams with their members."""
    return {"items": [_team(team) for team in Team.objects.prefetch_related("members").order_by("name")]}


@operation(router, "POST", "/teams", of="settings", does="write", answer=TeamOut, status=201)
def create_team(request: ApiRequest, body: TeamIn) -> Answer:
    """Add a team."""
    return Answer(_team(add_team(body.name, actor=request.actor)), 201)


@operation(router, "PATCH", "/teams/{uuid:team_id}", of="settings", does="write", answer=TeamOut)
def update_team(request: ApiRequest, team_id: UUID, body: TeamIn) -> Mapping[str, Any]:
    """Give a team another name."""
    rename_team(team_id, actor=request.actor, name=body.name)
    return _team(Team.objects.get(pk=team_id))


@operation(router, "DELETE", "/teams/{uuid:team_id}", of="settings", does="write", answer=None, status=204)
def delete_team(request: ApiRequest, team_id: UUID) -> Answer:
    """Take away a team that nobody is in and no source belongs to."""
    remove_team(team_id, actor=request.actor)
    return Answer(None, 204)


# ----------------------------------------------------------------------------------------------------------- settings


class WorkspaceOut(Schema):
    name: str
    icon: str
    currency: str
    reply_target_minutes: int
    public_reply_target_minutes: int
    vip_reply_target_minutes: int
    silver_from: int
    gold_from: int


_Minutes = Annotated[int, Field(ge=1, le=43_200)]
_From = Annotated[int, Field(ge=0, le=10**9)]


class WorkspaceChange(In):
    """What shall be different."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    reply_target_minutes: _Minutes | None = None
    public_reply_target_minutes: _Minutes | None = None
    vip_reply_target_minutes: _Minutes | None = None
    silver_from: _From | None = None
    gold_from: _From | None = None


@operation(router, "GET", "/workspace", of="settings", does="read", answer=WorkspaceOut, also={304: None})
def get_workspace(request: ApiRequest) -> Answer:
    """The settings of the company."""
    whole = asdict(workspace())
    return Answer(whole, etag=tag_of(whole))


@operation(
    router, "PATCH", "/workspace", of="settings", does="write", answer=WorkspaceOut, also={412: Problem}
)
def update_workspace(request: ApiRequest, body: WorkspaceChange) -> Answer:
    """Change settings of the company."""
    changes = body.model_dump(exclude_none=True)
    header = request.headers.get("If-Match")

    def unchanged(there: Workspace) -> None:
        require_match(header, asdict(there), changes)

    whole = asdict(change_workspace(changes, actor=request.actor, at=request.now, unchanged=unchanged))
    return Answer(whole, etag=tag_of(whole))


# -------------------------------------------------------------------------------------------------------- saved views


class ViewOut(Schema):
    """A list with its filters under a name. `screen` is which list, `query` its filters as in an address."""

    id: UUID
    screen: str
    name: str
    query: str
    is_shared: bool
    is_own: bool


class ViewsOut(Schema):
    items: list[ViewOut]


class ViewIn(In):
    screen: Annotated[str, StringConstraints(pattern=r"^(inbox|people|organisations|orders)$")]
    name: ViewName
    query: str = Field("", max_length=2_000)
    is_shared: bool = False


class ViewChange(In):
    name: ViewName | None = None
    is_shared: bool | None = None


def _view(request: ApiRequest, view: SavedView) -> dict[str, Any]:
    return {
        "id": view.id, "screen": view.screen, "name": view.name, "query": view.query,
        "is_shared": view.is_shared, "is_own": view.owner_id == request.actor.staff_id,
    }  # fmt: skip


@operation(router, "GET", "/saved-views", of=ANYBODY, does="read", answer=ViewsOut)
def list_of_views(request: ApiRequest) -> Mapping[str, Any]:
    """One's own saved views, and those that colleagues share."""
    views = SavedView.objects.visible_to(request.actor).order_by("screen", "position", "id")
    return {"items": [_view(request, view) for view in views]}


@operation(router, "POST", "/saved-views", of=ANYBODY, does="write", answer=ViewOut, status=201)
def create_saved_view(request: ApiRequest, body: ViewIn) -> Answer:
    """Keep a list with its filters under a name."""
    view = create_view(
        body.screen, actor=request.actor, name=body.name, query=body.query, is_shared=body.is_shared
    )
    return Answer(_view(request, view), 201)


_VIEW = "/saved-views/{uuid:view_id}"


@operation(router, "PATCH", _VIEW, of=ANYBODY, does="write", answer=ViewOut)
def update_saved_view(request: ApiRequest, view_id: UUID, body: ViewChange) -> Mapping[str, Any]:
    """Rename one's own view, or share it."""
    if body.name is not None:
        rename_view(view_id, actor=request.actor, name=body.name)
    if body.is_shared is not None:
        share_view(view_id, actor=request.actor, is_shared=body.is_shared)
    view = SavedView.objects.visible_to(request.actor).filter(pk=view_id).first()
    if view is None:
        raise NotFound(_("This view is gone."))
    return _view(request, view)


@operation(router, "DELETE", _VIEW, of=ANYBODY, does="write", answer=None, status=204)
def delete_saved_view(request: ApiRequest, view_id: UUID) -> Answer:
    """Take one's own view away."""
    delete_view(view_id, actor=request.actor)
    return Answer(None, 204)


# --------------------------------------------------------------------------------------------------- search and status


class HitOut(Schema):
    section: str
    label: str
    detail: str
    path: str


class FoundOut(Schema):
    items: list[HitOut]


class FindQuery(Schema):
    q: str = Field(min_length=2, max_length=200)


@operation(router, "GET", "/search", of=ANYBODY, does="read", answer=FoundOut)
def search_everything(request: ApiRequest, wanted: Query[FindQuery]) -> Mapping[str, Any]:
    """People, organisations, conversations and orders that fit what is typed, as the palette finds them."""
    hits = [
        {"section": section.key, "label": one.hit.label, "detail": one.hit.detail, "path": one.hit.url}
        for section in find(request.actor, wanted.q, 25).sections
        if section.key not in ("go", "do")
        for one in section.shown
    ]
    return {"items": hits}


class FindingOut(Schema):
    key: str
    label: str
    health: str
    words: str
    remedy: str
    figures: dict[str, Any]


class StatusOut(Schema):
    at: datetime
    health: str
    parts: list[FindingOut]


@operation(router, "GET", "/status", of="status", does="read", answer=StatusOut)
def get_status(request: ApiRequest) -> Mapping[str, Any]:
    """How the machine is doing, in words, each with what to do about it."""
    found = findings(request.actor, request.now)
    parts = [{name: getattr(one, name) for name in FindingOut.model_fields} for one in found]
    return {"at": request.now, "health": worst(found), "parts": parts}
