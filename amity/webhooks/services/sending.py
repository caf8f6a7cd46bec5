"""Deliveries: claimed, tried, settled, sent again. What goes over the wire is the courier's."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.live import announce
from amity.kernel.models import Staff
from amity.webhooks.domain import signing
from amity.webhooks.domain.delivering import (
    Attempted,
    Outcome,
    is_to_be_disabled,
    next_attempt,
    rest_until,
)
from amity.webhooks.kinds import TEST, Happening, is_known_to
from amity.webhooks.models import (
    DELIVERY_LIFE,
    Attempt,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    Event,
    OffWhy,
)
from amity.webhooks.queries import deliveries_known_to
from amity.webhooks.services.endpoints import keys_of, locked, switch_off
from amity.webhooks.services.telling import tell

LEASE = timedelta(seconds=60)
MOST_RESPONSE = 2_000
KEPT_FOR = timedelta(days=30)

_DUE = """
    SELECT e.id FROM webhooks_endpoint e
    WHERE e.state = 'on' AND (e.resting_until IS NULL OR e.resting_until <= %(at)s) AND EXISTS (
        SELECT 1 FROM webhooks_delivery d
        WHERE d.endpoint_id = e.id AND d.state = 'waiting' AND d.next_at <= %(at)s)
    ORDER BY e.failures, e.id
"""
_CLAIM = """
    UPDATE webhooks_delivery SET next_at = %s WHERE id IN (
        SELECT id FROM webhooks_delivery WHERE endpoint_id = %s AND state = 'waiting' AND next_at <= %s
        ORDER BY next_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery that is ready to go: nothing of the database is needed to send it."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    headers: Mapping[str, str]
    body: bytes


def due_endpoints(at: datetime) -> list[UUID]:
    """Endpoints that something waits for now, those that are well first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"at": at})
        return [id for (id,) in cursor.fetchall()]


def claim(
    endpoint_id: UUID, *, most: int, most_when_failing: int, at: datetime, lease: timedelta = LEASE
) -> list[Parcel]:
    """Take up to `most` waiting deliveries of an endpoint, oldest first; after `lease` they are due again.

    What the endpoint's owner may not know is withheld here, as things stand now, and leaves the log: others read it.
    An endpoint whose owner may have none any more is switched off.
    """
    with transaction.atomic():
        endpoint = (
            Endpoint.objects.select_for_update(no_key=True)
            .filter(pk=endpoint_id, state=EndpointState.ON)
            .first()
        )
        if endpoint is None:
            return []
        owner = Staff.objects.get(pk=endpoint.owner_id)
        actor = owner.actor()
        if not owner.is_active or not policy.may(actor, "write", "webhook"):
            switch_off(endpoint, OffWhy.OWNER, at=at)
            return []
        limit = most_when_failing if endpoint.failures else most
        if limit <= 0:
            return []
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [at + lease, endpoint_id, at, limit])
            ids = [id for (id,) in cursor.fetchall()]
        found = Delivery.objects.filter(pk__in=ids).select_related("event").order_by("created_at", "id")
        keys = keys_of(endpoint, at)
        return [_parcel(delivery, endpoint, keys, at) for delivery in found if _may_go(delivery, actor)]


def _may_go(delivery: Delivery, actor: Actor) -> bool:
    event = delivery.event
    if is_known_to(actor, event.type, event.subject_id, event.happened_at):
        return True
    delivery.delete()  # the event stays for its days: told again, it makes no delivery again
    return False


def _parcel(delivery: Delivery, endpoint: Endpoint, keys: list[str], at: datetime) -> Parcel:
    body = body_of(delivery.event)
    headers = signing.headers(keys, delivery.event.message_id, int(at.timestamp()), body)
    return Parcel(
        delivery.id,
        endpoint.id,
        endpoint.url,
        {**headers, "content-type": "application/json"},
        body,
    )


def body_of(event: Event) -> bytes:
    """The same bytes at every attempt."""
    said = {
        "type": event.type,
        "timestamp": event.happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": event.data,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=False).encode()


@transaction.atomic
def settle(delivery_id: UUID, attempted: Attempted, *, at: datetime) -> None:
    """Note an attempt and what follows from it, for the delivery and for its endpoint."""
    delivery = Delivery.objects.filter(pk=delivery_id).first()
    if delivery is None:  # its endpoint was removed meanwhile
        return
    # Not for its key: what comes in meanwhile may note deliveries for it.
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=delivery.endpoint_id)
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    Attempt.objects.create(
        delivery=delivery,
        at=at,
        duration_ms=attempted.duration_ms,
        outcome=attempted.outcome,
        status=attempted.status,
        error=attempted.error.replace("\x00", "")[:500],
        response=attempted.response.replace("\x00", "")[:MOST_RESPONSE],
    )
    delivery.attempts += 1
    if attempted.outcome is Outcome.ARRIVED:
        _settle(delivery, DeliveryState.ARRIVED, at)
    elif delivery.state == DeliveryState.WAITING:
        again = next_attempt(delivery.attempts, at, random.random())  # noqa: S311  # spreads load, hides nothing
        if again is None:
            _settle(delivery, DeliveryState.FAILED, at)
        else:
            delivery.next_at = again
            delivery.save(update_fields=["attempts", "next_at"])
    else:  # it was given up while it was on its way
        delivery.save(update_fields=["attempts"])
    _note_on_endpoint(endpoint, attempted, at)


def _note_on_endpoint(endpoint: Endpoint, attempted: Attempted, at: datetime) -> None:
    if attempted.outcome is Outcome.ARRIVED:
        endpoint.failures, endpoint.failing_since, endpoint.resting_until = 0, None, None
        endpoint.arrived_at = at
    else:
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or at
        endpoint.resting_until = rest_until(attempted.outcome, endpoint.failures, attempted.retry_after, at)
    endpoint.save(update_fields=["failures", "failing_since", "resting_until", "arrived_at"])
    if endpoint.state == EndpointState.ON:
        if attempted.outcome is Outcome.GONE:
            switch_off(endpoint, OffWhy.GONE, at=at)
        elif is_to_be_disabled(endpoint.failing_since, at):
            switch_off(endpoint, OffWhy.FAILING, at=at)
    announce("webhook", endpoint.id)


def _settle(delivery: Delivery, to: DeliveryState, at: datetime) -> None:
    if delivery.state != to and not (delivery.state == DeliveryState.FAILED and to is DeliveryState.ARRIVED):
        DELIVERY_LIFE.check(delivery.state, to)
    delivery.state, delivery.settled_at = to, at
    delivery.save(update_fields=["state", "settled_at", "attempts"])


@transaction.atomic
def send_test(endpoint_id: UUID, *, actor: Actor, at: datetime) -> Delivery:
    """Tell an endpoint of nothing but itself."""
    endpoint = locked(endpoint_id, actor)
    _refuse_if_off(endpoint)
    event = Happening(TEST, endpoint.id, at, {"endpoint_id": str(endpoint.id)})
    tell([event], at=at, to={TEST: [endpoint.id]}, again=str(uuid7(at)))
    _let_go(endpoint)
    return Delivery.objects.filter(endpoint=endpoint, event__type=TEST).latest("created_at", "id")


@transaction.atomic
def send_again(delivery_id: UUID, *, actor: Actor, at: datetime) -> Delivery:
    """Send one delivery once more, under the same id. Raises `NotFound`, also where the actor may not know of it."""
    policy.require(actor, "write", "webhook")
    delivery = deliveries_known_to(actor).filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound(_("This delivery does not exist."))
    endpoint = locked(delivery.endpoint_id, actor)
    _refuse_if_off(endpoint)
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state == DeliveryState.WAITING:
        delivery.next_at = min(delivery.next_at, at)
    else:
        DELIVERY_LIFE.check(delivery.state, DeliveryState.WAITING)
        delivery.state, delivery.attempts, delivery.next_at = DeliveryState.WAITING, 0, at
    delivery.save(update_fields=["state", "attempts", "next_at"])
    _let_go(endpoint)
    return delivery


@transaction.atomic
def send_failed_again(endpoint_id: UUID, *, since: datetime, actor: Actor, at: datetime) -> int:
    """Send everything that was given up since an instant, and that the actor may know, once more; returns how many."""
    endpoint = locked(endpoint_id, actor)
    _refuse_if_off(endpoint)
    failed = Q(state=DeliveryState.FAILED, created_at__gte=since)
    known = deliveries_known_to(actor).filter(failed, endpoint=endpoint)
    again = Delivery.objects.filter(failed, pk__in=known.values("pk")).order_by()
    count = again.update(state=DeliveryState.WAITING, attempts=0, next_at=at)
    _let_go(endpoint)
    return count


def hold_waiting(at: datetime) -> int:
    """Give up whatever waits, so that it leaves only when somebody sends it again; returns how many."""
    waiting = Delivery.objects.filter(state=DeliveryState.WAITING).order_by()
    return waiting.update(state=DeliveryState.FAILED, settled_at=at)


def _refuse_if_off(endpoint: Endpoint) -> None:
    if endpoint.state != EndpointState.ON:
        raise Conflict(_("This webhook is switched off. Switch it on first."))


def _let_go(endpoint: Endpoint) -> None:
    endpoint.resting_until = None
    endpoint.save(update_fields=["resting_until"])
    announce("webhook", endpoint.id)


def forget_old(at: datetime) -> int:
    """Remove what was told more than thirty days ago, with its log; returns how many events."""
    old = Event.objects.filter(told_at__lt=at - KEPT_FOR).exclude(deliveries__state=DeliveryState.WAITING)
    ids = list(old.order_by("told_at").values_list("id", flat=True)[:10_000])
    Event.objects.filter(pk__in=ids).delete()
    return len(ids)
