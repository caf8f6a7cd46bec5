"""The same for many conversations at once: all of it or nothing. Those that are so already are left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.conversations.models import Conversation, ConversationState
from amity.conversations.services import steps
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done with each of them, and how one tells that it is done already. `became` is what they are then."""

    became: str
    act: Callable[[Conversation], object]
    is_so: Callable[[Conversation], bool]


def closing(*, actor: Actor, at: datetime) -> Deed:
    return Deed(
        "closed",
        lambda one: steps.close(one.id, actor=actor, at=at),
        lambda one: one.state == ConversationState.CLOSED,
    )


def snoozing(until: datetime, *, actor: Actor, at: datetime) -> Deed:
    """Only what is open can be snoozed."""
    return Deed(
        "snoozed",
        lambda one: steps.snooze(one.id, actor=actor, at=at, until=until),
        lambda one: one.state != ConversationState.OPEN,
    )


def assigning(to: UUID | None, *, actor: Actor, at: datetime) -> Deed:
    return Deed(
        str(to or ""),
        lambda one: steps.assign(one.id, actor=actor, at=at, assignee_id=to),
        lambda one: one.assignee_id == to,
    )


def chosen(ids: Iterable[UUID], actor: Actor) -> Sequence[Conversation]:
    """Those of them that the actor may see, in one order for all, so that two such requests wait for each other."""
    wanted = sorted(set(ids), key=str)
    if not wanted:
        raise Invalid(_("Tick the conversations that you mean."))
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid(_("At most %(count)s at once.") % {"count": MOST_AT_ONCE})
    rows = policy.visible(Conversation.objects.filter(pk__in=wanted), actor)
    return sorted(rows, key=lambda one: str(one.id))


@transaction.atomic
def do_with_each(conversations: Sequence[Conversation], deed: Deed) -> list[Conversation]:
    """Do it; returns those with which it was done, as they were before."""
    before = [one for one in conversations if not deed.is_so(one)]
    for one in before:
        deed.act(one)
    return before
