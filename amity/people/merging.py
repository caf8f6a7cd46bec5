"""Two records of one human become one person, and come apart again exactly as they were.

A merge is a row that says who counts for whom; the links of identities stay as records made them (`Link.home`). So
merges are taken back in any order, and what came in between goes with the record that named it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.people import distinctions, locks
from amity.people.models import (
    WAITING,
    Link,
    LinkMethod,
    Merge,
    MergeMethod,
    Person,
    Proposal,
    ProposalState,
)
from amity.people.queries.grouped import between, known_root, knows_both, roots, under
from amity.people.queries.record import PersonRecord, person_record
from amity.people.regrouping import bring_up_to_date, count_for, lead_on_or_refuse

MOST_AT_ONCE = 20


class Arrived(StrEnum):
    """With whom goes what came between a merge and the day it is taken back."""

    AS_NAMED = "as_named"  # with whom the record named it
    STAYS = "stays"  # with the person who stays
    GOES = "goes"  # with the person who leaves


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why two are one: who found it and how sure. `evidence` is kept as it is, for the page that explains it."""

    method: MergeMethod = MergeMethod.STAFF
    confidence: float = 1.0
    evidence: Mapping[str, Any] = field(default_factory=dict)


BY_HAND = Reasons()


def merge(
    into: UUID,
    others: Collection[UUID],
    *,
    actor: Actor,
    at: datetime,
    chosen: Mapping[str, str] | None = None,
    reasons: Reasons = BY_HAND,
    despite: bool = False,
    unchanged: Callable[[PersonRecord], None] | None = None,
) -> UUID:
    """Make `others` one person with `into`, who stays, and give the id of the act, with which it is taken back.

    `chosen`: field → the value to be shown, one of those that are known. `despite` also merges who was said to be two
    people. `unchanged` may refuse: it sees the record of `into` when nobody else writes. Raises `NotFound` for whom
    the actor does not know, `Conflict` where they are one person already or were said to be two, `Invalid` for a value
    that nobody said.
    """
    policy.require(actor, "write", "person")
    if not 0 < len(set(others)) <= MOST_AT_ONCE:
        raise Invalid(_("Name one to %(most)s people to merge.") % {"most": MOST_AT_ONCE})
    with transaction.atomic():
        take_turn_now()
        stays = known_root(actor, into)
        if unchanged is not None:
            unchanged(person_record(actor, stays))
        leaving = sorted({known_root(actor, other) for other in others})
        if stays in leaving:
            raise Conflict(_("These records are one person already."))
        distinctions.refuse_or_forget([stays, *leaving], despite=despite, actor=actor, at=at)
        act = uuid7(at)
        Merge.objects.bulk_create(
            Merge(
                id=uuid7(at), act_id=act, person_id=person, into_id=stays, method=reasons.method,
                evidence=dict(reasons.evidence), confidence=reasons.confidence,
                merged_by_id=actor.staff_id, merged_at=at,
            )
            for person in leaving
        )  # fmt: skip
        for person, homes in under(leaving).items():
            count_for(stays, homes, instead_of=person)
        Person.objects.filter(pk__in=leaving).update(merged_into=stays)
        proposed = Q(one_id__in=leaving) | Q(other_id__in=leaving)
        Proposal.objects.filter(proposed, state__in=WAITING).update(state=ProposalState.GONE)
        _drop_those_told_apart(stays)
        locks.choose(stays, chosen or {}, actor=actor, at=at, act_id=act)
        bring_up_to_date([stays, *leaving], at=at)
    return act


def _drop_those_told_apart(person_id: UUID) -> None:
    """Pairs of which somebody said that they are two, about one who was merged into this person."""
    for proposal in Proposal.objects.filter(Q(one_id=person_id) | Q(other_id=person_id), state__in=WAITING):
        if between([proposal.one_id, proposal.other_id], SYSTEM).exists():
            Proposal.objects.filter(pk=proposal.pk).update(state=ProposalState.GONE)


def unmerge(
    merges: Sequence[UUID],
    *,
    actor: Actor,
    at: datetime,
    arrived: Arrived = Arrived.AS_NAMED,
    are_two: bool = False,
) -> list[UUID]:
    """Take merges back, each by its id or all of an act by the id of the act; gives the persons who are back.

    `are_two` also says that they are two people, so that nobody proposes them again. Raises `NotFound` for what the
    actor does not know, `Conflict` where it was taken back before.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        found = _known(merges, actor)
        if not found:
            raise NotFound(_("This merge does not exist."))
        holding = [merge for merge in found if merge.revoked_at is None]
        if not holding:
            raise Conflict(_("This merge was taken back before."))
        touched = {one.person_id for one in holding}
        for one in holding:
            touched.add(_take_apart(one, arrived, actor, at))
        lead_on_or_refuse(touched, holding)
        acts = {one.act_id for one in holding}
        ended = acts - _holding_acts(acts)
        locks.release_of_acts(ended, actor=actor, at=at)
        reopened = Proposal.objects.filter(act_id__in=ended, state=ProposalState.MERGED)
        reopened.update(state=ProposalState.OPEN, decided_by=None, decided_at=None)
        bring_up_to_date(sorted(touched), at=at)
        if are_two:
            for one in holding:
                distinctions.tell_apart(one.into_id, one.person_id, actor=actor, at=at)
    return [one.person_id for one in holding]


def _known(ids: Sequence[UUID], actor: Actor) -> list[Merge]:
    """Merges by their own ids or those of acts, of people whom the actor knows on both sides."""
    found = Merge.objects.filter(Q(pk__in=ids) | Q(act_id__in=ids)).order_by("-merged_at", "-pk")
    return [one for one in found if knows_both(actor, one)]


def _take_apart(merge: Merge, arrived: Arrived, actor: Actor, at: datetime) -> UUID:
    """Give the person of `merge` their links back; gives the person for whom they counted."""
    counted_for = roots([merge.person_id])[merge.person_id]
    homes = under([merge.person_id])[merge.person_id]
    if arrived is not Arrived.AS_NAMED:
        _rehome(merge, counted_for, arrived, actor, at)
    merge.revoked_by_id, merge.revoked_at = actor.staff_id, at
    merge.save(update_fields=["revoked_by", "revoked_at"])
    count_for(merge.person_id, homes, instead_of=counted_for)
    Person.objects.filter(pk=merge.person_id).update(merged_into=None)
    return counted_for


def _rehome(merge: Merge, counted_for: UUID, arrived: Arrived, actor: Actor, at: datetime) -> None:
    """Links that came since the merge belong to the side that a colleague says. The old rows stay as history."""
    counted = Link.objects.filter(
        person_id=counted_for, revoked_at__isnull=True, linked_at__gt=merge.merged_at
    ).select_for_update()
    # Of these two alone: what belongs to others who were merged with them goes with their own merges.
    stays = arrived is Arrived.STAYS
    given_by, home = (merge.person_id, merge.into_id) if stays else (merge.into_id, merge.person_id)
    came = [link for link in counted if link.came_at > merge.merged_at]
    moved = [link for link in came if (link.home_id or link.person_id) == given_by]
    Link.objects.filter(pk__in=[link.pk for link in moved]).update(
        revoked_by_id=actor.staff_id, revoked_at=at
    )
    Link.objects.bulk_create(
        Link(
            id=uuid7(at), identity_id=link.identity_id, person_id=counted_for,
            home_id=None if home == counted_for else home, method=LinkMethod.STAFF,
            evidence={"unmerge": str(merge.pk), "came": link.came_at.isoformat()}, confidence=1.0,
            linked_by_id=actor.staff_id, linked_at=at,
        )
        for link in moved
    )  # fmt: skip


def _holding_acts(acts: Collection[UUID]) -> set[UUID]:
    return set(
        Merge.objects.filter(act_id__in=acts, revoked_at__isnull=True).values_list("act_id", flat=True)
    )
