"""Addresses, numbers and accounts that colleagues add to a person, describe, and take away again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.activity.models import Activity
from amity.activity.shaping import identity_id
from amity.channels.adapters.file.values import normalise_address
from amity.channels.inlet import take_turn_now
from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.people.by_hand import hand_source
from amity.people.models import USE, VERIFIED, Fact, Link, Sighting
from amity.people.queries.grouped import known_root, roots
from amity.people.queries.record import PersonRecord, person_record
from amity.people.queries.telling import typed_sources
from amity.people.queries.visibility import known_links, sees_addresses
from amity.people.regrouping import bring_up_to_date
from amity.people.services import anchor_of, change_person

NETWORKS = (
    "email", "phone", "twitter", "mastodon", "bluesky", "instagram", "facebook", "linkedin", "telegram",
)  # fmt: skip
USES = ("work", "private", "other")
WAYS = ("told", "answered", "document")
"""How somebody made sure that an address is theirs: they told us, answered there, or it stood on a document."""


def add_address(
    person_id: UUID, network: str, address: str, *, use: str, verified: str, actor: Actor, at: datetime
) -> UUID:
    """Add an address, number or account to a person. Gives its identity.

    Raises `Invalid` (`fields`) for what is no address there, `Conflict` where it is somebody else's.
    """
    _require(actor)
    if network not in NETWORKS:
        raise _invalid("network", _("Choose what it is."))
    plain = normalise_address(network, address.replace("\x00", ""))
    if not plain or len(plain) > 320:
        raise _invalid(
            "address",
            {
                "email": _("This is no e-mail address. Write it like hanna@example.org."),
                "phone": _("This is no phone number. Write it like +49 341 123456."),
            }.get(network, _("This is no account name.")),
        )
    _check(use, verified)
    identity = identity_id(Handle(network, plain))
    record = person_record(actor, person_id)
    if identity in record.identity_ids:
        raise _invalid("address", _("This is known of them already."))
    with transaction.atomic():
        source = hand_source(anchor_of(person_id, record), actor=actor, at=at)
        said = {"facts": {}, "identities": [{"network": network, "address": plain}]}
        change_person(record.id, said, actor=actor, at=at, program="", source=source)
        Link.objects.filter(identity_id=identity, revoked_at__isnull=True, linked_by__isnull=True).update(
            linked_by_id=actor.staff_id
        )
        _describe(identity, {USE: use, VERIFIED: verified}, source, actor, at)
    return identity


def describe_address(
    person_id: UUID, identity: UUID, *, use: str, verified: str, actor: Actor, at: datetime
) -> dict[str, str]:
    """Say what an address is for and how somebody made sure that it is theirs, "" for neither. Gives what was said."""
    _require(actor)
    _check(use, verified)
    with transaction.atomic():
        take_turn_now()
        record = person_record(actor, person_id)
        known = next((one for one in record.identities if one.id == identity), None)
        if known is None:
            raise NotFound(_("This address is not theirs any more."))
        source = hand_source(identity, actor=actor, at=at)
        _describe(identity, {USE: use, VERIFIED: verified}, source, actor, at)
    return {"use": known.use, "verified": known.verified.value if known.verified else ""}


def _describe(identity: UUID, said: Mapping[str, str], source: Source, actor: Actor, at: datetime) -> None:
    typed = Fact.objects.filter(
        identity_id=identity, field__in=list(said), said_by__isnull=False, run_id__isnull=True
    )
    typed.exclude(source_id__in=policy.hidden_source_ids(actor)).delete()
    Fact.objects.bulk_create(
        Fact(
            identity_id=identity, field=field, value=value, source_id=source.id, observed_at=at,
            said_by_id=actor.staff_id,
        )
        for field, value in said.items()
        if value
    )  # fmt: skip


def remove_address(person_id: UUID, identity: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Take away an address that only colleagues named, and from which nobody wrote. Gives the link that ended.

    Raises `Invalid` where more is known of it: then it belongs to somebody, and is split off.
    """
    _require(actor)
    with transaction.atomic():
        take_turn_now()
        person = known_root(actor, person_id)
        links = {one.identity_id: one for one in known_links(actor).filter(person_id=person)}
        if identity not in links:
            raise NotFound(_("This address is not theirs any more."))
        if len(links) == 1:
            raise Invalid(_("It is all by which they are known. Add another first."))
        if not only_typed([identity]):
            raise Invalid(
                _("A source knows this address too. Split it off: then it is somebody of their own.")
            )
        ended = links[identity]
        Link.objects.filter(pk=ended.pk).update(revoked_at=at, revoked_by_id=actor.staff_id)
        bring_up_to_date([person], at=at)
    return ended.pk


def put_address_back(person_id: UUID, link_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """Give a person back the address of a link that was taken away. Raises `Conflict` where it is somebody else's."""
    _require(actor)
    with transaction.atomic():
        take_turn_now()
        person = known_root(actor, person_id)
        ended = Link.objects.filter(pk=link_id, revoked_at__isnull=False).first()
        home = (ended.home_id or ended.person_id) if ended else None
        # They may have been merged since, or the merge taken back: it goes to whoever it was named of.
        if (
            ended is None
            or not home
            or roots([home]).get(home) != person
            or not only_typed([ended.identity_id])
        ):
            raise NotFound(_("This address is not theirs any more."))
        if Link.objects.filter(identity_id=ended.identity_id, revoked_at__isnull=True).exists():
            raise Conflict(_("It belongs to somebody meanwhile."))
        Link.objects.filter(pk=ended.pk).update(
            revoked_at=None, revoked_by=None, person_id=person, home_id=None if home == person else home
        )
        bring_up_to_date([person], at=at)
    return person


def only_typed(identities: list[UUID]) -> bool:
    """Whether nobody but colleagues, by hand, named these, and nothing was said or bought there."""
    seen = Sighting.objects.filter(identity_id__in=identities)
    return (
        not seen.exclude(source_id__in=typed_sources().values("pk")).exists()
        and seen.exists()
        and not Activity.objects.filter(about_id__in=identities).exists()
    )


def others_with(actor: Actor, network: str, address: str) -> PersonRecord | None:
    """Whose address this is, where the actor may know: for the word beside a refusal."""
    plain = normalise_address(network, address)
    link = (
        known_links(actor).filter(identity_id=identity_id(Handle(network, plain))).first() if plain else None
    )
    if link is None or not sees_addresses(actor):
        return None
    try:
        return person_record(actor, link.person_id)
    except NotFound:
        return None


def _require(actor: Actor) -> None:
    policy.require(actor, "write", "person")
    if not sees_addresses(actor):
        raise Forbidden(_("Your role does not allow this. Ask an administrator for it."), field="address")


def _check(use: str, verified: str) -> None:
    if use and use not in USES:
        raise _invalid("use", _("Choose what it is for."))
    if verified and verified not in WAYS:
        raise _invalid("verified", _("Choose how you made sure."))


def _invalid(field: str, words: str) -> Invalid:
    return Invalid(words, fields={field: words})
