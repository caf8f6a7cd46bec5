"""What programs and colleagues say of people, taken in as facts with a source: nothing is ever typed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.activity.shaping import identity_id
from amity.channels.adapters import RawItem
from amity.channels.adapters.api.adapter import PERSON, handles_of, raw_item
from amity.channels.inlet import (
    key_of_program,
    require_readable,
    source_for_writing,
    take_in,
    take_in_together,
    take_turn_now,
)
from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel import audit, policy
from amity.kernel.acting import bulk
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict
from amity.kernel.pipeline import Batch
from amity.people.custom_facts import with_custom_facts
from amity.people.models import Identity
from amity.people.queries.grouped import under
from amity.people.queries.record import PersonRecord, person_record
from amity.people.queries.visibility import belonging, known_people, people_of
from amity.people.stages import FOUNDED, PERSON_OF


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whose record it became, and whether the actor knew of this person before."""

    person_id: UUID
    is_new: bool


def record_person(said: Mapping[str, Any], *, actor: Actor, at: datetime, program: str) -> Recorded:
    """Take in what a program says of a person: somebody new, or more about whom one of the handles names.

    `said` holds `external_id`, `identities` (network, address, name), `facts`, `custom` (of the company's own fields)
    and `observed_at` (ISO 8601; default: now). It is one raw item of the source of `program`. Raises `Invalid` where
    it names nobody.
    """
    policy.require(actor, "write", "person")
    key = key_of_program(program)
    raw = raw_item(1, PERSON, {"observed_at": at.isoformat()} | with_custom_facts(said, actor=actor))
    require_readable(raw, key, actor)
    look = looking_at(key, actor)
    return take_in_together(
        ("person", key, actor),
        lambda: source_for_writing(program, actor=actor, at=at),
        raw, at=at, look=look, around=look.told_once,
    )  # fmt: skip


def identity_ids(raw: RawItem, source_key: str) -> list[UUID]:
    """The identities that an item of a person names, strongest first."""
    return [identity_id(handle) for handle in handles_of(json.loads(raw.raw), source_key)]


class looking_at:  # noqa: N801  # used like a function
    """Says after a walk whose record each item became, and whether the actor knew of them before.

    `named`: the identities that each item names, where somebody has read them already.
    """

    def __init__(self, source_key: str, actor: Actor, named: Sequence[Sequence[UUID]] | None = None) -> None:
        self.source_key, self.actor, self._named = source_key, actor, named
        self.unknown: set[UUID] = set()
        self._outcomes: list[Recorded] = []

    def named(self, raws: Sequence[RawItem]) -> Sequence[Sequence[UUID]]:
        return self._named or [identity_ids(raw, self.source_key) for raw in raws]

    @contextmanager
    def told_once(self, raws: Sequence[RawItem]) -> Iterator[None]:
        """Around a walk. Somebody new is one entry of the trail: a row has eight, one for each part of the record.

        What is said of somebody who is there, or twice in one walk, changes rows that have a past: the triggers write
        that down.
        """
        named = [identity for ids in self.named(raws) for identity in set(ids)]
        with bulk():
            take_turn_now()
            there = set(people_of(named).values())
            is_first = not there and len(named) == len(set(named))
            if is_first:
                yield
        if not is_first:
            self._note_unknown(there)
            yield
            return
        told = [(one.person_id, _as_told(raw)) for raw, one in zip(raws, self._outcomes, strict=True)]
        audit.record_many("added", told, actor=self.actor, at=self._at, subject="person")

    def _note_unknown(self, there: set[UUID]) -> None:
        """Who is there, but new to this actor, because only another team knows them."""
        if policy.hidden_source_ids(self.actor):
            known = known_people(self.actor).filter(pk__in=there).values_list("pk", flat=True)
            self.unknown = there - set(known)

    def __call__(self, batch: Batch, raws: Sequence[RawItem]) -> list[Recorded]:
        named = self.named(raws)
        person_of = batch.get(PERSON_OF)
        missing = {identity for ids in named for identity in ids} - person_of.keys()
        person_of = person_of | people_of(missing) if missing else person_of
        founded = batch.get(FOUNDED) | self.unknown
        outcomes = []
        for ids in named:
            person = next(person_of[identity] for identity in ids if identity in person_of)
            outcomes.append(Recorded(person, person in founded))
            founded.discard(person)  # who comes second in one batch adds to them
        self._outcomes, self._at = outcomes, batch.at
        return outcomes


def _as_told(raw: RawItem) -> dict[str, str]:
    """What an item says of somebody, for the trail: field → value.

    A fact may be called like one of the other two: then it stands under a name that no fact can have.
    """
    said = json.loads(raw.raw)
    handles = [f"{one['network']} {one['address']}" for one in said.get("identities") or ()]
    own = {"external_id": said.get("external_id") or "", "identities": ", ".join(handles)}
    facts = {
        f"facts.{name}" if name in own else name: value for name, value in (said.get("facts") or {}).items()
    }
    return {name: value for name, value in own.items() if value} | facts


def change_person(
    person_id: UUID,
    said: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    program: str,
    unchanged: Callable[[PersonRecord], None] | None = None,
    source: Source | None = None,
) -> None:
    """Take in more about a person: `facts` and `custom` that are so from now on, and further `identities` of theirs,
    as told by `program` or else by `source`.

    `unchanged` may refuse: it sees the record in the turn of this change, when nobody else writes. A handle that is
    another person's is refused with `Conflict`: joining two people is a merge, which somebody decides.
    """
    policy.require(actor, "write", "person")
    said = with_custom_facts(said, actor=actor)
    before = person_record(actor, person_id)
    source = source or source_for_writing(program, actor=actor, at=at)
    anchor = Identity.objects.get(pk=anchor_of(person_id, before))
    first = Handle(anchor.network, anchor.address)
    raw = raw_item(
        1, PERSON, {"observed_at": at.isoformat(), "known_as": [first.network, first.address]} | dict(said)
    )
    require_readable(raw, source.key, actor)
    with transaction.atomic():
        take_turn_now()
        if unchanged is not None:
            unchanged(person_record(actor, person_id))
        others = set(people_of(identity_ids(raw, source.key)).values()) - {before.id}
        if others:
            raise Conflict(_("One of these handles belongs to somebody else already."))
        take_in(source, [raw], at=at, look=looking_at(source.key, actor))


def anchor_of(person_id: UUID, record: PersonRecord) -> UUID:
    """The identity of which it is said: one of the person who was named, also where they were merged into another."""
    if person_id == record.id:
        return record.identity_ids[0]
    homes = under([person_id])[person_id]
    belongs = belonging(record.identity_ids)
    return next((one for one in record.identity_ids if belongs[one][0] in homes), record.identity_ids[0])
