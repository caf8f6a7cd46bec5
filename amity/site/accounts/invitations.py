"""Invitations: one link, once, for a week. Who invites fixes role and teams; the invited choose name and password."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.models import Staff, Team
from amity.site.accounts import addresses, enforcement, links, mail, passwords, trail
from amity.site.accounts.checks import checked_address, require_free
from amity.site.accounts.colleagues import RESOURCE, given_role, known_teams
from amity.site.accounts.links import LinkGone, Purpose
from amity.site.models import AccountLink

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Invitation:
    """One that has not been taken up."""

    id: UUID
    email: str
    role: str
    by: str
    expires_at: datetime
    was_mailed: bool
    role_key: str


def open_invitations(actor: Actor, *, at: datetime) -> list[Invitation]:
    """Those that still can be taken up, the latest first."""
    policy.require(actor, "read", RESOURCE)
    invited = AccountLink.objects.open(at).filter(purpose=Purpose.INVITATION)
    return [as_listed(row) for row in invited.select_related("made_by").order_by("-made_at")]


def as_listed(row: AccountLink) -> Invitation:
    """An invitation without its link."""
    role = Role(row.details["role"])
    by = row.made_by.name if row.made_by else ""
    return Invitation(row.pk, row.email, role.label, by, row.expires_at, row.was_mailed, role.value)


@transaction.atomic
def invite(
    email: str, *, role: str, team_ids: Iterable[UUID], actor: Actor, by: Staff | None, at: datetime
) -> tuple[AccountLink, str]:
    """Invite somebody; returns the invitation and its link, mailed where a mail server is set. An earlier invitation of
    the same address is taken back. Raises `Forbidden`, `Invalid`, `Conflict`."""
    policy.require(actor, "write", RESOURCE)
    wanted = given_role(role, actor)
    address = checked_address(email)
    require_free(address)
    was_mailed = mail.can_mail()
    teams = [str(id) for id in known_teams(team_ids)]
    link, url = links.make_link(
        Purpose.INVITATION,
        at=at,
        email=address,
        made_by=by,
        was_mailed=was_mailed,
        details={"role": wanted.value, "teams": teams, "language": translation.get_language() or "en"},
    )
    if was_mailed:
        mail.post(
            "invitation",
            address,
            link.details["language"],
            inviter=by.name if by else _("An administrator"),
            link=url,
            until=mail.day(link.expires_at),
        )
    trail.note(
        "account.invited",
        actor=actor,
        at=at,
        subject_id=link.pk,
        after={"role": wanted.value, "teams": teams},
    )
    return link, url


@transaction.atomic
def take_back(invitation_id: UUID, *, actor: Actor, at: datetime) -> None:
    """The link leads nowhere from now on. Raises `Forbidden`, `NotFound`."""
    policy.require(actor, "write", RESOURCE)
    found = AccountLink.objects.open(at).filter(pk=invitation_id, purpose=Purpose.INVITATION)
    if not found.update(expires_at=at):
        raise NotFound(_("This invitation was taken up, or is over already."))
    trail.note("account.invitation_taken_back", actor=actor, at=at, subject_id=invitation_id)


@transaction.atomic
def accept(secret: str, *, name: str, password: str, at: datetime) -> Staff:
    """Become a colleague, as what the inviter fixed. Raises `LinkGone`, `Invalid`; then the link stays as it was."""
    link = links.use_link(Purpose.INVITATION, secret, at=at)
    inviter = link.made_by
    if inviter is not None and not _may_still_invite(inviter, Role(link.details["role"])):
        raise LinkGone("")
    staff = new_staff(email=link.email, name=name, role=Role(link.details["role"]), password=password, at=at)
    staff.teams.set(Team.objects.filter(pk__in=link.details["teams"]))
    if link.was_mailed:
        addresses.prove(staff)
    after = {"role": staff.role}
    trail.note("account.made", actor=staff.actor(), at=at, subject_id=staff.pk, after=after, why="invitation")
    return staff


def new_staff(*, email: str, name: str, role: Role, password: str | None, at: datetime) -> Staff:
    """A new account; without a password it comes in by single sign-on only. Raises `Invalid`, `Conflict`."""
    shown = " ".join(name.split())
    if not shown or len(shown) > LONGEST_NAME:
        wrong = _("Enter your name, as colleagues and customers see it (at most 120 letters).")
        raise Invalid(wrong, fields={"name": wrong})
    staff = Staff(email=email, name=shown, role=role.value, joined_at=at, language=_language())
    if password is None:
        staff.set_unusable_password()
    else:
        staff.set_password(passwords.checked(password, staff))
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This address has an account already. Sign in with it.")) from error
    enforcement.refresh(staff)
    return staff


def _may_still_invite(inviter: Staff, role: Role) -> bool:
    """Who was closed or lowered since cannot let anybody in by a link from before."""
    actor = inviter.actor()
    return (
        inviter.is_active
        and policy.may(actor, "write", RESOURCE)
        and (role is not Role.OWNER or actor.role is Role.OWNER)
    )


def _language() -> str:
    from django.conf import settings

    spoken = (translation.get_language() or "en").partition("-")[0]
    return spoken if spoken in dict(settings.LANGUAGES) else "en"
