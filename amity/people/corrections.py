"""Colleagues put values right: what they say is a fact with a source of its own, newer than what it corrects.

Nothing is typed over, so that a correction is taken back exactly: its facts go, and so does the address that it added.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from amity.activity.shaping import identity_id
from amity.channels.adapters.api.adapter import ADAPTER_NAME
from amity.channels.inlet import source_for_writing, take_turn_now
from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.copying import copy_insert
from amity.kernel.errors import Conflict, Forbidden
from amity.kernel.ids import uuid7
from amity.kernel.purposes import known_as
from amity.people.employing import note_employers
from amity.people.locks import choose, release_of_acts
from amity.people.models import Identity, Link, LinkMethod, Sighting
from amity.people.queries.locks import chosen_values
from amity.people.queries.visibility import belonging, known_links, known_people, people_of
from amity.people.regrouping import bring_up_to_date

SAID_BY = "Corrections"
"""The name of the source of what colleagues put right."""


@dataclass(frozen=True, slots=True)
class Correction:
    """That `field` of somebody should be `value`. With a `network` it is an address there, new to them.

    `told_by` are the sources that it follows from: the one of the value that is put right, or all that tell of them.
    """

    person_id: UUID
    field: str
    value: str
    network: str = ""
    told_by: frozenset[UUID] = frozenset()


def correct(corrections: Sequence[Correction], *, actor: Actor, at: datetime) -> UUID:
    """Take in what is right, all or nothing; gives the act that takes it back.

    An address that somebody else has is refused with `Conflict`: those two may be one person, which is a merge.
    """
    policy.require(actor, "write", "person")
    act = uuid7(at)
    with transaction.atomic():
        take_turn_now()
        anchors = _anchors(actor, [one.person_id for one in corrections])
        for one in corrections:
            _require_known(actor, one, anchors)
        source_of = _sources(corrections, actor, at)
        _say([one for one in corrections if not one.network], anchors, source_of, act, at)
        for one in corrections:
            if one.network:
                _add_address(one, anchors[one.person_id][1], source_of[one.told_by], act, actor, at)
        people = {one.person_id for one in corrections}
        held = _held(people)
        for one in corrections:
            if one.network == "email" or (one.person_id, one.field) in held:
                choose(one.person_id, {one.field: one.value}, actor=actor, at=at, act_id=act)
        bring_up_to_date(sorted(people), at=at)
    return act


def take_back(act_id: UUID, *, actor: Actor, at: datetime) -> list[UUID]:
    """Undo a correction; gives whom it was about. What others said since stays, so does an address that they named."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        named = {"act": act_id}
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM people_fact WHERE run_id = %(act)s RETURNING identity_id", named)
            touched = {identity for (identity,) in cursor.fetchall()}
        added = set(Sighting.objects.filter(run_id=act_id).values_list("identity_id", flat=True))
        people = set(people_of(touched | added).values())
        Sighting.objects.filter(run_id=act_id).delete()
        alone = added - set(
            Sighting.objects.filter(identity_id__in=added).values_list("identity_id", flat=True)
        )
        alone -= _in_use(alone)
        Link.objects.filter(identity_id__in=alone).delete()
        Identity.objects.filter(pk__in=alone, links__isnull=True).delete()
        release_of_acts([act_id], actor=actor, at=at)
        bring_up_to_date(sorted(people), at=at)
    return sorted(people)


def _held(people: Collection[UUID]) -> set[tuple[UUID, str]]:
    """Fields of which a colleague chose another value: what is right is chosen instead."""
    chosen = chosen_values(sorted(people))
    return {(person, field) for person, fields in chosen.items() for field, value in fields.items() if value}


Anchors = Mapping[UUID, tuple[UUID, UUID]]  # person → an identity of theirs, and to whom its link belongs


def _anchors(actor: Actor, person_ids: Sequence[UUID]) -> Anchors:
    known = set(known_people(actor).filter(pk__in=person_ids).values_list("pk", flat=True))
    links = known_links(actor).filter(person_id__in=known).order_by("-confidence", "linked_at", "id")
    first: dict[UUID, UUID] = {}
    for person, identity in links.values_list("person_id", "identity_id"):
        first.setdefault(person, identity)
    homes = belonging(first.values())
    return {person: (identity, homes[identity][0]) for person, identity in first.items()}


def _require_known(actor: Actor, one: Correction, anchors: Anchors) -> None:
    if one.person_id not in anchors:
        raise Conflict(_("Somebody merged or removed one of these people meanwhile. Look again."))
    if not policy.sees_field(actor, "person", known_as("person", one.field)):
        raise Forbidden(_("This field is not for your role."))


def _sources(corrections: Sequence[Correction], actor: Actor, at: datetime) -> Mapping[frozenset[UUID], UUID]:
    """Which source says each correction: one that exactly those see who see what it follows from.

    What only a team's source told, and is put right, must not be told to everybody by that.
    """
    named = {source for one in corrections for source in one.told_by}
    kept = {one.pk: (one.team_id, one.owner_id) for one in Source.objects.filter(pk__in=named)}
    made: dict[tuple[UUID | None, UUID | None], UUID] = {}
    found = {}
    for told_by in {one.told_by for one in corrections}:
        keepers = [kept[source] for source in sorted(told_by) if source in kept]
        keeper = (None, None) if not keepers or (None, None) in keepers else keepers[0]
        if keeper not in made:
            made[keeper] = _source_of(keeper, actor, at)
        found[told_by] = made[keeper]
    return found


def _source_of(keeper: tuple[UUID | None, UUID | None], actor: Actor, at: datetime) -> UUID:
    team, owner = keeper
    if keeper == (None, None):
        return source_for_writing(SAID_BY, actor=actor, at=at).id
    made, _made = Source.objects.get_or_create(
        key=f"corrections-{team or owner}"[:60],
        defaults={
            "name": SAID_BY,
            "adapter": ADAPTER_NAME,
            "created_at": at,
            "team_id": team,
            "owner_id": owner,
        },
    )
    return made.pk


def _say(
    corrections: Sequence[Correction],
    anchors: Anchors,
    source_of: Mapping[frozenset[UUID], UUID],
    act: UUID,
    at: datetime,
) -> None:
    copy_insert(
        "people_fact",
        ["identity_id", "field", "value", "source_id", "run_id", "observed_at"],
        [
            (anchors[one.person_id][0], one.field, one.value, source_of[one.told_by], act, at)
            for one in corrections
        ],
    )
    note_employers(
        (anchors[one.person_id][0], one.value) for one in corrections if one.field == "organisation"
    )


def _add_address(one: Correction, home: UUID, source: UUID, act: UUID, actor: Actor, at: datetime) -> None:
    identity = identity_id(Handle(one.network, one.value))
    owner = people_of([identity]).get(identity)
    if owner is not None:
        if owner == one.person_id:
            return
        raise Conflict(
            _("“%(value)s” is somebody else's already: these two may be one person.")
            % {"value": one.value[:80]}
        )
    copy_insert(
        "people_identity",
        ["id", "network", "address", "is_ours", "first_seen_at"],
        [(identity, one.network, one.value, False, at)],
    )
    copy_insert(
        "people_sighting",
        ["identity_id", "source_id", "run_id", "with_id", "at"],
        [(identity, source, act, identity, at)],
    )
    copy_insert(
        "people_link",
        ["id", "identity_id", "person_id", "home_id", "method", "evidence", "confidence", "linked_by_id", "linked_at"],
        [
            (uuid7(at), identity, one.person_id, home if home != one.person_id else None, LinkMethod.STAFF,
             Jsonb({"correction": str(act)}), 1.0, actor.staff_id, at)
        ],
    )  # fmt: skip


_IN_USE = """
    SELECT i.id FROM people_identity i WHERE i.id = ANY(%(ids)s) AND (
        EXISTS (SELECT FROM people_fact f WHERE f.identity_id = i.id)
        OR EXISTS (SELECT FROM activity_activity a WHERE a.about_id = i.id))
"""


def _in_use(identities: set[UUID]) -> set[UUID]:
    """Those of which something was said, or that said something: they stay."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_USE, {"ids": list(identities)})
        return {identity for (identity,) in cursor.fetchall()}
