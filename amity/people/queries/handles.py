"""Accounts, addresses and numbers, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from amity.activity.shaping import identity_id
from amity.channels.adapters.api.adapter import handles_of
from amity.channels.records import Unreadable
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.people.queries.visibility import known_links, known_people, sees_addresses


@dataclass(frozen=True, slots=True)
class ListedHandle:
    """`address` is "" where it is hidden from the actor."""

    id: UUID
    network: str
    address: str
    person_id: UUID


def list_handles(
    actor: Actor,
    *,
    network: str = "",
    address: str = "",
    person_id: UUID | None = None,
    after: UUID | None = None,
    limit: int,
) -> list[ListedHandle]:
    """Handles by their id. Raises `Invalid` for who asks by an address that is hidden from them."""
    policy.require(actor, "read", "person")
    links = known_links(actor).filter(person__in=known_people(actor)).order_by("identity_id")
    if address:
        links = links.filter(identity_id=_named(actor, network, address))
    elif network:
        links = links.filter(identity__network=network)
    if person_id is not None:
        links = links.filter(person_id=person_id)
    if after is not None:
        links = links.filter(identity_id__gt=after)
    shows = sees_addresses(actor)
    rows = links.values_list("identity_id", "identity__network", "identity__address", "person_id")[:limit]
    return [ListedHandle(id, of, where if shows else "", person) for id, of, where, person in rows]


def _named(actor: Actor, network: str, address: str) -> UUID:
    if not sees_addresses(actor):
        words = _("Addresses are hidden from your role.")
        raise Invalid(words, fields={"address": words})
    if not network:
        words = _("Name the network too, such as email.")
        raise Invalid(words, fields={"network": words})
    try:
        (handle,) = handles_of({"identities": [{"network": network, "address": address}]}, "")
    except Unreadable as error:
        raise Invalid(error.reason, fields={"address": error.reason}) from error
    return identity_id(handle)
