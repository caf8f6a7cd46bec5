"""Colleagues say who lives together, and who does not; each is taken back exactly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.people.models import Household, HouseholdMember, HouseholdRefusal
from amity.people.queries.grouped import known_root, knows, roots
from amity.people.queries.relations import homes_of

MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class PutTogether:
    """The household, and the memberships that began, with which it is taken back."""

    household_id: UUID
    member_ids: tuple[UUID, ...]


def put_together(
    person_id: UUID, others: Collection[UUID], *, actor: Actor, at: datetime, rule: str = ""
) -> PutTogether:
    """Say that these people live together. Who is in a household already takes the others in.

    Raises `NotFound` for whom the actor does not know, `Conflict` where they are of two households or together already.
    """
    policy.require(actor, "write", "person")
    if not 0 < len(set(others)) <= MOST_AT_ONCE:
        raise Invalid(_("Name one to %(most)s people.") % {"most": MOST_AT_ONCE})
    with transaction.atomic():
        take_turn_now()
        roots = list(dict.fromkeys(known_root(actor, one) for one in (person_id, *others)))
        there = {root: _households(root, actor) for root in roots}
        households = set().union(*there.values())
        if len(households) > 1:
            raise Conflict(_("They are of two households. Take somebody out of one first."))
        new = [root for root in roots if not there[root]]
        if len(roots) < 2 or not new:
            raise Conflict(_("They are together already."))
        household = next(iter(households), None)
        if household is None:
            household = Household.objects.create(
                id=uuid7(at), rule=rule[:40], said_by_id=actor.staff_id, said_at=at
            ).pk
        made = [
            HouseholdMember(
                id=uuid7(at), household_id=household, person_id=root, said_by_id=actor.staff_id, said_at=at
            )
            for root in new
        ]
        HouseholdMember.objects.bulk_create(made)
    return PutTogether(household, tuple(one.pk for one in made))


def _households(root: UUID, actor: Actor) -> set[UUID]:
    """Of which households they are, as far as the actor may know: a refusal names no other."""
    held = HouseholdMember.objects.filter(
        person_id__in=homes_of(root), revoked_at__isnull=True, household__revoked_at__isnull=True
    )
    found = set(held.values_list("household_id", flat=True))
    if not policy.hidden_source_ids(actor):
        return found
    return {household for household in found if not _is_hidden(household, actor)}


def _is_hidden(household_id: UUID, actor: Actor) -> bool:
    """Whether somebody is of it whom the actor does not know, and with whom the others are no household to them."""
    members = HouseholdMember.objects.filter(household_id=household_id, revoked_at__isnull=True)
    people = set(members.values_list("person_id", flat=True))
    known = {one for one in people if knows(actor, one)}
    return known != people and len(set(roots(known).values())) < 2


def take_out(household_id: UUID, members: Sequence[UUID], *, actor: Actor, at: datetime) -> list[UUID]:
    """End these memberships; the household ends with the last but one. Gives those that ended, for the way back."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        held = _known(household_id, actor)
        ending = [one for one in held if one.pk in set(members) and one.revoked_at is None]
        if not ending:
            raise Conflict(_("This was taken back before."))
        holding = HouseholdMember.objects.filter(household_id=household_id, revoked_at__isnull=True)
        left = list(holding.exclude(pk__in=[one.pk for one in ending]))
        if len(left) < 2:
            ending += left
            Household.objects.filter(pk=household_id).update(revoked_by_id=actor.staff_id, revoked_at=at)
        HouseholdMember.objects.filter(pk__in=[one.pk for one in ending]).update(
            revoked_by_id=actor.staff_id, revoked_at=at
        )
    return [one.pk for one in ending]


def put_back(household_id: UUID, members: Sequence[UUID], *, actor: Actor) -> None:
    """These memberships hold again, and the household with them.

    Raises `Conflict` for somebody who is of another household by now.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        back = [one for one in _known(household_id, actor) if one.pk in set(members)]
        for one in back:
            if _households(known_root(actor, one.person_id), actor) - {household_id}:
                raise Conflict(_("They are of another household by now."))
        HouseholdMember.objects.filter(pk__in=[one.pk for one in back]).update(
            revoked_by=None, revoked_at=None
        )
        Household.objects.filter(pk=household_id).update(revoked_by=None, revoked_at=None)


def _known(household_id: UUID, actor: Actor) -> list[HouseholdMember]:
    """The memberships of whom the actor knows. Raises `NotFound` where there are none."""
    held = HouseholdMember.objects.filter(household_id=household_id).select_for_update()
    known = [one for one in held if knows(actor, one.person_id)]
    if not known:
        raise NotFound(_("This household does not exist."))
    return known


def refuse(one: UUID, other: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Keep that these two are no household, so that nobody proposes it again; gives it, for the way back."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        first, second = sorted((known_root(actor, one), known_root(actor, other)))
        if first == second:
            raise Conflict(_("These records are one person."))
        said = HouseholdRefusal.objects.filter(one_id=first, other_id=second, revoked_at__isnull=True).first()
        said = said or HouseholdRefusal.objects.create(
            id=uuid7(at), one_id=first, other_id=second, said_by_id=actor.staff_id, said_at=at
        )
    return said.pk


def withdraw_refusal(one: UUID, other: UUID, *, actor: Actor, at: datetime) -> int:
    """They may be one after all; gives how many sayings ended."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        first, second = homes_of(known_root(actor, one)), homes_of(known_root(actor, other))
        said = HouseholdRefusal.objects.filter(
            Q(one_id__in=first, other_id__in=second) | Q(one_id__in=second, other_id__in=first),
            revoked_at__isnull=True,
        )
        return said.update(revoked_by_id=actor.staff_id, revoked_at=at)
