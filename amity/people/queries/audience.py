"""Who listens to people, from what networks told that the actor may see; the newest telling of each account counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BigIntegerField, Case, Exists, OuterRef, QuerySet, When
from django.db.models.functions import Cast

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.audience import (
    FIELDS,
    FOLLOWERS,
    POSTS,
    REACTIONS,
    VERIFIED,
    Account,
    Reach,
    is_yes,
    number,
    reach_of,
)
from amity.people.models import Fact, Person
from amity.people.queries.record import source_names
from amity.people.queries.visibility import known_links

WIDE = 10_000
_COUNTED = Case(
    When(value__regex=r"^[0-9]{1,15}$", then=Cast("value", BigIntegerField())), output_field=BigIntegerField()
)
"""As the index `people_fact_audience` has it (migration 0019)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a source told of an account: the records from which a figure follows. `address` is "" where it is hidden."""

    identity_id: UUID
    network: str
    address: str
    field: str
    value: str
    source: str
    told_at: datetime
    counts: bool  # whether it is the newest of its field


def sees_audience(actor: Actor) -> bool:
    """Whether what networks tell of accounts is for this actor."""
    return policy.sees_field(actor, "person", known_as("person", FOLLOWERS))


def tellings_of(actor: Actor, identity_ids: Sequence[UUID]) -> list[Telling]:
    """All that was told of the audience of these accounts, newest first."""
    if not sees_audience(actor):
        return []
    sources = source_names(actor)
    shows_addresses = policy.sees_field(actor, "person", "address")
    facts = Fact.objects.filter(identity_id__in=identity_ids, field__in=FIELDS, source_id__in=list(sources))
    rows = facts.order_by("-observed_at", "-value").values_list(
        "identity_id", "identity__network", "identity__address", "field", "value", "source_id", "observed_at"
    )
    seen: set[tuple[UUID, str]] = set()
    told = []
    for identity, network, address, field, value, source, at in rows:
        counts = (identity, field) not in seen
        seen.add((identity, field))
        shown = address if shows_addresses else ""
        told.append(Telling(identity, network, shown, field, value, sources[source], at, counts))
    return told


def reach_by_identities(actor: Actor, identity_ids: Sequence[UUID]) -> Reach | None:
    """The reach of one person, of whom these are the accounts; None where no network told of followers."""
    if not sees_audience(actor):
        return None
    facts = Fact.objects.filter(identity_id__in=identity_ids, field__in=FIELDS)
    told = facts.exclude(source_id__in=policy.hidden_source_ids(actor)).order_by("-observed_at", "-value")
    rows = told.values_list("identity_id", "identity__network", "field", "value", "observed_at")
    return reach_of(_accounts(_without_sources(rows)))


def reach_of_people(actor: Actor, person_ids: Iterable[UUID]) -> Mapping[UUID, Reach]:
    """The reach of each of these people, in one query; without those of whom nobody told."""
    if not sees_audience(actor):
        return {}
    told = Fact.objects.filter(
        field__in=FIELDS,
        identity__links__person_id__in=list(person_ids),
        identity__links__revoked_at__isnull=True,
    ).exclude(source_id__in=policy.hidden_source_ids(actor))
    rows: dict[UUID, list[tuple[UUID, str, str, str, datetime]]] = defaultdict(list)
    for person, *row in told.order_by("-observed_at", "-value").values_list(
        "identity__links__person_id", "identity_id", "identity__network", "field", "value", "observed_at"
    ):
        rows[person].append(tuple(row))  # type: ignore[arg-type]  # as they are asked for
    found = {person: reach_of(_accounts(_without_sources(listed))) for person, listed in rows.items()}
    return {person: reach for person, reach in found.items() if reach is not None}


def _without_sources(rows: Iterable[tuple[UUID, str, str, str, datetime]]) -> list[Telling]:
    """Identity, network, field, value and when, newest first, as what a figure needs of them."""
    seen: set[tuple[UUID, str]] = set()
    told = []
    for identity, network, field, value, at in rows:
        counts = (identity, field) not in seen
        seen.add((identity, field))
        told.append(Telling(identity, network, "", field, value, "", at, counts))
    return told


def _accounts(told: Iterable[Telling]) -> list[Account]:
    newest: dict[UUID, dict[str, Telling]] = defaultdict(dict)
    for one in told:
        if one.counts:
            newest[one.identity_id][one.field] = one
    return [_account(list(fields.values())) for fields in newest.values()]


def _account(told: Sequence[Telling]) -> Account:
    by = {one.field: one for one in told}
    followers = number(by[FOLLOWERS].value) if FOLLOWERS in by else None
    return Account(
        told[0].network,
        followers or 0,
        number(by[POSTS].value) if POSTS in by else None,
        number(by[REACTIONS].value) if REACTIONS in by else None,
        VERIFIED in by and is_yes(by[VERIFIED].value),
        by[FOLLOWERS].told_at if followers is not None else None,
    )


def reaching(actor: Actor, people: QuerySet[Person], least: int = WIDE) -> QuerySet[Person]:
    """Those of whom one account alone has so many followers, by the newest telling."""
    if not sees_audience(actor):
        return people.none()
    hidden = policy.hidden_source_ids(actor)
    told = Fact.objects.filter(field=FOLLOWERS).exclude(source_id__in=hidden)
    newer = told.filter(identity_id=OuterRef("identity_id"), observed_at__gt=OuterRef("observed_at"))
    wide = told.annotate(n=_COUNTED).filter(~Exists(newer), n__gte=least)
    links = known_links(actor).filter(identity_id__in=wide.values("identity_id"))
    return people.filter(pk__in=links.values("person_id"))
