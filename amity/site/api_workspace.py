"""What belongs to the company and to oneself: colleagues, settings, search, status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
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
from amity.kernel.errors import Forbidden
from amity.kernel.health import worst
from amity.kernel.policy import StandingIn
from amity.kernel.workspace import Workspace, change_workspace, workspace
from amity.site.palette import find
from amity.site.services.profile import Profile, change_some_of_profile
from amity.site.status import findings

router = Router(tags=["workspace"])
_NAME = "Colleagues see it everywhere, customers under your answers."
_LANGUAGE = "Of the screens and of errors: en or de."
_ZONE = "Such as Europe/Berlin. Times and days are shown as they are there."
_THEME = "Colours: system, light or dark."
_REGION = (
    "Country (two letters) of phone numbers in files that do not say theirs; empty: they stay as they are."
)
_KEYS = "Whether single keys are shortcuts."


class MeOut(Schema):
    """As whom you are here, and what you may do: the scopes of the token within those of the role."""

    id: UUID
    name: str = Field(description=_NAME)
    role: str = Field(description="Your role.")
    language: str = Field(description=_LANGUAGE)
    time_zone: str = Field(description=_ZONE)
    theme: str = Field(description=_THEME)
    single_keys: bool = Field(description=_KEYS)
    teams: list[UUID] = Field(description="The ids of your teams.")
    token_id: UUID | None = Field(description="The token that you came with.")
    scopes: list[str] = Field(description="What you may do, as resource:action.")


class OnlyInPerson(Forbidden):
    """A token changes its colleague only as far as nobody else notices."""

    code = "account.only_in_person"


class MeChange(In):
    """What shall be different about yourself."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = Field(
        None, description=f"{_NAME} Only in person: refused (403) where a token asks for it."
    )
    language: Annotated[str, StringConstraints(max_length=12)] | None = Field(None, description=_LANGUAGE)
    time_zone: Annotated[str, StringConstraints(max_length=60)] | None = Field(None, description=_ZONE)
    theme: Literal["system", "light", "dark"] | None = Field(None, description=_THEME)
    single_keys: bool | None = Field(None, description=_KEYS)


@operation(router, "GET", "/me", of=ANYBODY, does="read", answer=MeOut, also={304: None})
def who_am_i(request: ApiRequest) -> Answer:
    """As whom you are here, and what you may do."""
    return _me(request)


@operation(router, "PATCH", "/me", of=ANYBODY, does="write", answer=MeOut, also={412: Problem})
def update_me(request: ApiRequest, body: MeChange) -> Answer:
    """Change your own language, time zone, colours and keys; the name in person, not with a token (403)."""
    if request.actor.is_visited:
        raise StandingIn
    if body.name is not None and request.token_id is not None:
        raise OnlyInPerson(
            _("Customers read your name under your answers, so no token changes it. Do it under Settings.")
        )
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")

    def unchanged(there: Profile) -> None:
        require_match(header, _whole(request, there), changes)

    change_some_of_profile(request.staff, changes, unchanged=unchanged)
    return _me(request)


def _me(request: ApiRequest) -> Answer:
    whole = _whole(request, Profile.of(request.staff))
    return Answer(whole, etag=tag_of(whole))


def _whole(request: ApiRequest, profile: Profile) -> dict[str, Any]:
    actor, staff = request.actor, request.staff
    scopes = [
        f"{resource}:{action}"
        for resource, grants in policy.TABLE.items()
        for action in sorted(grants[actor.role].actions if actor.role else ())
        if policy.may(actor, action, resource)
    ]
    return {
        **asdict(profile), "id": staff.id, "role": staff.role, "teams": sorted(actor.team_ids, key=str),
        "token_id": request.token_id, "scopes": scopes,
    }  # fmt: skip


class ColleagueOut(Sparse):
    id: UUID
    name: str
    job_title: str = Field(description="What they do here, in their words.")
    role: str = Field(description="Their role.")


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


# ----------------------------------------------------------------------------------------------------------- settings


class WorkspaceOut(Schema):
    name: str
    icon: str = Field(description="The mark beside the name; empty for its first letter.")
    currency: str = Field(description="Three letters of ISO 4217. Sums are shown in it.")
    reply_target_minutes: int = Field(description="A conversation that waits for longer is late.")
    public_reply_target_minutes: int = Field(description="The same for public posts.")
    vip_reply_target_minutes: int = Field(description="The same for gold customers.")
    phone_region: str = Field(description=_REGION)
    silver_from: int = Field(description="Bought in all, in the currency: from here a customer is silver.")
    gold_from: int = Field(description="And from here gold.")
    propose_duplicates_from: int = Field(
        description="Percent: how likely two records are one person before they are proposed."
    )
    link_duplicates: bool = Field(description="Whether those that are sure are merged by rule.")


_Minutes = Annotated[int, Field(ge=1, le=43_200)]
Icon = Literal[
    "", "coffee", "store", "shopping-bag", "package", "truck", "wrench", "building-2", "globe", "heart", "star"
]  # fmt: skip
_From = Annotated[int, Field(ge=0, le=10**9)]


class WorkspaceChange(In):
    """What shall be different."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    icon: Icon | None = Field(None, description="The mark beside the name; empty for its first letter.")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    reply_target_minutes: _Minutes | None = None
    public_reply_target_minutes: _Minutes | None = None
    vip_reply_target_minutes: _Minutes | None = None
    phone_region: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] | None = Field(
        None, description=_REGION
    )
    silver_from: _From | None = None
    gold_from: _From | None = None
    propose_duplicates_from: Annotated[int, Field(ge=1, le=99)] | None = Field(
        None, description="Percent: how likely two records are one person before they are proposed."
    )
    link_duplicates: bool | None = Field(None, description="Whether those that are sure are merged by rule.")


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


# --------------------------------------------------------------------------------------------------- search and status


class HitOut(Schema):
    section: str = Field(description="What it is: people, organisations, conversations or orders.")
    label: str = Field(description="What stands there.")
    detail: str = Field(description="What tells it from others of this name.")
    path: str = Field(description="Its page.")
    spelling: str = Field(
        description="How what you asked for stands in it: number (one that ends so), exact, beginning (of every word), "
        "similar (a few letters are wrong); empty where it is not told apart."
    )


class FoundOut(Schema):
    items: list[HitOut]


class FindQuery(Schema):
    q: str = Field(
        min_length=2,
        max_length=200,
        description="Words of names, organisations or addresses, or beginnings of them, or a number in any notation. "
        "Case and accents do not matter, and a letter may be wrong.",
    )


@operation(router, "GET", "/search", of=ANYBODY, does="read", answer=FoundOut)
def search_everything(request: ApiRequest, wanted: Query[FindQuery]) -> Mapping[str, Any]:
    """People, organisations, conversations and orders that fit what is typed, as the palette finds them, up to 25 of
    each: first what is spelt so, then what begins so, then what is spelt alike."""
    hits = [
        {
            "section": section.key,
            "label": one.hit.label,
            "detail": one.hit.detail,
            "path": one.hit.url,
            "spelling": str(one.hit.spelling),
        }
        for section in find(request.actor, wanted.q, 25).sections
        if section.key not in ("go", "do")
        for one in section.shown
    ]
    return {"items": hits}


class FindingOut(Schema):
    key: str
    label: str = Field(description="What was looked at.")
    health: str = Field(description="good, info, caution or bad.")
    words: str = Field(description="How it is, in a sentence.")
    remedy: str = Field(description="What to do about it; empty where nothing is to be done.")
    figures: dict[str, Any] = Field(
        description="The same in numbers, by name; what is counted of the machine only for owners and administrators."
    )


class StatusOut(Schema):
    at: datetime = Field(description="When that was so.")
    health: str = Field(description="The worst of all parts: good, info, caution or bad.")
    parts: list[FindingOut] = Field(description="How each part is.")


@operation(router, "GET", "/status", of="status", does="read", answer=StatusOut)
def get_status(request: ApiRequest) -> Mapping[str, Any]:
    """How the machine is doing, in words, each with what to do about it."""
    found = findings(request.actor, request.now)
    parts = [{name: getattr(one, name) for name in FindingOut.model_fields} for one in found]
    return {"at": request.now, "health": worst(found), "parts": parts}
