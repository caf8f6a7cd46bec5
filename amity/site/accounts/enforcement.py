"""Which roles must have a second factor. Off in a new workspace; owners and administrators switch it on by role.

Who must and has none is marked on their account, so that no page has to ask twice: `Staff.second_factor_due`. The mark
is made again whenever a role, a factor or the rule changes, and at every sign-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Invalid
from amity.kernel.live import announce
from amity.kernel.models import Staff, WorkspaceSetting
from amity.kernel.workspace import take_turn
from amity.site.accounts import trail

KEY = "second_factor_roles"


def roles() -> frozenset[str]:
    """The roles that must have a second factor."""
    kept = WorkspaceSetting.objects.filter(key=KEY).values_list("value", flat=True).first()
    return frozenset(kept or ())


@transaction.atomic
def change_roles(
    wanted: Iterable[str],
    *,
    actor: Actor,
    at: datetime,
    unchanged: Callable[[frozenset[str]], None] | None = None,
) -> frozenset[str]:
    """Make exactly these roles set up a second factor; returns the roles before, for undo.

    `unchanged` may refuse: it sees the roles in the turn of this change, when nobody else writes them.
    """
    for resource in ("settings", "account"):  # a token needs both scopes
        policy.require(actor, "write", resource)
    chosen = sorted(set(wanted))
    if not set(chosen) <= {role.value for role in Role}:
        raise Invalid(_("There is no such role."))
    take_turn()
    before = roles()
    if unchanged is not None:
        unchanged(before)
    WorkspaceSetting.objects.update_or_create(
        key=KEY, defaults={"value": chosen, "changed_by_id": actor.staff_id, "changed_at": at}
    )
    for changed in mark():
        announce("staff", changed)
    trail.note(
        "security.second_factor_roles",
        actor=actor,
        at=at,
        before={"roles": sorted(before)},
        after={"roles": chosen},
    )
    return before


def refresh(staff: Staff) -> None:
    """Mark this one account anew."""
    mark(Q(pk=staff.pk))
    staff.refresh_from_db(fields=["second_factor_due"])


def mark(whom: Q | None = None) -> list[UUID]:
    """Set `second_factor_due` where it is not as it must be; returns whose was changed."""
    has_one = Exists(
        Authenticator.objects.filter(
            user_id=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        )
    )
    must = roles()
    found = Staff.objects.filter(whom or Q()).annotate(has_one=has_one)
    due = found.filter(role__in=must, has_one=False)
    free = found.exclude(pk__in=due.values("pk"))
    wrong = (
        (True, list(due.filter(second_factor_due=False).values_list("pk", flat=True))),
        (False, list(free.filter(second_factor_due=True).values_list("pk", flat=True))),
    )
    for value, ids in wrong:
        Staff.objects.filter(pk__in=ids).update(second_factor_due=value)
    return [id for _value, ids in wrong for id in ids]
