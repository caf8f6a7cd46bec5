"""Colleagues, and programs in their name, say who belongs with whom, and since when; each is taken back exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import stable_id, uuid7
from amity.people.domain.folding import fold
from amity.people.domain.relations import BOTH_WAYS, ORGANISATION, PERSON, Kind, kinds_between
from amity.people.models import Organisation, OrganisationRelation, Relation
from amity.people.queries.combined import tops_of
from amity.people.queries.grouped import known_root, knows, roots
from amity.people.queries.visibility import known_organisations


@dataclass(frozen=True, slots=True)
class End:
    """One side: a person or an organisation by its id, or an organisation by its `name`, which is made where new."""

    what: str
    id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """As what, and from when until when; `until_on` itself is over."""

    words: str = ""
    from_on: date | None = None
    until_on: date | None = None

    def __post_init__(self) -> None:
        if self.from_on and self.until_on and self.until_on < self.from_on:
            words = _("It cannot end before it began.")
            raise Invalid(words, fields={"until_on": words})


def relate(
    one: End, other: End, kind: Kind, terms: Terms, *, actor: Actor, at: datetime, method: str = "staff"
) -> UUID:
    """Say that `one` is to `other` what `kind` says, and give the id with which it is changed or taken back.

    Said again of the same two for the same time, it is the same relation. Raises `NotFound` for whom the actor does not
    know, `Invalid` for a kind that there is not between the two, `Conflict` for one and the same.
    """
    policy.require(actor, "write", one.what)
    if kind not in kinds_between(one.what, other.what):
        words = _("There is no such relation between these two.")
        raise Invalid(words, fields={"kind": words})
    with transaction.atomic():
        take_turn_now()
        first, second = _end(one, actor, at), _end(other, actor, at)
        if one.what == other.what and first == second:
            raise Conflict(_("These two are one. Choose somebody else."))
        made = _made(one.what, other.what, first, second)
        made.kind, made.words, made.method = kind, terms.words[:200], method[:80]
        made.from_on, made.until_on = terms.from_on, terms.until_on
        made.said_by_id, made.said_at = actor.staff_id, at
        same = _same(made)
        if same is not None:
            return same
        made.id = uuid7(at)
        made.save(force_insert=True)
    return made.id


def _end(end: End, actor: Actor, at: datetime) -> UUID:
    if end.what == PERSON:
        if end.id is None:
            raise Invalid(_("Name the other person."), fields={"person_id": _("Name the other person.")})
        return known_root(actor, end.id)
    if end.id is not None:
        return known_organisation(actor, end.id).id
    return organisation_called(end.name, actor=actor, at=at)


def known_organisation(actor: Actor, organisation_id: UUID) -> Organisation:
    """The one for which it counts now. Raises `NotFound` for one of which the actor does not know."""
    known = known_organisations(actor)
    found = known.filter(pk=organisation_id).first()
    if found is None and (top := tops_of([organisation_id]).get(organisation_id)):
        found = known.filter(pk=top).first()
    if found is None:
        raise NotFound(_("This organisation does not exist."))
    return found


def organisation_called(name: str, *, actor: Actor, at: datetime) -> UUID:
    """The organisation of this name, made where it is new. The names of those that only hidden sources told are taken
    as anybody's words are: nothing that was told of them comes along."""
    policy.require(actor, "write", "organisation")
    name = " ".join(name.replace("\x00", "").split())[:200]
    key = fold(name)[:200]
    if not key:
        words = _("Name an organisation.")
        raise Invalid(words, fields={"organisation": words})
    made, is_new = Organisation.objects.get_or_create(
        key=key,
        defaults={"id": stable_id("organisation", key), "name": name, "created_at": at, "is_ours": True},
    )
    if not is_new and not made.is_ours and policy.hidden_source_ids(actor):
        made.is_ours = True
        made.save(update_fields=["is_ours"])
    return tops_of([made.id]).get(made.id, made.id)


def _made(one: str, other: str, first: UUID, second: UUID) -> Relation | OrganisationRelation:
    if one == ORGANISATION:
        return OrganisationRelation(organisation_id=first, other_id=second)
    if other == ORGANISATION:
        return Relation(person_id=first, organisation_id=second)
    return Relation(person_id=first, other_id=second)


def _same(made: Relation | OrganisationRelation) -> UUID | None:
    """The relation that says the same already, the other way round too where it is the same from both sides."""
    shared = {
        "kind": made.kind, "words": made.words, "from_on": made.from_on, "until_on": made.until_on,
        "revoked_at": None,
    }  # fmt: skip
    if isinstance(made, OrganisationRelation):
        rows = OrganisationRelation.objects.filter(
            organisation_id=made.organisation_id, other_id=made.other_id, **shared
        )
        return rows.values_list("pk", flat=True).first()
    said = Relation.objects.filter(organisation=made.organisation, **shared)
    found = said.filter(person_id=made.person_id, other=made.other)
    if made.kind in BOTH_WAYS and made.other_id:
        found = found | said.filter(person_id=made.other_id, other_id=made.person_id)
    return found.values_list("pk", flat=True).first()


def change_relation(relation_id: UUID, terms: Terms, *, actor: Actor, at: datetime) -> Terms:
    """Say otherwise as what, from when or until when; gives what was said before, for the way back."""
    with transaction.atomic():
        take_turn_now()
        found = known_relation(relation_id, actor)
        if found.revoked_at is not None:
            raise Conflict(_("This relation was taken back. Bring it back first."))
        before = Terms(found.words, found.from_on, found.until_on)
        found.words, found.from_on, found.until_on = terms.words[:200], terms.from_on, terms.until_on
        found.said_by_id, found.said_at = actor.staff_id, at
        found.save(update_fields=["words", "from_on", "until_on", "said_by", "said_at"])
    return before


def take_back_relation(relation_id: UUID, *, actor: Actor, at: datetime) -> None:
    """It was never so. Doing it twice is doing it once."""
    with transaction.atomic():
        take_turn_now()
        found = known_relation(relation_id, actor)
        if found.revoked_at is None:
            found.take_back(by=actor.staff_id, at=at)
            found.save(update_fields=["revoked_by", "revoked_at"])


def bring_back_relation(relation_id: UUID, *, actor: Actor) -> None:
    """It holds again as it did."""
    with transaction.atomic():
        take_turn_now()
        found = known_relation(relation_id, actor)
        found.hold_again()
        found.save(update_fields=["revoked_by", "revoked_at"])


def known_relation(relation_id: UUID, actor: Actor) -> Relation | OrganisationRelation:
    """A relation of which the actor knows both sides and may change it. Raises `NotFound` for others."""
    found: Relation | OrganisationRelation | None = Relation.objects.filter(pk=relation_id).first()
    found = found or OrganisationRelation.objects.filter(pk=relation_id).first()
    policy.require(actor, "write", ORGANISATION if isinstance(found, OrganisationRelation) else PERSON)
    if found is None or not _knows_both(found, actor):
        raise NotFound(_("This relation does not exist."))
    return found


def _knows_both(relation: Relation | OrganisationRelation, actor: Actor) -> bool:
    organisations = [one for one in (relation.organisation_id,) if one]
    people = []
    if isinstance(relation, Relation):
        people = [one for one in (relation.person_id, relation.other_id) if one]
    else:
        organisations.append(relation.other_id)
    tops = tops_of(organisations)
    known = {*known_organisations(actor).filter(pk__in=tops.values()).values_list("pk", flat=True)}
    current = roots(people)
    return all(tops.get(one) in known for one in organisations) and all(
        current.get(one) is not None and knows(actor, one) for one in people
    )
