"""How colleagues sign in, for programs: which roles need a second factor, and the identity provider."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.actor import Role
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, In, Problem, operation, require_confirmed
from amity.site.accounts import enforcement, oidc, sso
from amity.site.models import SingleSignOn

router = Router(tags=["sign-in"])
Domain = Annotated[str, StringConstraints(min_length=1, max_length=253)]
WAYS_IN = ("account:write",)
"""How colleagues sign in is a setting, and decides on their accounts: a token needs the scope of both."""
_ROLES = "The roles that must have a second factor. Who has none yet can do nothing before it is set up."
_IS_ON = (
    "Whether it is offered on the sign-in page. Then the provider is asked who it is before this is kept."
)
_NAME = "What stands on the button."
_ISSUER = "The address of the provider exactly as it writes it, such as https://login.example.org."
_CLIENT = "What the provider calls Amity."
_DOMAINS = "Domains whose people get an account by themselves; `.example.org` is all below it. Empty: nobody."
_ROLE = "The role of who gets an account by themselves; never owner or administrator."


class SignInRules(Schema):
    second_factor_roles: list[Role] = Field(description=_ROLES)


class SignInChange(In):
    """What shall be different."""

    second_factor_roles: list[Role] = Field(max_length=len(Role), description=_ROLES)


class SingleSignOnOut(Schema):
    """The identity provider (OpenID Connect). Its secret is told to nobody."""

    is_set: bool = Field(description="Whether somebody has set it up.")
    is_on: bool = Field(description=_IS_ON)
    name: str = Field(description=_NAME)
    issuer: str = Field(description=_ISSUER)
    client_id: str = Field(description=_CLIENT)
    has_secret: bool = Field(description="Whether a secret is kept.")
    domains: list[str] = Field(description=_DOMAINS)
    role_for_new: Role = Field(description=_ROLE)
    redirect_uri: str = Field(description="To be entered at the provider.")


class SingleSignOnChange(In):
    """What shall be different. What is left out stays."""

    is_on: bool | None = Field(None, description=_IS_ON)
    name: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        None, description=_NAME
    )
    issuer: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None, description=_ISSUER
    )
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=190)] | None = Field(
        None, description=_CLIENT
    )
    secret: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = Field(
        None, description="Kept sealed and never told again. Needed again with another issuer."
    )
    domains: list[Domain] | None = Field(None, max_length=50, description=_DOMAINS)
    role_for_new: Role | None = Field(None, description=_ROLE)


@operation(router, "GET", "/sign-in", of="settings", does="read", answer=SignInRules, also={304: None})
def get_sign_in_rules(request: ApiRequest) -> Answer:
    """Who must have a second factor."""
    return _rules(enforcement.roles())


def _rules(roles: frozenset[str]) -> Answer:
    whole = {"second_factor_roles": sorted(roles)}
    return Answer(whole, etag=tag_of(whole))


@operation(
    router, "PATCH", "/sign-in", of="settings", does="write", needs=WAYS_IN, answer=SignInRules,
    also={412: Problem}, extra=NO_TOOL,
)  # fmt: skip
def update_sign_in_rules(request: ApiRequest, body: SignInChange) -> Answer:
    """Say which roles must have a second factor."""
    require_confirmed(request)
    header = request.headers.get("If-Match")
    wanted = {"second_factor_roles": sorted({role.value for role in body.second_factor_roles})}

    def unchanged(there: frozenset[str]) -> None:
        require_match(header, {"second_factor_roles": sorted(there)}, wanted)

    enforcement.change_roles(
        wanted["second_factor_roles"], actor=request.actor, at=request.now, unchanged=unchanged
    )
    return _rules(enforcement.roles())


@operation(
    router, "GET", "/sign-in/provider", of="settings", does="read", answer=SingleSignOnOut, also={304: None}
)
def get_single_sign_on(request: ApiRequest) -> Answer:
    """The identity provider with whom colleagues sign in."""
    return _provider(sso.kept())


def _shown(kept: SingleSignOn | None) -> dict[str, Any]:
    return {
        "is_set": kept is not None, "is_on": bool(kept and kept.is_on), "name": kept.name if kept else "",
        "issuer": kept.issuer if kept else "", "client_id": kept.client_id if kept else "",
        "has_secret": bool(kept and kept.sealed_secret), "domains": list(kept.domains) if kept else [],
        "role_for_new": kept.role_for_new if kept else Role.AGENT.value, "redirect_uri": oidc.callback_url(),
    }  # fmt: skip


def _provider(kept: SingleSignOn | None) -> Answer:
    whole = _shown(kept)
    return Answer(whole, etag=tag_of(whole))


@operation(
    router, "PATCH", "/sign-in/provider", of="settings", does="write", needs=WAYS_IN, answer=SingleSignOnOut,
    also={412: Problem}, extra=NO_TOOL,
)  # fmt: skip
def update_single_sign_on(request: ApiRequest, body: SingleSignOnChange) -> Answer:
    """Set the identity provider up, or change it; for owners. One that is on is asked who it is first."""
    require_confirmed(request)
    kept = sso.kept()
    # Without a tag too: what is left out is taken from what stood there when this began.
    header = request.headers.get("If-Match") or tag_of(_shown(kept))
    changes: dict[str, Any] = body.model_dump(mode="json", exclude_none=True, exclude={"secret"})

    def unchanged(there: SingleSignOn | None) -> None:
        require_match(header, _shown(there), changes)

    whole = _shown(kept) | changes
    wanted = sso.Provider(
        name=whole["name"], issuer=whole["issuer"], client_id=whole["client_id"], secret=body.secret or "",
        domains=sso.read_domains(" ".join(whole["domains"])), role_for_new=whole["role_for_new"],
        is_on=whole["is_on"],
    )  # fmt: skip
    sso.change(wanted, actor=request.actor, at=request.now, unchanged=unchanged)
    return _provider(sso.kept())
