"""What taking a merge back would give: who is a person again, what goes with them, and what came in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, NotFound
from amity.people.domain.survivorship import golden_record
from amity.people.models import Link, Merge
from amity.people.queries.accounts import Account, account_of
from amity.people.queries.grouped import knows_both, roots, under
from amity.people.queries.ruling import ruling_of_look
from amity.people.queries.telling import Told
from amity.people.queries.visibility import known_links, told_of


@dataclass(frozen=True, slots=True)
class Arrival:
    """An account that came after the merge. `goes` tells whether a record named it with the one who leaves."""

    account: Account
    at: datetime
    goes: bool


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two as they would be. `accounts` hold what came in between, by what the records say."""

    id: UUID
    name: str
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class ComingApart:
    """One merge taken back: `back` is a person again, and leaves `stays`, for whom both count now."""

    merge_id: UUID
    back: Half
    stays: Half
    arrived: tuple[Arrival, ...]
    by: str
    at: datetime


def coming_apart(actor: Actor, id: UUID) -> list[ComingApart]:
    """The merges that hold of this id, which is that of a merge or of an act.

    Raises `NotFound` for what the actor does not know, `Conflict` where all of it was taken back before.
    """
    rows = Merge.objects.filter(Q(pk=id) | Q(act_id=id)).select_related("merged_by")
    found = [one for one in rows.order_by("-merged_at", "-pk") if knows_both(actor, one)]
    if not found:
        raise NotFound(_("This merge does not exist."))
    holding = [one for one in found if one.revoked_at is None]
    if not holding:
        raise Conflict(_("This merge was taken back before."))
    return [_one(actor, merge) for merge in holding]


def _one(actor: Actor, merge: Merge) -> ComingApart:
    root, homes = roots([merge.person_id])[merge.person_id], under([merge.person_id])[merge.person_id]
    links = known_links(actor).filter(person_id=root).select_related("identity").order_by("linked_at", "pk")
    sides: dict[bool, list[Account]] = {True: [], False: []}
    arrived = []
    for link in links:
        goes, account = _home(link) in homes, account_of(actor, link)
        sides[goes].append(account)
        if link.came_at > merge.merged_at and _home(link) in (merge.person_id, merge.into_id):
            arrived.append(Arrival(account, link.came_at, goes))
    told = told_of(actor, [root], by_home=True, rules=ruling_of_look().shown)
    return ComingApart(
        merge.pk,
        Half(merge.person_id, _name(one for home, one in told.items() if home in homes), tuple(sides[True])),
        Half(root, _name(one for home, one in told.items() if home not in homes), tuple(sides[False])),
        tuple(arrived),
        merge.merged_by.name if merge.merged_by else "",
        merge.merged_at,
    )


def _home(link: Link) -> UUID:
    return link.home_id or link.person_id


def _name(told: Iterable[Told]) -> str:
    parts = list(told)
    addresses = {pair for one in parts for pair in one.addresses}
    said = [said for one in parts for said in one.statements]
    return golden_record(said, addresses, rules=ruling_of_look().shown).name
