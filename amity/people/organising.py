"""Colleagues rename organisations, join those that are one, and say whose a domain is; each with its way back."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import stable_id, uuid7
from amity.kernel.purposes import forget_what_was_asked
from amity.people.deriving import derive
from amity.people.domain.folding import fold
from amity.people.models import Employer, Organisation, OrganisationDomain, OrganisationMerge, Person
from amity.people.queries.combined import keys_under, tops_of
from amity.people.queries.visibility import known_organisations, named_organisations, people_of
from amity.people.relations import known_organisation

MOST_OF_A_DOMAIN = 5_000
AT_ONCE = 1_000
_DOMAIN = re.compile(r"^(?=.{3,200}$)[^\s@.]+(\.[^\s@.]+)+$")


def rename_organisation(organisation_id: UUID, name: str, *, actor: Actor, at: datetime) -> str:
    """Call it so from now on; what sources call it leads to it as before. Gives what it was called.

    Raises `Conflict` where another one is called so: then they are one, or two that need two names.
    """
    policy.require(actor, "write", "organisation")
    known_organisation(actor, organisation_id)
    name = " ".join(name.replace("\x00", "").split())[:200]
    key = fold(name)[:200]
    if not key:
        words = _("Give it a name with a letter or a digit.")
        raise Invalid(words, fields={"name": words})
    with transaction.atomic():
        take_turn_now()
        found = known_organisation(actor, organisation_id)
        before = found.name
        _drop_names_of_our_own(found, but=key)
        if key not in keys_under([found.id]):
            _lead_here(key, name, found, actor, at)
        told = found.told_name or before
        found.name, found.told_name, found.is_ours = name, "" if name == told else told, True
        found.save(update_fields=["name", "told_name", "is_ours"])
    return before


def _lead_here(key: str, name: str, organisation: Organisation, actor: Actor, at: datetime) -> None:
    """Have the new name lead to it as well, so that it is found by it and a source that uses it means this one."""
    other = Organisation.objects.filter(key=key).first()
    if other is None:
        Organisation.objects.create(
            id=stable_id("organisation", key),
            key=key,
            name=name,
            merged_into=organisation,
            created_at=at,
            is_ours=True,
        )
        return
    top = tops_of([other.id]).get(other.id)
    if known_organisations(actor).filter(pk__in=[other.id, top]).exists():
        raise Conflict(_("There is an organisation of this name already. Merge the two, if they are one."))


def _drop_names_of_our_own(organisation: Organisation, *, but: str) -> None:
    """Names that a colleague gave it before, and that no source knows."""
    merged = OrganisationMerge.objects.filter(revoked_at__isnull=True).values("organisation_id")
    ours = Organisation.objects.filter(merged_into=organisation).exclude(pk__in=merged).exclude(key=but)
    ours.exclude(key__in=Employer.objects.values("key")).delete()


def merge_organisations(into: UUID, other: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Make `other` one with `into`, which stays; gives the merge, with which it is taken back.

    Raises `NotFound` for what the actor does not know, `Conflict` where they are one already.
    """
    policy.require(actor, "write", "organisation")
    with transaction.atomic():
        take_turn_now()
        stays, leaves = known_organisation(actor, into), known_organisation(actor, other)
        if stays.id == leaves.id:
            raise Conflict(_("These are one organisation already."))
        made = OrganisationMerge.objects.create(
            id=uuid7(at), organisation=leaves, into=stays, said_by_id=actor.staff_id, said_at=at
        )
        Organisation.objects.filter(pk=leaves.id).update(merged_into=stays)
        Person.objects.filter(organisation_id=leaves.id).update(organisation_id=stays.id)
    return made.id


def take_back_organisation_merge(merge_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Make them two again, with the people whom sources name of each; gives the one that is back."""
    policy.require(actor, "write", "organisation")
    with transaction.atomic():
        take_turn_now()
        made = OrganisationMerge.objects.filter(pk=merge_id).select_related("organisation", "into").first()
        if made is None or not _knows_both(made, actor):
            raise NotFound(_("This merge does not exist."))
        if made.revoked_at is not None:
            raise Conflict(_("This merge was taken back before."))
        made.take_back(by=actor.staff_id, at=at)
        made.save(update_fields=["revoked_by", "revoked_at"])
        Organisation.objects.filter(pk=made.organisation_id).update(merged_into=None)
        _derive(_named(keys_under([made.organisation_id])), at)
    return made.organisation_id


def _knows_both(made: OrganisationMerge, actor: Actor) -> bool:
    return named_organisations(actor).filter(pk__in=[made.organisation_id, made.into_id]).count() == 2


def _named(keys: Collection[str]) -> set[UUID]:
    """Of whom a source ever said that they are of an organisation of these names, and who writes from its domains."""
    named = Employer.objects.filter(key__in=keys).values_list("identity_id", flat=True)
    domains = OrganisationDomain.objects.filter(organisation__key__in=keys).values_list("domain", flat=True)
    return {*people_of(named).values(), *(one for domain in domains for one in people_at(domain))}


def _derive(people: Collection[UUID], at: datetime) -> None:
    listed = sorted(people)
    for start in range(0, len(listed), AT_ONCE):
        derive(listed[start : start + AT_ONCE], run_id=None, at=at)


def say_whose_domain(organisation_id: UUID, domain: str, *, is_on: bool, actor: Actor, at: datetime) -> bool:
    """Everybody who writes from `domain`, and of whom no source says otherwise, is of this organisation; or no longer.

    Gives whether it was so before. Raises `Invalid` for what is no domain or one from which all the world writes,
    `Conflict` for one that is another organisation's.
    """
    policy.require(actor, "write", "organisation")
    known_organisation(actor, organisation_id)
    domain = domain.replace("\x00", "").strip().lower().removeprefix("@")
    if not _DOMAIN.match(domain):
        words = _("Write a domain as it stands behind the @, such as roast.example.")
        raise Invalid(words, fields={"domain": words})
    with transaction.atomic():
        take_turn_now()
        found = known_organisation(actor, organisation_id)
        held = OrganisationDomain.objects.filter(pk=domain).first()
        if (
            held is not None
            and tops_of([held.organisation_id])[held.organisation_id] != found.id
            and held.is_on
        ):
            raise Conflict(_("This domain is another organisation's. Switch it off there first."))
        people = people_at(domain, MOST_OF_A_DOMAIN + 1 if is_on else None)
        if is_on and len(people) > MOST_OF_A_DOMAIN:
            words = _("More than %(most)s people write from there. It is nobody's own.")
            raise Invalid(
                words % {"most": MOST_OF_A_DOMAIN}, fields={"domain": words % {"most": MOST_OF_A_DOMAIN}}
            )
        OrganisationDomain.objects.update_or_create(
            domain=domain,
            defaults={"organisation": found, "is_on": is_on, "said_by_id": actor.staff_id, "said_at": at},
        )
        if not found.is_ours:
            found.is_ours = True
            found.save(update_fields=["is_ours"])
        _derive(people, at)
    forget_what_was_asked()
    return held is not None and held.is_on


def people_at(domain: str, most: int | None = None) -> list[UUID]:
    """Who writes from this domain, at most so many; reads all addresses, so it is for who changes something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT l.person_id FROM people_identity i JOIN people_link l ON l.identity_id = i.id "
            "AND l.revoked_at IS NULL WHERE i.network = 'email' AND NOT i.is_ours "
            "AND lower(split_part(i.address, '@', -1)) = %s LIMIT %s",
            [domain, most],
        )
        return [id for (id,) in cursor.fetchall()]
