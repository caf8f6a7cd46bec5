"""Who stands behind an identity, as far as this colleague may know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import FilteredRelation, Q

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.models import Identity


@dataclass(frozen=True, slots=True)
class Known:
    """`name` is the person's, else the address; "" where neither may be shown. `address` is "" where it is hidden."""

    identity_id: UUID
    person_id: UUID | None
    name: str
    network: str
    address: str
    is_ours: bool


def known(identity_ids: Iterable[UUID | None], *, actor: Actor) -> dict[UUID, Known]:
    """By identity id, in one query. Call it only with identities of records that the actor may see."""
    wanted = {one for one in identity_ids if one is not None}
    if not wanted:
        return {}
    sees_address = policy.sees_field(actor, "person", "address")
    rows = (
        Identity.objects.filter(pk__in=wanted)
        .annotate(live=FilteredRelation("links", condition=Q(links__revoked_at__isnull=True)))
        .values_list("id", "network", "address", "is_ours", "live__person_id", "live__person__name")
    )
    found = {}
    for one, network, address, is_ours, person_id, person_name in rows:
        shown = address if sees_address else ""
        name = person_name or ""
        if not sees_address and name == address:
            name = ""
        found[one] = Known(one, person_id, name or shown, network, shown, is_ours)
    return found
