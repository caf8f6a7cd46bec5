"""The very first account: a link printed in the terminal that starts an empty Amity. Closed for ever afterwards."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amity.kernel.actor import SYSTEM, Role
from amity.kernel.models import Staff, WorkspaceSetting
from amity.kernel.workspace import change_workspace
from amity.site.accounts import links, trail
from amity.site.accounts.checks import checked_address
from amity.site.accounts.invitations import new_staff
from amity.site.accounts.links import LinkGone, Purpose

DONE = "set_up"


def is_open() -> bool:
    """Whether nobody ever had an account here. It never opens again, also not when every account is gone."""
    return not WorkspaceSetting.objects.filter(key=DONE).exists() and not Staff.objects.exists()


def setup_link(*, at: datetime) -> str:
    """A fresh link that makes the owner's account, "" where that was done. Earlier ones no longer work."""
    if not is_open():
        return ""
    links.take_back(Purpose.SETUP, at=at)
    _link, url = links.make_link(Purpose.SETUP, at=at)
    return url


def require_open(secret: str, *, at: datetime) -> None:
    """Raises `LinkGone` unless this link may still make the owner's account."""
    if not is_open():
        raise LinkGone("")
    links.find_link(Purpose.SETUP, secret, at=at)


@transaction.atomic
def set_up(secret: str, *, company: str, name: str, email: str, password: str, at: datetime) -> Staff:
    """Make the owner, and name the company. Raises `LinkGone`, `Invalid`; then the link stays as it was."""
    links.use_link(Purpose.SETUP, secret, at=at)
    if not is_open():
        raise LinkGone("")
    staff = new_staff(email=checked_address(email), name=name, role=Role.OWNER, password=password, at=at)
    if company.strip():
        change_workspace({"name": " ".join(company.split())[:120]}, actor=staff.actor(), at=at)
    close(at=at)
    trail.note(
        "account.made", actor=SYSTEM, at=at, subject_id=staff.pk, after={"role": staff.role}, why="setup"
    )
    return staff


def close(*, at: datetime) -> None:
    """There is an account: no set-up link works from now on."""
    WorkspaceSetting.objects.get_or_create(key=DONE, defaults={"value": True, "changed_at": at})
