"""Teams: departments and shifts, to which sources and colleagues belong."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.models import Team

LONGEST_NAME = 80


def add_team(name: str, *, actor: Actor) -> Team:
    """A new team without members. Raises `Forbidden`, or `Invalid` for an empty, long or taken name."""
    policy.require(actor, "write", "settings")
    return _stored(Team(name=_checked(name)))


@transaction.atomic
def rename_team(
    team_id: UUID, *, actor: Actor, name: str, unchanged: Callable[[Team], None] | None = None
) -> str:
    """Give a team another name; returns the name before, for undo.

    `unchanged` may refuse: it sees the team while it is locked for this change.
    """
    policy.require(actor, "write", "settings")
    team = _locked(team_id)
    if unchanged is not None:
        unchanged(team)
    before, team.name = team.name, _checked(name)
    _stored(team)
    return before


def remove_team(team_id: UUID, *, actor: Actor) -> None:
    """Take away a team that nobody is in and no source belongs to (undo of `add_team`). Raises `Conflict`."""
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        team = Team.objects.select_for_update().filter(pk=team_id).first()
        if team is None:
            return
        if team.members.exists() or team.source_set.exists():
            raise Conflict(_("Somebody or something belongs to this team already, so it stays."))
        team.delete()


def _locked(team_id: UUID) -> Team:
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise NotFound(_("This team is gone."))
    return team


def _checked(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Invalid(_("Give the team a name."), fields={"name": _("Give the team a name.")})
    if len(cleaned) > LONGEST_NAME:
        too_long = _("Use at most %(count)s letters.") % {"count": LONGEST_NAME}
        raise Invalid(too_long, fields={"name": too_long})
    return cleaned


def _stored(team: Team) -> Team:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        taken = _("There is a team of this name already.")
        raise Invalid(taken, fields={"name": taken}) from error
    return team
