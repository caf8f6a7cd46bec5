"""One record that is two humans: some identities become a person of their own, and may come back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.fields.json import KT
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.people import distinctions
from amity.people.models import Distinction, Link, LinkMethod, Merge, Person, Sighting, Split
from amity.people.queries.grouped import SPLIT_OFF, known_root, roots
from amity.people.queries.visibility import known_links
from amity.people.regrouping import bring_up_to_date, lead_on_or_refuse

_FURTHER = f"""
    SELECT base FROM {SPLIT_OFF} o WHERE split <> %(made)s AND home = %(into)s AND base_method <> 'staff'
"""


def split(person_id: UUID, identities: Collection[UUID], *, actor: Actor, at: datetime) -> Split:
    """Make a person of their own of these identities. Both are two people from now on, until it is taken back.

    Raises `NotFound` for whom the actor does not know, `Invalid` where an identity is not theirs, or nobody would stay.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        stays = known_root(actor, person_id)
        theirs = list(known_links(actor).filter(person_id=stays).select_related("identity"))
        leaving = [link for link in theirs if link.identity_id in set(identities)]
        if not leaving or len(leaving) != len(set(identities)):
            raise Invalid(_("Choose accounts and addresses of this person."))
        if len(leaving) == len(theirs):
            raise Invalid(_("Leave at least one account or address with this person."))
        first_seen = min(link.identity.first_seen_at for link in leaving)
        new = Person.objects.create(id=uuid7(at), first_seen_at=first_seen)
        made = Split.objects.create(
            id=uuid7(at), person_id=stays, into=new, split_by_id=actor.staff_id, split_at=at
        )
        _move(leaving, made, actor, at)
        bring_up_to_date([stays, new.id], at=at)
        distinctions.keep(stays, new.id, actor=actor, at=at)
    return made


def _move(leaving: Sequence[Link], made: Split, actor: Actor, at: datetime) -> None:
    Link.objects.filter(pk__in=[link.pk for link in leaving]).update(
        revoked_by_id=actor.staff_id, revoked_at=at
    )
    Link.objects.bulk_create(
        Link(
            id=uuid7(at), identity_id=link.identity_id, person_id=made.into_id, method=LinkMethod.STAFF,
            evidence={"split": str(made.pk), "before": str(link.pk)}, confidence=1.0,
            linked_by_id=actor.staff_id, linked_at=at,
        )
        for link in leaving
    )  # fmt: skip


def unsplit(split_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Take a split back: every link is again what it was, and what came to the new person goes along. Gives who stays.

    Raises `NotFound`, or `Conflict` where it was taken back before, or other splits have to be taken back first.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        made = Split.objects.filter(pk=split_id).first()
        if made is None:
            raise NotFound(_("This split does not exist."))
        known_root(actor, made.person_id)
        known_root(actor, made.into_id)
        if made.revoked_at is not None:
            raise Conflict(_("This split was taken back before."))
        stays = roots([made.person_id])[made.person_id]
        root = roots([made.into_id])[made.into_id]
        if _went_further(made):
            raise Conflict(_("They were split again since. Take that back first."))
        touched = _come_back(made, root, actor, at)
        made.revoked_by_id, made.revoked_at = actor.staff_id, at
        made.save(update_fields=["revoked_by", "revoked_at"])
        said = Distinction.objects.filter(
            Q(one_id=made.person_id, other_id=made.into_id) | Q(one_id=made.into_id, other_id=made.person_id)
        )
        said.filter(said_at=made.split_at, revoked_at__isnull=True).update(
            revoked_by_id=actor.staff_id, revoked_at=at
        )
        lead_on_or_refuse([root])
        bring_up_to_date([stays, root, made.into_id, *touched], at=at)
    return stays


def _went_further(made: Split) -> bool:
    """Whether accounts of this split were split off once more, for whomever they counted then."""
    theirs = Link.objects.alias(split=KT("evidence__split")).filter(split=str(made.pk))
    ended = {str(one.pk): one.identity_id for one in theirs if one.revoked_at}
    now = Link.objects.filter(identity_id__in=ended.values(), revoked_at__isnull=True)
    return any(one.evidence.get("before") in ended for one in now)


def _come_back(made: Split, root: UUID, actor: Actor, at: datetime) -> set[UUID]:
    """Give the links back to whom they belonged; gives for whom those count now. `root`: for whom they counted."""
    counted = Link.objects.filter(person_id=root, revoked_at__isnull=True)
    now = {link.identity_id: link for link in counted if (link.home_id or link.person_id) == made.into_id}
    came_from = {
        UUID(link.evidence["before"]): identity
        for identity, link in now.items()
        if link.evidence.get("split") == str(made.pk)
    }
    before = Link.objects.in_bulk(list(came_from))
    Link.objects.filter(pk__in=[now[came_from[id]].pk for id in before]).update(
        revoked_by_id=actor.staff_id, revoked_at=at
    )
    homes = {link.identity_id: _who_is(link.home_id or link.person_id) for link in before.values()}
    arrived = {identity: link for identity, link in now.items() if identity not in homes}
    further = _split_off_further(made)
    named = _named_with(homes, arrived | further, otherwise=made.person_id)
    homes |= {identity: named[identity] for identity in arrived}
    current = roots(homes.values())
    for link in (*before.values(), *arrived.values()):
        home = homes[link.identity_id]
        link.person_id, link.home_id = current[home], home if current[home] != home else None
        link.revoked_by_id = link.revoked_at = None
        link.save(update_fields=["person", "home", "revoked_by", "revoked_at"])
    for identity, link in further.items():  # they come to them once their own split is taken back
        link.home_id = named[identity]
        link.save(update_fields=["home"])
    return set(current.values())


def _split_off_further(made: Split) -> dict[UUID, Link]:
    """Of those who came to the new person since, and were split off from them: the link that this ended."""
    with connection.cursor() as cursor:
        cursor.execute(_FURTHER, {"made": made.pk, "into": made.into_id})
        ids = [id for (id,) in cursor.fetchall()]
    return {link.identity_id: link for link in Link.objects.filter(pk__in=ids)}


def _who_is(person_id: UUID) -> UUID:
    """This person, or to whom they went where a split that made them was taken back since: they are nobody any more."""
    heir = Person.objects.filter(pk=person_id, merged_into__isnull=False).values_list(
        "merged_into_id", flat=True
    )
    is_merged = Merge.objects.filter(person_id=person_id, revoked_at__isnull=True).exists()
    found = None if is_merged else heir.first()
    return _who_is(found) if found else person_id


def _named_with(
    homes: Mapping[UUID, UUID], arrived: Mapping[UUID, Link], *, otherwise: UUID
) -> dict[UUID, UUID]:
    """To whom those belong who came since: to whom the one belongs with whom a record named them first."""
    found = dict(homes)
    named = Sighting.objects.filter(Q(identity_id__in=arrived) | Q(with_id__in=arrived)).order_by("at")
    pairs = [(one.identity_id, one.with_id) for one in named if one.identity_id != one.with_id]
    for identity in sorted(arrived, key=lambda one: (arrived[one].linked_at, arrived[one].pk)):
        beside = (other for pair in pairs if identity in pair for other in pair if other in found)
        found[identity] = found[first] if (first := next(beside, None)) else otherwise
    return {identity: found[identity] for identity in arrived}
