"""What was decided about who a person is: merges and splits, with who said so and whether it still holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.survivorship import golden_record, values_of
from amity.people.models import FieldLock, Merge, Split
from amity.people.queries.grouped import known_root, knows, knows_both, knows_homes, under
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import Told
from amity.people.queries.visibility import told_of


@dataclass(frozen=True, slots=True)
class Said:
    """Who said it and when, and who took it back and when. Names are "" where no colleague did."""

    by: str
    at: datetime
    taken_back_by: str
    taken_back_at: datetime | None

    @property
    def holds(self) -> bool:
        return self.taken_back_at is None


@dataclass(frozen=True, slots=True)
class MergeShown:
    """That `person_id`, whom sources call `name`, was merged into `into_id`."""

    id: UUID
    act_id: UUID
    person_id: UUID
    into_id: UUID
    name: str
    addresses: tuple[tuple[str, str], ...]  # network, address
    method: str
    confidence: float
    evidence: Mapping[str, Any]
    said: Said


@dataclass(frozen=True, slots=True)
class SplitShown:
    """That `into_id` was split off from `person_id`."""

    id: UUID
    person_id: UUID
    into_id: UUID
    name: str
    said: Said


@dataclass(frozen=True, slots=True)
class Choice:
    """That a colleague chose the value that is shown of a field."""

    field: str
    value: str
    by: str
    at: datetime
    act_id: UUID | None = None  # with which it was typed or merged, and ends


@dataclass(frozen=True, slots=True)
class Decided:
    """All of it, newest first."""

    merges: tuple[MergeShown, ...]
    splits: tuple[SplitShown, ...]
    choices: tuple[Choice, ...]


def decided_of(actor: Actor, person_id: UUID, *, is_known: bool = False) -> Decided:
    """What was decided about a person. Raises `NotFound` for whom the actor does not know.

    `is_known`: the caller has the id of a record that was just read for this actor.
    Merges and splits with people of whom the actor knows nothing are left out.
    """
    root = person_id if is_known else known_root(actor, person_id)
    people = under([root])[root]
    merges = list(
        Merge.objects.filter(into_id__in=people)
        .select_related("merged_by", "revoked_by")
        .order_by("-merged_at", "-pk")
    )
    splits = list(
        Split.objects.filter(person_id__in=people)
        .select_related("split_by", "revoked_by")
        .order_by("-split_at", "-pk")
    )
    others = {one.person_id for one in merges} | {one.into_id for one in splits}
    hides = bool(policy.hidden_source_ids(actor))
    told = _told(actor, root, others)
    return Decided(
        tuple(
            _merge(one, told[one.person_id])
            for one in merges
            if one.person_id in told and (not hides or knows_both(actor, one))
        ),
        tuple(_split(one, told[one.into_id]) for one in splits if one.into_id in told),
        tuple(_choices(actor, root, people)),
    )


def _told(actor: Actor, root: UUID, others: set[UUID]) -> dict[UUID, Told]:
    """What is told of those who were merged into `root` as they were, and of those who are people of their own."""
    if not others:
        return {}
    rules = ruling_of_look().shown
    inside = told_of(actor, [root], by_home=True, rules=rules)
    apart = sorted(others - inside.keys())
    outside = told_of(actor, apart, rules=rules) if apart else {}
    hides = bool(policy.hidden_source_ids(actor))  # else whoever knows the one knows the others
    return {
        person: inside[person] if person in inside else outside[person]
        for person in others
        if (person in inside or person in outside) and (not hides or knows(actor, person))
    }


def _name(told: Told) -> str:
    return golden_record(told.statements, told.addresses, rules=ruling_of_look().shown).name


def _merge(one: Merge, told: Told) -> MergeShown:
    said = Said(_of(one.merged_by), one.merged_at, _of(one.revoked_by), one.revoked_at)
    return MergeShown(
        one.pk, one.act_id, one.person_id, one.into_id, _name(told), tuple(sorted(told.addresses)),
        one.method, one.confidence, one.evidence, said,
    )  # fmt: skip


def _split(one: Split, told: Told) -> SplitShown:
    said = Said(_of(one.split_by), one.split_at, _of(one.revoked_by), one.revoked_at)
    return SplitShown(one.pk, one.person_id, one.into_id, _name(told), said)


def _choices(actor: Actor, root: UUID, people: set[UUID]) -> list[Choice]:
    """Those that count: of each field the own one, else the newest; what is not told to the actor is left out."""
    held = FieldLock.objects.filter(person_id__in=people, released_at__isnull=True).select_related(
        "locked_by"
    )
    counted: dict[str, FieldLock] = {}
    for lock in sorted(held, key=lambda one: (one.person_id == root, one.locked_at, str(one.pk))):
        if knows_homes(actor, root, [lock.person_id]):
            counted[lock.field] = lock
    if not counted:
        return []
    told = told_of(actor, [root])[root]
    return [
        Choice(lock.field, lock.value, _of(lock.locked_by), lock.locked_at, lock.act_id)
        for lock in sorted(counted.values(), key=lambda one: one.field)
        if policy.sees_field(actor, "person", known_as("person", lock.field))
        and lock.value in values_of(lock.field, told.statements, told.addresses)
    ]


def _of(staff: Any) -> str:
    return staff.name if staff else ""
