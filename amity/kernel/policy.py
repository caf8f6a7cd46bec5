"""The one access policy: who may do what with which kind of record, and which fields they see.

Every read starts from `visible(queryset, actor)` (or the `visible_to` of a model's manager, which calls it); every
write calls `require(actor, action, resource)` before it changes anything. The table below is the whole truth about
roles; models only declare which of their columns carry ownership (`access = Access(...)`).

A source (a mailbox, an import, a community) belongs to everybody, to one team, or to one colleague. What came from a
team's source is seen by that team, owners and administrators; what came from a colleague's own mailbox by that one
alone. Everybody else lives as if it were not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Protocol, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from amity.kernel import purposes
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Forbidden

M = TypeVar("M", bound=Model)


class StandingIn(Forbidden):
    """What is somebody's own is not open to who is signed in as them."""

    code = "account.standing_in"

    def __init__(self) -> None:
        super().__init__(_("Settings are closed while you are signed in as somebody else. End that first."))


class Scope(StrEnum):
    """How much of a resource a role reaches."""

    ALL = "all"  # every record
    SHARED = "shared"  # what came from a source of everybody, or of one of the actor's teams
    OWN = "own"  # only what is assigned to the actor
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Access:
    """Where a model keeps what the policy asks for; field paths as in a queryset filter."""

    resource: str
    source: str | None = None  # path to the source id
    source_team: str | None = (
        None  # path to the team of the source, where it can be joined; its owner stands beside it
    )
    owner: str | None = None  # path to the staff id of the owner


EVERYTHING = frozenset({"read", "write", "delete", "export"})
WORK = frozenset({"read", "write", "export"})
LOOK = frozenset({"read", "export"})
_STEERING = (Role.OWNER, Role.ADMINISTRATOR)
_WORKING = (Role.AGENT, Role.SALES, Role.MARKETER, Role.COMMUNITY_MANAGER, Role.PR)


@dataclass(frozen=True, slots=True)
class Grant:
    scope: Scope
    actions: frozenset[str]


def _grants(
    working: frozenset[str] = WORK,
    legal: frozenset[str] = LOOK,
    analyst: frozenset[str] = LOOK,
    partner: Grant | None = None,
) -> dict[Role, Grant]:
    grants = {role: Grant(Scope.ALL, EVERYTHING) for role in _STEERING}
    grants |= {role: Grant(Scope.SHARED, working) for role in _WORKING}
    grants[Role.LEGAL] = Grant(Scope.SHARED, legal)
    grants[Role.ANALYST] = Grant(Scope.SHARED, analyst)
    grants[Role.PARTNER] = partner or Grant(Scope.NONE, frozenset())
    return grants


_NOTHING: frozenset[str] = frozenset()
_OWN_WORK = Grant(Scope.OWN, frozenset({"read", "write"}))

TABLE: dict[str, dict[Role, Grant]] = {
    "conversation": _grants(partner=_OWN_WORK),
    "activity": _grants(),
    "person": _grants(),
    "organisation": _grants(),
    "consent": _grants(legal=WORK),
    "purpose": _grants(working=LOOK, legal=WORK),
    "segment": _grants(),
    "order": _grants(working=LOOK),
    "promise": _grants(),
    "erasure": {role: Grant(Scope.NONE, _NOTHING) for role in Role}
    | {role: Grant(Scope.ALL, EVERYTHING) for role in _STEERING}
    | {Role.LEGAL: Grant(Scope.ALL, WORK)},
    "import": _grants(working=LOOK, legal=_NOTHING, analyst=_NOTHING),
    "source": _grants(working=LOOK, legal=_NOTHING, analyst=_NOTHING),
    "account": _grants(working=_NOTHING, legal=_NOTHING, analyst=_NOTHING),
    "own_source": _grants(working=EVERYTHING, legal=_NOTHING, analyst=_NOTHING),
    "role": {
        role: Grant(Scope.ALL, frozenset({"read"}))
        if role in (*_STEERING, Role.LEGAL)
        else Grant(Scope.NONE, _NOTHING)
        for role in Role
    },
    "settings": _grants(working=_NOTHING, legal=_NOTHING, analyst=_NOTHING),
    "webhook": _grants(working=_NOTHING, legal=_NOTHING, analyst=_NOTHING),
    "audit": _grants(working=_NOTHING, legal=LOOK, analyst=_NOTHING)
    | {role: Grant(Scope.ALL, LOOK) for role in _STEERING},  # nobody writes it
    "status": _grants(working=LOOK, legal=LOOK, analyst=LOOK),
    "objective": _grants(working=LOOK),
    "figure": _grants(working=LOOK),
}

SENSITIVE: dict[str, frozenset[str]] = {"person": frozenset({"address", "birthday"})}
"""Fields whose reading goes into the audit trail (`amity.kernel.audit.looked_at`)."""

SETTINGS: frozenset[str] = frozenset({"account", "own_source", "purpose", "settings", "source", "webhook"})
"""Resources that are changed in Settings alone. What is made of them lasts longer than a visit."""


@cache
def grant(role: Role, resource: str) -> Grant:
    """What `role` may do with `resource`. A resource that is not in the table is a mistake, not a permission."""
    return TABLE[resource][role]


def may(actor: Actor, action: str, resource: str) -> bool:
    """Whether the actor's role has `action` on this kind of record at all."""
    if actor.role is None:
        return True
    return action in grant(actor.role, resource).actions and in_scope(actor, action, resource)


def in_scope(actor: Actor, action: str, resource: str) -> bool:
    """Whether the token that the actor came with was made for this; always for a colleague in person."""
    return actor.scopes is None or f"{resource}:{action}" in actor.scopes


def writes_at_all(actor: Actor) -> bool:
    """Whether the actor came to change anything: not with a token that was made for reading."""
    return actor.scopes is None or any(not scope.endswith((":read", ":export")) for scope in actor.scopes)


def require(actor: Actor, action: str, resource: str) -> None:
    """Refuse with `Forbidden` unless the actor may. Call it before anything is written."""
    if not may(actor, action, resource):
        raise Forbidden(
            _("Your role does not allow this. Ask an administrator for it."), action=action, resource=resource
        )


def keep_visitors_out(actor: Actor, action: str, resource: str) -> None:
    """Refuse whoever is signed in as a colleague what the colleague does in Settings. Raises `StandingIn`."""
    if actor.is_visited and action != "read" and resource in SETTINGS:
        raise StandingIn


def sees_field(actor: Actor, resource: str, field: str) -> bool:
    """Whether a field is shown to, filtered by, sorted by or exported for this actor.

    It is where the role reads such records at all and is here for something that the field may be used for.
    """
    if actor.role is None:
        return True
    return "read" in grant(actor.role, resource).actions and purposes.shared(actor.role, resource, field)


def hidden_fields(actor: Actor, resource: str) -> frozenset[str]:
    """The personal fields of such records that are not for this actor."""
    return frozenset(
        field for field in purposes.OF_FIELD.get(resource, {}) if not sees_field(actor, resource, field)
    )


def sensitive_for(actor: Actor, resource: str) -> list[str]:
    """The fields of this kind of record whose reading is put down, as far as the actor is shown them."""
    return sorted(
        field for field in SENSITIVE.get(resource, frozenset()) if sees_field(actor, resource, field)
    )


def visible(queryset: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """The part of `queryset` that the actor may know of. The start of every read path."""
    access: Access = queryset.model.access  # type: ignore[attr-defined]  # each guarded model declares it
    if actor.role is None:
        return queryset
    rule = grant(actor.role, access.resource)
    if rule.scope is Scope.NONE or not may(actor, "read", access.resource):
        return queryset.none()
    if rule.scope is Scope.ALL:
        return queryset.filter(_not_of_others(access, actor))
    if rule.scope is Scope.OWN:
        return queryset.filter(**{access.owner: actor.staff_id}) if access.owner else queryset.none()
    return queryset.filter(_shared(access, actor))


def _shared(access: Access, actor: Actor) -> Q:
    if access.source_team:
        teams = Q(**{f"{access.source_team}__isnull": True}) | Q(
            **{f"{access.source_team}__in": actor.team_ids}
        )
        return teams & _not_of_others(access, actor)
    return _not_of_others(access, actor)


def _not_of_others(access: Access, actor: Actor) -> Q:
    """Without what came from sources that are hidden from the actor, beginning with other colleagues' own."""
    if access.source_team:
        owner = f"{access.source_team.removesuffix('team')}owner"
        nobodys = Q(**{f"{owner}__isnull": True})
        return nobodys | Q(**{owner: actor.keeper_id}) if actor.keeper_id else nobodys
    if access.source:
        hidden = hidden_source_ids(actor)
        return ~Q(**{f"{access.source}__in": hidden}) if hidden else Q()
    return Q()


def hidden_source_ids(actor: Actor) -> list[UUID]:
    """Sources of other colleagues, and of teams that the actor is not in (owners and administrators are in all)."""
    if actor.role is None:
        return []
    teams = None if actor.role in _STEERING else actor.team_ids
    keeper = actor.keeper_id
    remembered = _remembered.get()
    if remembered is None:
        return _hidden_sources.hidden_from(teams, keeper)
    if (teams, keeper) not in remembered:
        remembered[teams, keeper] = _hidden_sources.hidden_from(teams, keeper)
    return remembered[teams, keeper]


_Seen = tuple[frozenset[UUID] | None, UUID | None]
_remembered: ContextVar[dict[_Seen, list[UUID]] | None] = ContextVar("hidden_sources", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Within it, which sources are hidden is asked once: one request is answered from one state of things. One within
    another is that one."""
    if _remembered.get() is not None:
        yield
        return
    token = _remembered.set({})
    try:
        with purposes.one_look():
            yield
    finally:
        _remembered.reset(token)


class HiddenSources(Protocol):
    """Tells which sources a colleague lives without. `amity.channels` provides it."""

    def hidden_from(self, team_ids: frozenset[UUID] | None, staff_id: UUID | None) -> list[UUID]:
        """Those of teams other than these (None: in all teams), and those of colleagues other than this one."""


class _NoSources:
    def hidden_from(
        self,
        team_ids: frozenset[UUID] | None,  # noqa: ARG002  # the shape of the protocol
        staff_id: UUID | None,  # noqa: ARG002
    ) -> list[UUID]:
        return []


_hidden_sources: HiddenSources = _NoSources()


def provide_hidden_sources(provider: HiddenSources) -> None:
    """Called once at start by the package that owns sources, so that the kernel need not know it."""
    global _hidden_sources
    _hidden_sources = provider


class GuardedQuerySet(QuerySet[M]):
    """Base of the querysets of all records that people see."""

    def visible_to(self, actor: Actor) -> GuardedQuerySet[M]:
        return visible(self, actor)  # type: ignore[return-value]  # filter() keeps the class
