"""Which colleagues somebody may know of: everybody all, but a partner only those they work with."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import Staff, Transition
from amity.kernel.policy import Scope

STEPS = ("assignment", "conversation")


def colleagues_of(actor: Actor, *, with_former: bool = False) -> QuerySet[Staff]:
    """The active colleagues (or also those who left) whom the actor may be shown, choose and name.

    Whoever reaches only what is their own (a partner) works with themselves, and with those who gave, had or moved
    the conversations that are theirs now: to them it can be given back.
    """
    everybody = Staff.objects.order_by("name") if with_former else Staff.objects.active()
    if actor.role is None or policy.grant(actor.role, "conversation").scope is not Scope.OWN:
        return everybody
    return everybody.filter(pk__in=_worked_with(actor))


def knows_colleague(actor: Actor, staff_id: UUID) -> bool:
    """Whether this is an active colleague whom the actor may know of."""
    return colleagues_of(actor).filter(pk=staff_id).exists()


def _worked_with(actor: Actor) -> set[UUID]:
    known = {actor.staff_id} if actor.staff_id else set()
    own = policy.visible(Conversation.objects.all(), actor).values("pk")
    steps = Transition.objects.filter(subject__in=STEPS, subject_id__in=own)
    for subject, before, by in steps.values_list("subject", "before", "staff_id").distinct():
        if by is not None:
            known.add(by)
        if subject == "assignment" and before:
            known.add(UUID(before))
    return known
