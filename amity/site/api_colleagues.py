"""Who works here, for programs: accounts with role and teams, invitations, and help for who cannot get in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.actor import Role
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, In, Problem, operation, require_confirmed
from amity.kernel.models import Staff
from amity.site.accounts import colleagues, factors, invitations

router = Router(tags=["colleagues"])
_ONE = "/colleagues/{uuid:staff_id}"
TeamIds = Annotated[list[UUID], Field(max_length=200)]
_ROLE = "It decides what they may see and change. Only an owner makes an owner, or changes one."
_TEAMS = "The ids of their teams."
_LINK = (
    "It works once. Told this one time, not even under the same Idempotency-Key; empty where it was mailed."
)


class AccountOut(Schema):
    """A colleague with what they sign in with."""

    id: UUID
    name: str
    email: str = Field(description="What they sign in with.")
    role: str = Field(description=_ROLE)
    team_ids: list[UUID] = Field(description=_TEAMS)
    is_active: bool = Field(description="False where the account is closed. What they did stays.")
    has_second_factor: bool = Field(description="Signing in takes more than the password.")
    may_be_changed: bool = Field(description="Whether you may change it. Nobody changes their own here.")
    last_seen_at: datetime | None = Field(description="When they were last here; null where they never were.")


class AccountsOut(Schema):
    items: list[AccountOut]


class AccountChange(In):
    """What shall be different."""

    role: Role | None = Field(None, description=_ROLE)
    team_ids: TeamIds | None = Field(None, description=f"{_TEAMS} All of them: others are left.")
    is_active: bool | None = Field(
        None, description="False closes the account and signs it out everywhere; true opens it again."
    )


class InvitationOut(Schema):
    """One that was not taken up yet."""

    id: UUID
    email: str = Field(description="Whom it is for.")
    role: str = Field(description="What they become.")
    invited_by: str = Field(description="The name of who invited them.")
    expires_at: datetime = Field(description="Until when it can be taken up.")
    was_mailed: bool = Field(description="It went out by mail; else its link was handed over.")


class InvitationsOut(Schema):
    items: list[InvitationOut]


class InvitationIn(In):
    """Somebody who is to become a colleague. They choose name and password themselves."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254)] = Field(
        description="Their e-mail address. An earlier invitation of it is taken back."
    )
    role: Role = Field(Role.AGENT, description=_ROLE)
    team_ids: TeamIds = Field([], description=_TEAMS)


class InvitationMade(InvitationOut):
    link: str = Field(description=f"To be handed over where no mail server is set. {_LINK}")


class PasswordLink(Schema):
    link: str = Field(description=f"With it they choose a new password, within an hour. {_LINK}")
    was_mailed: bool = Field(description="It is on its way to them.")


def _whole(request: ApiRequest, staff: Staff) -> dict[str, Any]:
    """What its tag stands for: when somebody was last seen is no change of theirs."""
    return {
        "id": staff.id, "name": staff.name, "email": staff.email, "role": str(staff.role),
        "team_ids": sorted(staff.teams.values_list("pk", flat=True), key=str), "is_active": staff.is_active,
        "has_second_factor": factors.factors(staff).is_on,
        "may_be_changed": colleagues.may_change(request.actor, staff),
    }  # fmt: skip


def _answer(request: ApiRequest, staff: Staff) -> Answer:
    whole = _whole(request, staff)
    return Answer(whole | {"last_seen_at": staff.last_seen_at}, etag=tag_of(whole))


@operation(router, "GET", "/colleagues/accounts", of="account", does="read", answer=AccountsOut)
def list_of_accounts(request: ApiRequest) -> Mapping[str, Any]:
    """List everybody with an account, those that are closed last."""
    return {
        "items": [
            {
                "id": one.id, "name": one.name, "email": one.email, "role": one.role_key,
                "team_ids": list(one.team_ids), "is_active": one.is_active,
                "has_second_factor": one.has_factor, "may_be_changed": one.may_be_changed,
                "last_seen_at": one.last_seen_at,
            }
            for one in colleagues.colleagues(request.actor)
        ]
    }  # fmt: skip


@operation(router, "GET", _ONE, of="account", does="read", answer=AccountOut, also={304: None})
def get_account(request: ApiRequest, staff_id: UUID) -> Answer:
    """A colleague with role, teams and how they sign in."""
    return _answer(request, colleagues.find(staff_id, request.actor))


@operation(
    router, "PATCH", _ONE, of="account", does="write", answer=AccountOut, also={412: Problem}, extra=NO_TOOL
)
def update_account(request: ApiRequest, staff_id: UUID, body: AccountChange) -> Answer:
    """Give a colleague a role and teams, close the account or open it. One owner always stays."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")
    if (
        changes.keys() - {"is_active"} or body.is_active
    ):  # closing one can be done at once, by whoever sits there
        require_confirmed(request)

    def unchanged(there: Staff) -> None:
        require_match(header, _whole(request, there), changes)

    changed = colleagues.set_account(
        staff_id, **changes, actor=request.actor, at=request.now, unchanged=unchanged
    )
    return _answer(request, changed)


@operation(
    router,
    "DELETE",
    f"{_ONE}/second-factors",
    of="account",
    does="write",
    answer=None,
    status=204,
    extra=NO_TOOL,
)
def reset_second_factors(request: ApiRequest, staff_id: UUID) -> Answer:
    """Take the second factors off an account whose owner lost them. It is signed out everywhere."""
    require_confirmed(request)
    colleagues.reset_factors(staff_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router, "POST", f"{_ONE}/password-link", of="account", does="write", answer=PasswordLink, status=201,
    extra=NO_TOOL,
)  # fmt: skip
def make_password_link(request: ApiRequest, staff_id: UUID) -> Answer:
    """Help somebody to a new password without ever knowing it."""
    require_confirmed(request)
    link, was_mailed = colleagues.password_link(
        staff_id, actor=request.actor, by=request.staff, at=request.now
    )
    told = {"link": "" if was_mailed else link, "was_mailed": was_mailed}
    return Answer(told, 201, kept=told | {"link": ""})


@operation(router, "GET", "/invitations", of="account", does="read", answer=InvitationsOut)
def list_of_invitations(request: ApiRequest) -> Mapping[str, Any]:
    """List invitations that can still be taken up, the latest first."""
    found = invitations.open_invitations(request.actor, at=request.now)
    return {"items": [_invitation(one) for one in found]}


def _invitation(one: invitations.Invitation) -> dict[str, Any]:
    return {
        "id": one.id, "email": one.email, "role": one.role_key, "invited_by": one.by,
        "expires_at": one.expires_at, "was_mailed": one.was_mailed,
    }  # fmt: skip


@operation(
    router,
    "POST",
    "/invitations",
    of="account",
    does="write",
    answer=InvitationMade,
    status=201,
    extra=NO_TOOL,
)
def invite_colleague(request: ApiRequest, body: InvitationIn) -> Answer:
    """Invite somebody. The link goes by mail; where no mail server is set it is in this answer and nowhere after."""
    require_confirmed(request)
    made, link = invitations.invite(
        body.email, role=body.role, team_ids=body.team_ids, actor=request.actor, by=request.staff, at=request.now
    )  # fmt: skip
    told = _invitation(invitations.as_listed(made)) | {"link": ""}
    whole = told if made.was_mailed else told | {"link": link}
    return Answer(whole, 201, headers={"Location": f"{request.path}/{made.pk}"}, kept=told)


@operation(
    router, "DELETE", "/invitations/{uuid:invitation_id}", of="account", does="write", answer=None, status=204,
    extra=NO_TOOL,
)  # fmt: skip
def revoke_invitation(request: ApiRequest, invitation_id: UUID) -> Answer:
    """Take an invitation back. Its link leads nowhere from now on."""
    invitations.take_back(invitation_id, actor=request.actor, at=request.now)
    return Answer(None, 204)
