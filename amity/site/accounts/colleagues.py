"""Who works here, and as what. Owners set everything; administrators everything but owners. One owner always stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Staff, Team
from amity.site.accounts import enforcement, factors, links, mail, sessions, trail
from amity.site.accounts.links import Purpose

RESOURCE = "account"


class LastOwner(Conflict):
    """Somebody must always be able to set everything."""

    code = "account.last_owner"

    def __init__(self) -> None:
        super().__init__(_("This is the only owner. Make somebody else an owner first."))


@dataclass(frozen=True, slots=True)
class Colleague:
    """A line of the list. `has_factor`: signing in takes more than the password."""

    id: UUID
    name: str
    email: str
    role: str
    team_names: tuple[str, ...]
    is_active: bool
    has_factor: bool
    last_seen_at: datetime | None
    may_be_changed: bool
    role_key: str = ""
    team_ids: tuple[UUID, ...] = ()


def colleagues(actor: Actor) -> list[Colleague]:
    """Everybody with an account, those that are closed last."""
    policy.require(actor, "read", RESOURCE)
    real = Authenticator.objects.filter(user_id=OuterRef("pk"), type__in=factors.REAL)
    rows = (
        Staff.objects.annotate(has_factor=Exists(real))
        .prefetch_related("teams")
        .order_by("-is_active", "name")
    )
    return [
        Colleague(
            row.pk,
            row.name,
            row.email,
            Role(row.role).label,
            tuple(team.name for team in row.teams.all()),
            row.is_active,
            row.has_factor,
            row.last_seen_at,
            may_change(actor, row),
            row.role,
            tuple(team.pk for team in row.teams.all()),
        )
        for row in rows
    ]


def roles_to_give(actor: Actor) -> list[Role]:
    """The roles that this actor may give to somebody: nobody makes an owner but an owner."""
    if not policy.may(actor, "write", RESOURCE):
        return []
    return [role for role in Role if role is not Role.OWNER or actor.role in (None, Role.OWNER)]


def may_change(actor: Actor, staff: Staff) -> bool:
    """Whether the actor may set this colleague's account. Nobody sets their own here: that would end in lock-outs."""
    if not policy.may(actor, "write", RESOURCE) or staff.pk == actor.staff_id:
        return False
    return staff.role != Role.OWNER or actor.role in (None, Role.OWNER)


def find(staff_id: UUID, actor: Actor) -> Staff:
    """One colleague. Raises `Forbidden`, `NotFound`."""
    policy.require(actor, "read", RESOURCE)
    staff = Staff.objects.filter(pk=staff_id).first()
    if staff is None:
        raise NotFound(_("Nobody here has this account."))
    return staff


@transaction.atomic
def change(
    staff_id: UUID, *, actor: Actor, at: datetime, role: str, team_ids: Iterable[UUID]
) -> tuple[str, list[UUID]]:
    """Give a colleague a role and teams; returns those before, for undo. Raises `Forbidden`, `LastOwner`, `Invalid`."""
    staff = _to_change(staff_id, actor)
    wanted = _given(role, actor)
    teams = list(Team.objects.filter(pk__in=list(team_ids)))
    before = staff.role, list(staff.teams.values_list("pk", flat=True))
    if staff.role == Role.OWNER and wanted is not Role.OWNER:
        _require_another_owner(staff)
    staff.role = wanted
    staff.save(update_fields=["role"])
    staff.teams.set(teams)
    enforcement.refresh(staff)
    announce("staff", staff.pk)
    trail.note(
        "account.changed",
        actor=actor,
        at=at,
        subject_id=staff.pk,
        before={"role": before[0], "teams": sorted(str(team) for team in before[1])},
        after={"role": wanted.value, "teams": sorted(str(team.pk) for team in teams)},
    )
    return before


@transaction.atomic
def deactivate(staff_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Close an account: signed out everywhere at once; what they did stays. Raises `Forbidden`, `LastOwner`."""
    staff = _to_change(staff_id, actor)
    if not staff.is_active:
        return
    if staff.role == Role.OWNER:
        _require_another_owner(staff)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    sessions.end_all(staff)
    trail.note("account.closed", actor=actor, at=at, subject_id=staff.pk)


@transaction.atomic
def reactivate(staff_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Open a closed account again, as it was."""
    staff = _to_change(staff_id, actor)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    trail.note("account.opened", actor=actor, at=at, subject_id=staff.pk)


@transaction.atomic
def set_account(
    staff_id: UUID, *, actor: Actor, at: datetime, role: str | None = None,
    team_ids: Iterable[UUID] | None = None, is_active: bool | None = None,
    unchanged: Callable[[Staff], None] | None = None,
) -> Staff:  # fmt: skip
    """Some of role, teams and whether the account is open, in one turn; each under its own rules above.

    `unchanged` may refuse: it sees the account while it is locked for this change.
    """
    staff = _to_change(staff_id, actor)
    if unchanged is not None:
        unchanged(staff)
    if role is not None or team_ids is not None:
        kept = staff.teams.values_list("pk", flat=True) if team_ids is None else team_ids
        change(staff_id, actor=actor, at=at, role=role or staff.role, team_ids=known_teams(kept))
    if is_active is False:
        deactivate(staff_id, actor=actor, at=at)
    elif is_active and not staff.is_active:
        reactivate(staff_id, actor=actor, at=at)
    return find(staff_id, actor)


def known_teams(team_ids: Iterable[UUID]) -> list[UUID]:
    """The same teams, each of which is there. Raises `Invalid`."""
    wanted = list(team_ids)
    if Team.objects.filter(pk__in=wanted).count() != len(set(wanted)):
        gone = _("One of these teams is gone.")
        raise Invalid(gone, fields={"team_ids": gone})
    return wanted


@transaction.atomic
def reset_factors(staff_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Phone and recovery codes are lost: the password alone lets in again, and other sessions end."""
    staff = _to_change(staff_id, actor)
    factors.remove_all(staff, actor=actor, at=at)
    sessions.end_all(staff)


@transaction.atomic
def password_link(staff_id: UUID, *, actor: Actor, by: Staff, at: datetime) -> tuple[str, bool]:
    """A link with which the colleague chooses a new password, and whether it was mailed to them (else hand it over)."""
    staff = _to_change(staff_id, actor)
    was_mailed = mail.can_mail()
    _link, address = links.make_link(Purpose.RESET, at=at, staff=staff, made_by=by, was_mailed=was_mailed)
    if was_mailed:
        mail.tell(staff, "reset", link=address)
    trail.note("password.link_made", actor=actor, at=at, subject_id=staff.pk)
    return address, was_mailed


def given_role(role: str, actor: Actor) -> Role:
    """The role of this name, if the actor may give it. Raises `Invalid`, `Forbidden`."""
    return _given(role, actor)


def _given(role: str, actor: Actor) -> Role:
    if role not in {known.value for known in Role}:
        raise Invalid(_("There is no such role."), fields={"role": _("Choose one of the list.")})
    if Role(role) not in roles_to_give(actor):
        raise Forbidden(_("Only an owner makes somebody an owner."))
    return Role(role)


def _to_change(staff_id: UUID, actor: Actor) -> Staff:
    policy.require(actor, "write", RESOURCE)
    staff = Staff.objects.select_for_update().filter(pk=staff_id).first()
    if staff is None:
        raise NotFound(_("Nobody here has this account."))
    if not may_change(actor, staff):
        own = _("You cannot do this to your own account. Ask another owner or administrator.")
        raise Forbidden(own if staff.pk == actor.staff_id else _("Only an owner changes an owner."))
    return staff


def _require_another_owner(staff: Staff) -> None:
    # All owners are locked, in one order: two who let go of each other at once wait here, and the second is refused.
    owners = Staff.objects.select_for_update().filter(role=Role.OWNER, is_active=True).order_by("pk")
    if not any(owner.pk != staff.pk for owner in owners):
        raise LastOwner
