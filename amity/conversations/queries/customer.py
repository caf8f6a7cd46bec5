"""Whom one talks with: the column beside a conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from amity.activity.models import Activity
from amity.channels.records import Direction
from amity.commerce.around import Purchase, purchases_around
from amity.commerce.domain.tiers import Standing
from amity.commerce.models import Order, OrderLine
from amity.commerce.queries import bought_by
from amity.commerce.standings import standings, tiers_in_force
from amity.conversations.models import Conversation, ConversationState
from amity.conversations.queries.known import Known, known
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.listening.domain.understanding import mood
from amity.people.models import Link
from amity.people.queries.record import person_record
from amity.people.queries.visibility import known_links, known_people, organisation_shown, shown_as
from amity.teamwork.models import Promise, PromiseState

MOST_IDENTITIES = 20
MOODS_SHOWN = 12
_UNPAID = ("cancelled", "refunded")


@dataclass(frozen=True, slots=True)
class Bought:
    """One line of an order."""

    name: str
    quantity: Decimal
    ordered_at: datetime
    number: str
    is_taken_back: bool


@dataclass(frozen=True, slots=True)
class Total:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Kept:
    """`kept` in time, of `settled` promises that are kept, or broken, or late."""

    kept: int
    settled: int


@dataclass(frozen=True, slots=True)
class Who:
    """The person behind a customer, as the actor may see them."""

    id: UUID
    job_title: str
    organisation: str
    city: str
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """`person` is None where the actor may not see people; then only the name is known. `scores` are the sentiments of
    what was said last, oldest first (-1 to 1)."""

    name: str
    person: Who | None
    tier: Standing | None
    currency: str
    totals: Sequence[Total]
    orders: int
    bought: Sequence[Bought]
    around: Sequence[Purchase]  # within thirty days of what was said last, nearest first
    around_at: datetime
    scores: Sequence[float]
    moods: Sequence[str]
    promises: Sequence[Promise]
    kept: Kept
    open_conversations: Sequence[Conversation]
    identities: Sequence[Known]


def customer_of(conversation: Conversation, *, actor: Actor, at: datetime) -> Customer:
    """Everything beside a conversation, each part under its own access; parts that may not be seen are empty."""
    ids = identity_ids(conversation.customer_id, actor=actor)
    who = known(ids, actor=actor)
    first = who.get(conversation.customer_id) if conversation.customer_id else None
    person = _who(first.person_id, actor) if first and first.person_id else None
    bought = bought_by(actor, ids)
    tiers = tiers_in_force()
    spoken_at = conversation.last_inbound_at or conversation.last_activity_at
    said = _last_said(ids, actor=actor)
    promises = policy.visible(Promise.objects.filter(about_id__in=ids), actor)
    return Customer(
        name=first.name if first else "",
        person=person,
        tier=standings(actor, [person.id], tiers, at, totals={person.id: bought}).get(person.id)
        if person
        else None,
        currency=tiers.currency,
        totals=[Total(one.paid.amount, one.paid.currency) for one in bought],
        orders=sum(one.orders for one in bought),
        bought=_bought(ids, actor=actor),
        around=purchases_around(actor, ids, {0: spoken_at}).get(0, []),
        around_at=spoken_at,
        scores=[score for score, _ in said],
        moods=[word for _, word in said],
        promises=_open_promises(promises),
        kept=_kept(promises, at),
        open_conversations=_others(conversation, ids, actor=actor),
        identities=[one for one in who.values() if _talks(one)] if person else [],
    )


def _who(person_id: UUID, actor: Actor) -> Who | None:
    person = known_people(actor).select_related("organisation").filter(pk=person_id).first()
    if person is None:
        return None
    golden = shown_as(actor, [person])[person.id]
    organisation = organisation_shown(actor, person, golden)
    first_seen_at = person.first_seen_at
    if policy.hidden_source_ids(actor):
        first_seen_at = person_record(actor, person_id).first_seen_at
    return Who(
        person.id, golden.job_title, organisation.name if organisation else "", golden.city, first_seen_at
    )


def identity_ids(customer_id: UUID | None, *, actor: Actor | None = None) -> list[UUID]:
    """The identities of the person behind this one, this one first; those that the actor may know of, or all."""
    if customer_id is None:
        return []
    person = Link.objects.filter(identity_id=customer_id, revoked_at__isnull=True).values("person_id")
    links = known_links(actor) if actor else Link.objects.filter(revoked_at__isnull=True)
    same = links.filter(person_id__in=person)
    others = same.exclude(identity_id=customer_id).order_by("linked_at", "id")
    return [customer_id, *others.values_list("identity_id", flat=True)[:MOST_IDENTITIES]]


def recipients(conversation: Conversation, *, actor: Actor, also: Iterable[UUID | None] = ()) -> list[Known]:
    """The identities of the customer that one may write to, the one of this conversation first, and `also` these; ours
    and mere customer numbers are none."""
    ids = list(
        dict.fromkeys([*identity_ids(conversation.customer_id, actor=actor), *(one for one in also if one)])
    )
    who = known(ids, actor=actor)
    found = [who[one] for one in ids if one in who]
    return [one for one in found if _talks(one)]


def _talks(one: Known) -> bool:
    """A customer number is known of somebody, but nobody talks through it."""
    return not one.is_ours and not one.network.startswith("customer:")


def _bought(ids: Sequence[UUID], *, actor: Actor, orders: int = 6, lines: int = 6) -> list[Bought]:
    visible = policy.visible(Order.objects.filter(buyer_id__in=ids), actor)
    newest = list(visible.order_by("-ordered_at", "-id")[:orders])
    of_order = {one.id: one for one in newest}
    rows = OrderLine.objects.filter(order_id__in=of_order).order_by("-amount", "id")
    by_time = sorted(rows, key=lambda line: of_order[line.order_id].ordered_at, reverse=True)
    return [
        Bought(
            line.name,
            line.quantity,
            of_order[line.order_id].ordered_at,
            of_order[line.order_id].number,
            of_order[line.order_id].status in _UNPAID,
        )
        for line in by_time[:lines]
    ]


def _last_said(ids: Sequence[UUID], *, actor: Actor) -> list[tuple[float, str]]:
    """One small read for each identity: a condition on all of them at once walks the index of all time."""
    visible = policy.visible(Activity.objects.all(), actor)
    parts = [_moods_about(visible, one) for one in ids]
    if not parts:
        return []
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    newest = sorted(rows, reverse=True)[:MOODS_SHOWN]
    return [(score, mood(score, confidence)) for _, score, confidence in reversed(newest)]


def _moods_about(
    visible: QuerySet[Activity], identity_id: UUID
) -> QuerySet[Activity, tuple[datetime, float, float]]:
    told = visible.filter(about_id=identity_id, direction=Direction.IN, sentiment__isnull=False)
    rows = told.order_by("-occurred_at", "-id").values_list("occurred_at", "sentiment", "confidence")
    return rows[:MOODS_SHOWN]  # type: ignore[return-value]  # neither is null after the filter


def _open_promises(promises: QuerySet[Promise]) -> list[Promise]:
    unsettled = promises.filter(state__in=(PromiseState.OPEN, PromiseState.BROKEN))
    return list(unsettled.select_related("owner").order_by("-state", "due_at", "id")[:5])


def _kept(promises: QuerySet[Promise], at: datetime) -> Kept:
    """A promise that was kept after its time counts as broken, and so does an open one whose time has passed."""
    in_time = Q(state=PromiseState.KEPT, settled_at__lte=F("due_at"))
    over = Q(state__in=(PromiseState.KEPT, PromiseState.BROKEN)) | Q(state=PromiseState.OPEN, due_at__lt=at)
    counted = promises.aggregate(kept=Count("pk", filter=in_time), settled=Count("pk", filter=over))
    return Kept(counted["kept"], counted["settled"])


def _others(conversation: Conversation, ids: Sequence[UUID], *, actor: Actor) -> list[Conversation]:
    rows = policy.visible(Conversation.objects.filter(customer_id__in=ids), actor)
    unfinished = rows.exclude(pk=conversation.id).exclude(state=ConversationState.CLOSED)
    return list(unfinished.order_by("-last_activity_at", "-id")[:5])
