"""Pairs of people who may be one: found at night or on demand, looked at by people, linked by rule where allowed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.types.json import Jsonb

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.acting import bulk
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.copying import copy_insert
from amity.kernel.errors import Conflict, DomainError, NotFound
from amity.kernel.ids import uuid7_of
from amity.kernel.live import announce
from amity.kernel.models import WorkspaceSetting
from amity.kernel.workspace import workspace
from amity.people.distinctions import tell_apart, withdraw
from amity.people.merging import Reasons, merge, unmerge
from amity.people.models import WAITING, Distinction, Merge, MergeMethod, Person, Proposal, ProposalState
from amity.people.queries.grouped import roots
from amity.people.queries.judged import calibration, merges_from, thresholds
from amity.people.queries.looking import LOOK, LOOKING, UNDER_WAY, Step, is_alive
from amity.people.queries.proposed import LAST_LOOK, evidence_of, sees_all

if TYPE_CHECKING:
    from amity.people.matching import Pair

LATER = timedelta(days=30)
MOST_KEPT = 20_000
"""Proposals that are kept, surest first: more than anybody looks at."""

_GONE = """
    UPDATE people_proposal SET state = 'gone' WHERE state IN ('open', 'later') AND (one_id, other_id) NOT IN (
        SELECT * FROM unnest(%s::uuid[], %s::uuid[]))
"""
# Who is known through a source of a team or of a colleague is linked by people only, and has no say in how sure other
# pairs are: else others would see from it what they may not know.
_OF_EVERYBODY = """
    SELECT p.id FROM people_person p WHERE p.merged_into_id IS NULL AND NOT EXISTS (
        SELECT FROM people_link l JOIN people_sighting s ON s.identity_id = l.identity_id
        JOIN channels_source o ON o.id = s.source_id AND (o.team_id IS NOT NULL OR o.owner_id IS NOT NULL)
        WHERE l.person_id = p.id AND l.revoked_at IS NULL)
"""


def look_for_duplicates(*, at: datetime) -> Mapping[str, Any]:
    """Learn the weights from all people, find who may be one, propose them, and link by rule where that is allowed.

    Gives and keeps what came of it: `at`, `people`, `proposed`, `linked`, `took_s`.
    """
    from amity.people import matching  # not loaded by whoever only decides on what was found

    began = time.monotonic()
    with _alone():
        _note(Step.READING, at=at)
        with bulk():  # what is derived is no entry of the trail; merges are
            people = matching.rebuild(at=at)
            _note(Step.LEARNING, at=at, people=people)
            matching.train(at=at)
            _note(Step.COMPARING, at=at, people=people)
            found = matching.rescore(from_bits=thresholds().asks)
            _note(Step.WRITING, at=at, people=people)
            propose(found.pairs[:MOST_KEPT], at=at)
        linked = _link_sure(at=at) if workspace().link_duplicates else 0
    proposed = Proposal.objects.filter(state__in=WAITING).count()
    told = {
        "at": at.isoformat(), "people": people, "proposed": proposed, "linked": linked,
        "took_s": round(time.monotonic() - began, 1),
    }  # fmt: skip
    with transaction.atomic():
        WorkspaceSetting.objects.update_or_create(
            key=LAST_LOOK, defaults={"value": told, "changed_by": None, "changed_at": at}
        )
        with bulk():
            WorkspaceSetting.objects.filter(key=UNDER_WAY).delete()
        announce("duplicates")
    return told


def _note(step: Step, *, at: datetime, people: int = 0) -> None:
    """Tell how far a look is that began at an instant. It is no entry of the trail."""
    with transaction.atomic(), bulk():
        told = {"step": step.value, "at": at.isoformat(), "people": people}
        WorkspaceSetting.objects.update_or_create(
            key=UNDER_WAY, defaults={"value": told, "changed_by": None, "changed_at": at}
        )
        announce("duplicates")


def ask_for_a_look(*, at: datetime) -> bool:
    """Have a worker look for duplicates soon; False where that is asked for already."""
    was_alive = is_alive()  # one that is under way says itself how far it is
    try:
        with transaction.atomic():  # a refusal leaves the transaction of the caller whole
            app.configure_task(LOOK, queue="maintenance", queueing_lock="duplicates").defer()
            if not was_alive:
                _note(Step.WAITING, at=at)
    except AlreadyEnqueued:
        return False
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """One look at a time, whoever asked for it. Raises `Conflict` where another is under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOOKING])
        if not (cursor.fetchone() or (False,))[0]:
            raise Conflict(_("Duplicates are being looked for already."))
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOOKING])


def propose(pairs: Sequence[Pair], *, at: datetime) -> None:
    """Keep these pairs as the ones to be looked at. What was decided stays decided, also of those merged into them."""
    with transaction.atomic():
        take_turn_now()  # nobody vanishes, and nobody is told apart, until they are written
        listed = _askable(pairs)
        copy_insert(
            "people_proposal",
            ["id", "one_id", "other_id", "bits", "evidence", "state", "found_at", "is_by_rule"],
            (
                (
                    uuid7_of(at, "proposal", str(one), str(other)),
                    one,
                    other,
                    bits,
                    Jsonb([]),
                    "open",
                    at,
                    False,
                )
                for one, other, bits in listed
            ),
            on_conflict="(one_id, other_id) DO UPDATE SET bits = excluded.bits, found_at = excluded.found_at, "
            "state = CASE WHEN people_proposal.state = 'gone' THEN 'open' ELSE people_proposal.state END",
            order_by="id",
        )
        with connection.cursor() as cursor:
            cursor.execute(_GONE, [[one for one, *_ in listed], [other for _, other, *_ in listed]])
        Proposal.objects.filter(state=ProposalState.LATER, until__lte=at).update(state=ProposalState.OPEN)


def _askable(pairs: Sequence[Pair]) -> list[tuple[UUID, UUID, float]]:
    """Of these, pairs of people who count and of whom nobody said that they are two."""
    named = {person for pair in pairs for person in (pair.one, pair.other)}
    there = set(Person.objects.filter(pk__in=named, merged_into__isnull=True).values_list("pk", flat=True))
    told = list(Distinction.objects.filter(revoked_at__isnull=True).values_list("one_id", "other_id"))
    now = roots({person for pair in told for person in pair})
    two = {frozenset((now.get(one, one), now.get(other, other))) for one, other in told}
    listed = []
    for pair in pairs:
        if {pair.one, pair.other} <= there and frozenset((pair.one, pair.other)) not in two:
            one, other = sorted((pair.one, pair.other))
            listed.append((one, other, pair.bits))
    return listed


def _of_everybody() -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_OF_EVERYBODY)
        return {id for (id,) in cursor.fetchall()}


def _link_sure(*, at: datetime) -> int:
    from amity.people import matching

    everybody = _of_everybody()
    sure = merges_from(calibration(only=everybody))
    return _link(matching.sure_pairs(everybody, from_bits=sure), at=at)


def _link(pairs: Iterable[Pair], *, at: datetime) -> int:
    """Merge pairs that are sure enough; not those that people took apart again, or decided on otherwise."""
    linked = 0
    for pair in pairs:
        one, other = sorted((pair.one, pair.other))
        try:
            with transaction.atomic():
                take_turn_now()
                if _was_taken_back(one, other):
                    continue
                proposal, _is_new = Proposal.objects.select_for_update().get_or_create(
                    one_id=one, other_id=other, defaults={"bits": pair.bits, "found_at": at}
                )
                if proposal.state not in (ProposalState.OPEN, ProposalState.GONE):
                    continue
                _merge(proposal, {}, actor=SYSTEM, at=at, method=MergeMethod.RULE)
        except DomainError:
            continue  # one person by another pair already, or said to be two
        linked += 1
    return linked


def _was_taken_back(one: UUID, other: UUID) -> bool:
    sides = Q(person_id=one, into_id=other) | Q(person_id=other, into_id=one)
    return Merge.objects.filter(sides, revoked_at__isnull=False).exists()


def merge_proposed(
    proposal_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    stays: UUID | None = None,
    chosen: Mapping[str, str] | None = None,
) -> UUID:
    """They are one person; gives the act with which that is taken back. `stays`: who does, else who was known first."""
    with transaction.atomic():
        proposal = _waiting(proposal_id, actor)
        return _merge(proposal, chosen or {}, actor=actor, at=at, method=MergeMethod.STAFF, stays=stays)


def merge_all(proposal_ids: Collection[UUID], *, actor: Actor, at: datetime) -> list[UUID]:
    """Merge many pairs, surest first; those that became one person meanwhile are left out. Gives the acts."""
    policy.require(actor, "write", "person")
    acts = []
    for proposal in Proposal.objects.filter(pk__in=list(proposal_ids)).order_by("-bits", "pk"):
        try:
            acts.append(merge_proposed(proposal.pk, actor=actor, at=at))
        except (Conflict, NotFound):
            continue
    return acts


def tell_proposed_apart(proposal_id: UUID, *, actor: Actor, at: datetime) -> None:
    """They are two people, and never proposed again."""
    with transaction.atomic():
        proposal = _waiting(proposal_id, actor)
        tell_apart(proposal.one_id, proposal.other_id, actor=actor, at=at)
        proposal.is_by_rule = False  # a colleague decided, also where a rule had merged them before
        _decided(proposal, ProposalState.TWO, actor, at)


def put_off(proposal_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Ask again in thirty days."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        proposal = _waiting(proposal_id, actor)
        proposal.until = at + LATER
        _decided(proposal, ProposalState.LATER, actor, at)


def check(proposal_id: UUID, *, is_right: bool, actor: Actor, at: datetime) -> None:
    """Say whether what a rule merged is one person; where it is not, they are two people again and stay so.

    Raises `NotFound`, or `Conflict` where somebody looked at it or took it back before.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        proposal = _known(proposal_id, actor)
        if not proposal.is_by_rule or proposal.state != ProposalState.MERGED or proposal.checked_at:
            raise Conflict(_("Somebody decided on this pair already."))
        proposal.was_right, proposal.checked_by_id, proposal.checked_at = is_right, actor.staff_id, at
        if is_right:
            proposal.save(update_fields=["was_right", "checked_by", "checked_at"])
            return
        if proposal.act_id and Merge.objects.filter(act_id=proposal.act_id, revoked_at__isnull=True).exists():
            unmerge([proposal.act_id], actor=actor, at=at)
        tell_apart(proposal.one_id, proposal.other_id, actor=actor, at=at)
        _decided(proposal, ProposalState.TWO, actor, at)


def uncheck(proposal_id: UUID, *, actor: Actor) -> None:
    """Take back that a merge by rule was looked at and right."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        proposal = _known(proposal_id, actor)
        if not proposal.was_right:
            raise Conflict(_("Nobody said that this pair is one person."))
        proposal.was_right = proposal.checked_by = proposal.checked_at = None
        proposal.save(update_fields=["was_right", "checked_by", "checked_at"])


def reopen(proposal_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Take a decision back: they are asked for again, and what it did is undone."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        proposal = _known(proposal_id, actor)
        act = proposal.act_id if proposal.state == ProposalState.MERGED else None
        if act and Merge.objects.filter(act_id=act, revoked_at__isnull=True).exists():
            unmerge([act], actor=actor, at=at)
        if proposal.state == ProposalState.TWO:
            withdraw(proposal.one_id, proposal.other_id, actor=actor, at=at)
        proposal.act_id = proposal.until = None
        proposal.is_by_rule = False
        proposal.was_right = proposal.checked_by = proposal.checked_at = None
        _decided(proposal, ProposalState.OPEN, actor, at)


def _merge(
    proposal: Proposal, chosen: Mapping[str, str], *, actor: Actor, at: datetime, method: MergeMethod,
    stays: UUID | None = None,
) -> UUID:  # fmt: skip
    into = stays or _known_first(proposal)
    if into not in (proposal.one_id, proposal.other_id):
        raise NotFound(_("This person is not one of the two."))
    leaves = proposal.other_id if into == proposal.one_id else proposal.one_id
    told = evidence_of(proposal, SYSTEM)
    reasons = Reasons(method, told.probability, {"proposal": str(proposal.pk), "evidence": told.lines})
    proposal.act_id = merge(into, [leaves], actor=actor, at=at, chosen=chosen, reasons=reasons)
    proposal.evidence, proposal.is_by_rule = told.lines, method is MergeMethod.RULE
    _decided(proposal, ProposalState.MERGED, actor, at)
    return proposal.act_id


def _known_first(proposal: Proposal) -> UUID:
    first = (
        Person.objects.filter(pk__in=[proposal.one_id, proposal.other_id])
        .order_by("first_seen_at", "pk")
        .first()
    )
    return first.pk if first else proposal.one_id


def _waiting(proposal_id: UUID, actor: Actor) -> Proposal:
    proposal = _known(proposal_id, actor)
    if proposal.state not in WAITING:
        raise Conflict(_("Somebody decided on this pair already."))
    return proposal


def _known(proposal_id: UUID, actor: Actor) -> Proposal:
    found = Proposal.objects.select_for_update().filter(pk=proposal_id).first() if sees_all(actor) else None
    if found is None:
        raise NotFound(_("This pair does not exist."))
    return found


def _decided(proposal: Proposal, state: ProposalState, actor: Actor, at: datetime) -> None:
    proposal.state = state
    is_open = state is ProposalState.OPEN
    proposal.decided_by_id, proposal.decided_at = (None, None) if is_open else (actor.staff_id, at)
    proposal.save()
