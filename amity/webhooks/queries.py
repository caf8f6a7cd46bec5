"""Webhooks as their screens show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from amity.channels.models import Item
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor
from amity.webhooks.domain.delivering import DISABLE_AFTER
from amity.webhooks.kinds import known_subject
from amity.webhooks.models import Attempt, Delivery, DeliveryState, Endpoint, EndpointState, Inlet, OffWhy

PAGE = 30


@dataclass(frozen=True, slots=True)
class ListedEndpoint:
    """An endpoint with what waits for it and what failed in the last week, as far as the actor may know of it.

    `standing`: off, failing, resting, on.
    """

    endpoint: Endpoint
    waiting: int
    failed: int
    standing: str


def endpoints(actor: Actor, at: datetime) -> list[ListedEndpoint]:
    """All that the actor may know of, oldest first."""
    policy.require(actor, "read", "webhook")
    waiting = Q(state=DeliveryState.WAITING)
    failed = Q(state=DeliveryState.FAILED, created_at__gte=at - timedelta(days=7))
    counted = deliveries_known_to(actor).filter(waiting | failed).values("endpoint_id")
    rows = counted.annotate(waiting=Count("pk", filter=waiting), failed=Count("pk", filter=failed))
    of = {row["endpoint_id"]: (row["waiting"], row["failed"]) for row in rows}
    found = Endpoint.objects.visible_to(actor).select_related("owner")
    return [ListedEndpoint(one, *of.get(one.pk, (0, 0)), standing(one, at)) for one in found]


def deliveries_known_to(actor: Actor) -> QuerySet[Delivery]:
    """Those of events that the actor may know of now, whoever has the endpoint. The start of every read of the log.

    An endpoint hears what its owner may know; who reads its log may know less.
    """
    return Delivery.objects.alias(known=known_subject(actor, "event")).filter(known__isnull=False)


def given_up_count(actor: Actor) -> int:
    """How many Amity has switched off by itself; 0 for those who may not know of them, without asking the database."""
    if not policy.may(actor, "read", "webhook"):
        return 0
    given_up = Q(state=EndpointState.OFF) & ~Q(off_why=OffWhy.BY_HAND)
    return Endpoint.objects.visible_to(actor).filter(given_up).count()


def standing(endpoint: Endpoint, at: datetime) -> str:
    """How it does in one word, for whoever draws it."""
    if endpoint.state == EndpointState.OFF:
        return "off"
    if endpoint.failures:
        return "failing"
    return "resting" if endpoint.resting_until and endpoint.resting_until > at else "on"


def endpoint(endpoint_id: UUID, actor: Actor) -> Endpoint:
    """One of them. Raises `NotFound`, also for those who may not know of it."""
    policy.require(actor, "read", "webhook")
    found = Endpoint.objects.visible_to(actor).filter(pk=endpoint_id).select_related("owner").first()
    if found is None:
        raise NotFound(_("This webhook does not exist."))
    return found


def off_at(endpoint: Endpoint) -> datetime | None:
    """When one that fails will be switched off."""
    return endpoint.failing_since + DISABLE_AFTER if endpoint.failing_since else None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Deliveries, newest first; `older` is where the next page begins."""

    deliveries: Sequence[Delivery]
    older: Cursor | None


def log(
    endpoint: Endpoint, actor: Actor, *, state: str = "", before: Cursor | None = None, limit: int = PAGE
) -> LogPage:
    """What was sent, or not, of what the actor may know. Each has `last_status`, `last_outcome` of its latest try."""
    latest = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-id")
    found = deliveries_known_to(actor).filter(endpoint=endpoint).select_related("event")
    if state in set(DeliveryState):
        found = found.filter(state=state)
    if before:
        found = found.filter(Q(created_at__lt=before.at) | Q(created_at=before.at, id__lt=before.id))
    rows = list(
        found.annotate(
            last_status=Subquery(latest.values("status")[:1]),
            last_outcome=Subquery(latest.values("outcome")[:1]),
        ).order_by("-created_at", "-id")[: limit + 1]
    )
    more = rows[limit - 1] if len(rows) > limit else None
    return LogPage(rows[:limit], Cursor(more.created_at, more.id) if more else None)


def delivery(delivery_id: UUID, actor: Actor) -> Delivery:
    """One delivery with its endpoint and event. Raises `NotFound`, also for those who may not know of the event."""
    policy.require(actor, "read", "webhook")
    visible = Endpoint.objects.visible_to(actor)
    found = (
        deliveries_known_to(actor)
        .filter(pk=delivery_id, endpoint__in=visible)
        .select_related("event", "endpoint__owner")
        .first()
    )
    if found is None:
        raise NotFound(_("This delivery does not exist."))
    return found


def inlets(actor: Actor) -> list[Inlet]:
    """Addresses of ours, oldest first."""
    policy.require(actor, "read", "webhook")
    return list(Inlet.objects.visible_to(actor).select_related("source"))


def inlet(inlet_id: UUID, actor: Actor) -> Inlet:
    """One of them. Raises `NotFound`."""
    policy.require(actor, "read", "webhook")
    found: Inlet | None = Inlet.objects.visible_to(actor).filter(pk=inlet_id).select_related("source").first()
    if found is None:
        raise NotFound(_("This webhook does not exist."))
    return found


def latest_items(inlet: Inlet) -> list[Item]:
    """What came in last, with why it could not be read if so."""
    return list(Item.objects.filter(source=inlet.source).defer("raw").order_by("-received_at", "-id")[:20])
