"""Values are put right, one by one or many at once, and a repair is taken back as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels.adapters.file.values import normalise_address
from amity.kernel import audit, policy
from amity.kernel.acting import bulk
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.people.corrections import Correction, correct, take_back
from amity.people.queries.visibility import known_people
from amity.quality.domain.fields import Field, Problem
from amity.quality.looking import refresh
from amity.quality.models import Repair
from amity.quality.queries.counting import Sight
from amity.quality.queries.known import fields_for
from amity.quality.queries.records import WRITABLE, Bad, Wanted, walk_bad
from amity.quality.queries.told import told_of_people

MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Repaired:
    """The repair, and how many could not be put right with it."""

    repair: Repair | None
    left: int = 0


def put_right(person_id: UUID, field: str, value: str, *, actor: Actor, at: datetime) -> Repair:
    """Say what a field of somebody is. Raises `Invalid` for a value that breaks the rule of the field, `NotFound` for
    whom the actor does not know, `Conflict` for an address of somebody else."""
    policy.require(actor, "write", "person")
    if not known_people(actor).filter(pk=person_id).exists():
        raise NotFound(_("This person does not exist, or is not for you."))
    one = next((one for one in fields_for(actor, at) if one.key == field and field in WRITABLE), None)
    if one is None:
        raise Invalid(_("This field cannot be put right here."), fields={"field": field[:60]})
    right = _as_kept(one, value)
    hidden = policy.hidden_source_ids(actor)
    told = told_of_people([person_id], hidden)[person_id]
    return _apply(one, [Bad(person_id, "", right, told_by=frozenset(map(UUID, told.sources)))], actor, at)


def _as_kept(one: Field, value: str) -> str:
    tidy = " ".join(value.replace("\x00", "").split())[:320]
    if one.network:
        tidy = normalise_address(one.network, tidy) or tidy
    if not tidy or one.check(tidy):
        suggested = one.suggest(tidy) if tidy else None
        if suggested is None or one.check(suggested.value):
            raise Invalid(
                _("“%(value)s” breaks the rule of this field.") % {"value": value[:80]},
                fields={"value": _("Write it as the rule of the field says.")},
            )
        tidy = suggested.value
    return tidy


def put_right_all(wanted: Wanted, *, actor: Actor, at: datetime, most: int = MOST_AT_ONCE) -> Repaired:
    """Apply every safe suggestion for the values that are not valid, at most so many at once."""
    policy.require(actor, "write", "person")
    if wanted.problem is not Problem.INVALID:
        raise Invalid(_("There is nothing to suggest here."))
    sight = Sight(actor, at)
    found: list[Bad] = []
    taken: set[str] = set()
    left = 0
    for one in walk_bad(sight, wanted, sight.count(wanted.key)):
        is_safe = one.suggestion is not None and one.suggestion.is_safe
        if not is_safe or one.suggestion is None or one.suggestion.value in taken or len(found) >= most:
            left += 1
            continue
        if wanted.field.network:
            taken.add(one.suggestion.value)  # an address is of one person
        found.append(Bad(one.person_id, one.name, one.suggestion.value, told_by=one.told_by))
    if not found:
        return Repaired(None, left)
    return Repaired(_apply(wanted.field, found, actor, at), left)


def _apply(one: Field, right: Sequence[Bad], actor: Actor, at: datetime) -> Repair:
    corrections = [
        Correction(each.person_id, one.key, each.value, one.network, each.told_by) for each in right
    ]
    with transaction.atomic():
        with bulk():  # a repair of thousands is an entry for each of them, not for each row
            act = correct(corrections, actor=actor, at=at)
            refresh([each.person_id for each in right], at=at)
        made = Repair.objects.create(id=act, field=one.key, people=len(right), by_id=actor.staff_id, at=at)
        told = [(each.person_id, {one.key: each.value}) for each in right]
        audit.record_many("person.corrected", told, actor=actor, at=at, subject="person")
    return made


def withdraw(repair_id: UUID, *, actor: Actor, at: datetime) -> Repair:
    """Take a repair back. One's own, or anybody's for who may change settings."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        made = Repair.objects.select_for_update().filter(pk=repair_id).first()
        if made is None or not (made.by_id == actor.staff_id or policy.may(actor, "write", "settings")):
            raise NotFound(_("This repair does not exist, or is not yours."))
        if made.withdrawn_at is not None:
            raise Conflict(_("This was taken back before."))
        with bulk():
            people = take_back(made.pk, actor=actor, at=at)
            refresh(people, at=at)
        made.withdrawn_at = at
        made.save(update_fields=["withdrawn_at"])
        told = [(person, {made.field: ""}) for person in people]
        audit.record_many("person.correction_withdrawn", told, actor=actor, at=at, subject="person")
    return made
