"""Two people who look like one: who said that they are two, so that nobody proposes them again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict
from amity.kernel.ids import uuid7
from amity.people.models import WAITING, Distinction, Proposal, ProposalState
from amity.people.queries.grouped import between, known_root


class SaidToBeTwo(Conflict):
    """Somebody looked at both and said that they are two people."""

    code = "person.said_to_be_two"

    def __init__(self) -> None:
        super().__init__(
            _("A colleague said that these are two people. Merge them all the same only if you know better.")
        )


def tell_apart(one: UUID, other: UUID, *, actor: Actor, at: datetime) -> None:
    """Keep that these are two people. Saying it twice is saying it once. Raises `Conflict` for one and the same."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        first, second = sorted((known_root(actor, one), known_root(actor, other)))
        if first == second:
            raise Conflict(_("These records are one person. Take the merge back, or split the person."))
        keep(first, second, actor=actor, at=at)


def keep(one: UUID, other: UUID, *, actor: Actor, at: datetime) -> None:
    """Write it down, within the turn of whoever knows both. Both count for themselves."""
    first, second = sorted((one, other))
    if between([first, second], actor).exists():
        return
    Distinction.objects.get_or_create(
        one_id=first, other_id=second, revoked_at=None,
        defaults={"id": uuid7(at), "said_by_id": actor.staff_id, "said_at": at},
    )  # fmt: skip
    _pair(first, second).filter(state__in=WAITING).update(
        state=ProposalState.TWO, decided_by_id=actor.staff_id, decided_at=at
    )


def withdraw(one: UUID, other: UUID, *, actor: Actor, at: datetime) -> int:
    """They may be one after all: propose them again. Gives how many sayings ended."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        first, second = sorted((known_root(actor, one), known_root(actor, other)))
        _pair(first, second).filter(state=ProposalState.TWO).update(
            state=ProposalState.OPEN, decided_by=None, decided_at=None
        )
        return _revoke(between([first, second], actor), actor, at)


def refuse_or_forget(person_ids: Sequence[UUID], *, despite: bool, actor: Actor, at: datetime) -> None:
    """Before these become one: raises `SaidToBeTwo`, or ends what was said where they are one `despite` of it."""
    said = between(person_ids, actor)
    if not despite and said.exists():
        raise SaidToBeTwo
    _revoke(said, actor, at)


def _pair(one: UUID, other: UUID) -> QuerySet[Proposal]:
    """What was proposed of these two: it is found again at the next look, where somebody may be one after all."""
    return Proposal.objects.filter(one_id=one, other_id=other)


def _revoke(said: QuerySet[Distinction], actor: Actor, at: datetime) -> int:
    return said.update(revoked_by_id=actor.staff_id, revoked_at=at)
