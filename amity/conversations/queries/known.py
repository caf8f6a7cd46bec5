"""Who stands behind an identity, as far as this colleague may know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Q

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.models import Identity, Person
from amity.people.queries.visibility import shown_as


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
    rows: Iterable[tuple[Any, ...]] = (
        Identity.objects.filter(pk__in=wanted)
        .annotate(live=FilteredRelation("links", condition=Q(links__revoked_at__isnull=True)))
        .values_list("id", "network", "address", "is_ours", "live__person_id", "live__person__name")
    )
    rows = list(rows)
    names = _names(actor, {row[4] for row in rows if row[4]})
    found = {}
    for one, network, address, is_ours, person_id, person_name in rows:
        shown = address if sees_address else ""
        name = (person_name if names is None else names.get(person_id, "")) or ""
        if not sees_address and name == address:
            name = ""
        found[one] = Known(one, person_id, name or shown, network, shown, is_ours)
    return found


def _names(actor: Actor, person_ids: set[UUID]) -> dict[UUID, str] | None:
    """What these people are called as far as this actor may know; None where that is what is stored."""
    if not policy.hidden_source_ids(actor):
        return None
    shown = shown_as(actor, Person.objects.filter(pk__in=person_ids))
    return {person: golden.name for person, golden in shown.items()}
