"""Signing in as a colleague, to see what they see: a banner on every page, ended by one click or after an hour.

Only downwards: owners as everybody below them, administrators as those who are neither. What is done meanwhile is
done as the colleague and put down with who it really was. Settings stay closed, in pages and in the public interface
(`policy.keep_visitors_out`): passwords, factors and tokens are nobody else's. So does what came to the colleague's own
mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Forbidden, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Staff
from amity.site.accounts import trail

RESOURCE = "account"  # no more imports than this needs: the live stream reads sessions without django-allauth
LASTS = timedelta(hours=1)
KEY = "signed_in_as"
_RANKS = {Role.OWNER: 2, Role.ADMINISTRATOR: 1}


def may_stand_in(actor: Actor, staff: Staff) -> bool:
    """Whether this actor may sign in as that colleague."""
    if actor.role is None or not staff.is_active or staff.pk == actor.staff_id:
        return False
    return policy.may(actor, "write", RESOURCE) and _rank(actor.role) > _rank(Role(staff.role))


def begin(session: MutableMapping[str, Any], staff_id: UUID, *, actor: Actor, at: datetime) -> Staff:
    """From the next page on, this session is the colleague's view. Raises `NotFound`, `Forbidden`."""
    policy.require(actor, "write", RESOURCE)
    staff = Staff.objects.filter(pk=staff_id).first()
    if staff is None:
        raise NotFound(_("Nobody here has this account."))
    if not may_stand_in(actor, staff):
        raise Forbidden(
            _("You can sign in only as somebody whose role is below yours, and whose account is open.")
        )
    session[KEY] = {"staff": str(staff.pk), "since": at.isoformat()}
    trail.note("sign_in_as.began", actor=actor, at=at, subject_id=staff.pk)
    return staff


def end(session: MutableMapping[str, Any], *, real: Staff, at: datetime) -> UUID | None:
    """Be oneself again; returns as whom one was signed in."""
    kept = session.pop(KEY, None)
    if not isinstance(kept, dict):
        return None
    announce("staff", real.pk)
    trail.note("sign_in_as.ended", actor=real.actor(), at=at, subject_id=UUID(kept["staff"]))
    return UUID(kept["staff"])


def stood_in(session: Mapping[str, Any], real: Staff, *, at: datetime) -> Staff | None:
    """As whom this session is signed in, besides `real`; None when it is over or no longer allowed."""
    kept = session.get(KEY)
    if not isinstance(kept, dict) or at - datetime.fromisoformat(kept["since"]) > LASTS:
        return None
    staff = Staff.objects.filter(pk=UUID(kept["staff"])).first()
    return staff if staff is not None and may_stand_in(real.actor(), staff) else None


def visitor(staff: Staff) -> Actor:
    """The colleague as whoever is signed in as them may be: without what is theirs alone."""
    return replace(staff.actor(), is_visited=True)


def is_closed(url_name: str) -> bool:
    """Whether a page is the colleague's own: all of Settings."""
    return url_name.startswith("settings")


def _rank(role: Role) -> int:
    return _RANKS.get(role, 0)
