"""Colleagues choose which of several values is shown of a person, and let it follow from what sources say again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.ids import uuid7
from amity.kernel.purposes import known_as
from amity.people.domain.survivorship import CHOOSABLE, is_choosable, values_of
from amity.people.models import FieldLock
from amity.people.queries.grouped import known_root, under
from amity.people.queries.record import PersonRecord, person_record
from amity.people.queries.visibility import told_of
from amity.people.regrouping import bring_up_to_date


def choose_values(
    person_id: UUID,
    wanted: Mapping[str, str],
    *,
    actor: Actor,
    at: datetime,
    unchanged: Callable[[PersonRecord], None] | None = None,
) -> UUID:
    """Have these values shown of a person: field → a value that is known, "" to let it follow from sources again.

    Gives the person for whom it counts. What was chosen of those who were merged into them rests while it follows from
    sources, and counts again with them alone. `unchanged` may refuse: it sees the record when nobody else writes.
    Raises `NotFound` for whom the actor does not know, `Invalid` for a value that nobody said.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        person = known_root(actor, person_id)
        if unchanged is not None:
            unchanged(person_record(actor, person))
        chosen = {field: value for field, value in wanted.items() if value}
        follows = wanted.keys() - chosen.keys()
        release(person, follows, actor=actor, at=at)
        _let_rest(person, follows, actor, at)
        choose(person, chosen, actor=actor, at=at)
        bring_up_to_date([person], at=at)
    return person


def _let_rest(person_id: UUID, fields: Collection[str], actor: Actor, at: datetime) -> None:
    """A choice of nothing stands before what was chosen of those who were merged into the person."""
    merged = under([person_id])[person_id] - {person_id}
    chosen = FieldLock.objects.filter(person_id__in=merged, field__in=list(fields), released_at__isnull=True)
    FieldLock.objects.bulk_create(
        FieldLock(
            id=uuid7(at),
            person_id=person_id,
            field=field,
            value="",
            locked_by_id=actor.staff_id,
            locked_at=at,
        )
        for field in sorted(set(chosen.values_list("field", flat=True)))
    )


def choose(
    person_id: UUID, chosen: Mapping[str, str], *, actor: Actor, at: datetime, act_id: UUID | None = None
) -> None:
    """Have these values shown: field → one of the values that the actor is told of. Raises `Invalid` for others.

    `act_id`: the merge with which the choice ends. The caller brings the record up to date.
    """
    if not chosen:
        return
    told = told_of(actor, [person_id])[person_id]
    for name, value in chosen.items():
        known = values_of(name, told.statements, told.addresses)
        is_open = is_choosable(name) and policy.sees_field(actor, "person", known_as("person", name))
        if not is_open or (not known and name not in CHOOSABLE):
            raise Invalid(_("No value can be chosen for %(field)s.") % {"field": name[:40]})
        if value not in known:
            raise Invalid(
                _("Nobody said “%(value)s” for %(field)s. Choose one of the values that are known.")
                % {"value": value[:80], "field": name}
            )
    if act_id is None:
        release(person_id, chosen, actor=actor, at=at)
    FieldLock.objects.bulk_create(
        FieldLock(
            id=uuid7(at), person_id=person_id, field=name, value=value, act_id=act_id,
            locked_by_id=actor.staff_id, locked_at=at,
        )
        for name, value in sorted(chosen.items())
    )  # fmt: skip


def release(person_id: UUID, fields: Collection[str], *, actor: Actor, at: datetime) -> int:
    """Let these fields follow from what sources say again; gives how many choices ended."""
    held = FieldLock.objects.filter(person_id=person_id, field__in=list(fields), released_at__isnull=True)
    return held.update(released_by_id=actor.staff_id, released_at=at)


def release_of_acts(act_ids: Collection[UUID], *, actor: Actor, at: datetime) -> None:
    """What was chosen with these merges ends with them; what was chosen before counts again."""
    held = FieldLock.objects.filter(act_id__in=list(act_ids), released_at__isnull=True)
    held.update(released_by_id=actor.staff_id, released_at=at)
