"""Teams for programs: departments and shifts, to which sources and colleagues belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel import policy
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, operation
from amity.kernel.errors import NotFound
from amity.kernel.models import Team
from amity.site.services.teams import add_team, remove_team, rename_team

router = Router(tags=["workspace"])
_ONE = "/teams/{uuid:team_id}"


class TeamOut(Schema):
    id: UUID
    name: str
    members: list[UUID] = Field(description="The ids of the colleagues in it.")


class TeamsOut(Schema):
    items: list[TeamOut]


class TeamIn(In):
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(
        description="No other team has it."
    )


def _whole(team: Team) -> dict[str, Any]:
    return {
        "id": team.id,
        "name": team.name,
        "members": sorted((one.id for one in team.members.all()), key=str),
    }


def _answer(team: Team, status: int = 200) -> Answer:
    whole = _whole(team)
    return Answer(whole, status, etag=tag_of(whole))


@operation(router, "GET", "/teams", of="settings", does="read", answer=TeamsOut)
def list_of_teams(request: ApiRequest) -> Mapping[str, Any]:
    """List teams with their members."""
    return {"items": [_whole(team) for team in Team.objects.prefetch_related("members").order_by("name")]}


@operation(router, "POST", "/teams", of="settings", does="write", answer=TeamOut, status=201)
def create_team(request: ApiRequest, body: TeamIn) -> Answer:
    """Add a team."""
    return _answer(add_team(body.name, actor=request.actor), 201)


@operation(router, "GET", _ONE, of="settings", does="read", answer=TeamOut, also={304: None})
def get_team(request: ApiRequest, team_id: UUID) -> Answer:
    """A team with its members."""
    policy.require(request.actor, "read", "settings")
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise NotFound(_("This team is gone."))
    return _answer(team)


@operation(router, "PATCH", _ONE, of="settings", does="write", answer=TeamOut, also={412: Problem})
def update_team(request: ApiRequest, team_id: UUID, body: TeamIn) -> Answer:
    """Give a team another name. Who is in it is set at each colleague."""
    header = request.headers.get("If-Match")

    def unchanged(there: Team) -> None:
        require_match(header, _whole(there), body.model_dump())

    rename_team(team_id, actor=request.actor, name=body.name, unchanged=unchanged)
    return _answer(Team.objects.get(pk=team_id))


@operation(router, "DELETE", _ONE, of="settings", does="write", answer=None, status=204)
def delete_team(request: ApiRequest, team_id: UUID) -> Answer:
    """Take away a team that nobody is in and no source belongs to."""
    remove_team(team_id, actor=request.actor)
    return Answer(None, 204)
