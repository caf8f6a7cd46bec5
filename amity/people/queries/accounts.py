"""The accounts and addresses of people, for lists that tell one from another, and what each carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.models import Fact, Link
from amity.people.queries.visibility import known_links, sees_addresses


@dataclass(frozen=True, slots=True)
class Account:
    """An identity as a list of them shows it. `address` is "" where it is not for the actor."""

    id: UUID
    network: str
    address: str


def account_of(actor: Actor, link: Link) -> Account:
    """The identity of a link that is read together with it."""
    identity = link.identity
    return Account(identity.id, identity.network, identity.address if sees_addresses(actor) else "")


def accounts_of(actor: Actor, person_ids: Sequence[UUID]) -> dict[UUID, tuple[Account, ...]]:
    """The accounts and addresses of each of these people, as far as the actor may know, first known first."""
    links = known_links(actor).filter(person_id__in=list(person_ids)).select_related("identity")
    found: dict[UUID, list[Account]] = {}
    for link in links.order_by("linked_at", "pk"):
        found.setdefault(link.person_id, []).append(account_of(actor, link))
    return {person: tuple(accounts) for person, accounts in found.items()}


def facts_of_each(actor: Actor, identity_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many values sources gave for each of these identities, as far as the actor may know of the sources."""
    facts = Fact.objects.filter(identity_id__in=list(identity_ids))
    told = facts.exclude(source_id__in=policy.hidden_source_ids(actor)).order_by()
    return dict(told.values("identity_id").annotate(n=Count("pk")).values_list("identity_id", "n"))
