"""Endpoints: add, change, rotate the secret, switch on and off, remove."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.audit import record
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.http import Refused, Unreachable, check
from amity.kernel.http.places import is_peer, place_of
from amity.kernel.live import announce
from amity.kernel.models import Transition
from amity.kernel.vault import seal, unseal
from amity.webhooks.domain import signing
from amity.webhooks.kinds import KINDS
from amity.webhooks.models import (
    DELIVERY_LIFE,
    ENDPOINT_LIFE,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
    OffWhy,
)

PURPOSE = "webhook endpoint"
BOTH_KEYS_FOR = timedelta(days=1)
MOST_ENDPOINTS = 100


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint with the secret that is shown this one time (for Ed25519: the public key, which is none)."""

    endpoint: Endpoint
    secret: str


@transaction.atomic
def add_endpoint(
    *,
    url: str,
    types: Collection[str],
    description: str = "",
    is_asymmetric: bool = False,
    actor: Actor,
    at: datetime,
) -> Made:
    """A new address that is told of `types` from now on, on behalf of the actor. Raises `Invalid`."""
    policy.require(actor, "write", "webhook")
    if actor.staff_id is None:
        raise Invalid(_("A webhook belongs to a colleague."))
    if Endpoint.objects.count() >= MOST_ENDPOINTS:
        raise Conflict(
            _("There are as many webhooks as there may be (%(n)d). Remove one.") % {"n": MOST_ENDPOINTS}
        )
    key = signing.new_private_key() if is_asymmetric else signing.new_secret()
    endpoint = Endpoint.objects.create(
        url=checked_url(url),
        description=description.strip()[:200],
        types=checked_types(types),
        owner_id=actor.staff_id,
        is_asymmetric=is_asymmetric,
        secret_sealed=seal(key, purpose=PURPOSE),
        created_at=at,
    )
    _announce(endpoint)
    _shown(endpoint, actor, at)
    return Made(endpoint, shown_of(key))


@transaction.atomic
def change_endpoint(
    endpoint_id: UUID,
    *,
    url: str | None = None,
    types: Collection[str] | None = None,
    description: str | None = None,
    actor: Actor,
    unchanged: Callable[[Endpoint], None] | None = None,
) -> Endpoint:
    """Another address, other types; None leaves one as it is. What waits goes to the new address, as far as the actor
    may know of it: the webhook is theirs from then on, for nobody is told on behalf of a colleague who did not choose
    the address. `unchanged` may refuse: it sees the endpoint while it is locked for this change."""
    endpoint = locked(endpoint_id, actor)
    if unchanged is not None:
        unchanged(endpoint)
    if url is not None and url != endpoint.url:
        endpoint.url = checked_url(url)
        endpoint.owner_id = actor.staff_id or endpoint.owner_id
        endpoint.failures, endpoint.failing_since, endpoint.resting_until = 0, None, None
    if types is not None:
        endpoint.types = checked_types(types)
    if description is not None:
        endpoint.description = description.strip()[:200]
    endpoint.save()
    _announce(endpoint)
    return endpoint


@transaction.atomic
def rotate_secret(endpoint_id: UUID, *, actor: Actor, at: datetime) -> Made:
    """A new secret; for a day deliveries are signed with both, so that the receiver can change over in between."""
    endpoint = locked(endpoint_id, actor)
    key = signing.new_private_key() if endpoint.is_asymmetric else signing.new_secret()
    endpoint.previous_sealed, endpoint.previous_until = endpoint.secret_sealed, at + BOTH_KEYS_FOR
    endpoint.secret_sealed = seal(key, purpose=PURPOSE)
    endpoint.save(update_fields=["secret_sealed", "previous_sealed", "previous_until"])
    _shown(endpoint, actor, at)
    return Made(endpoint, shown_of(key))


@transaction.atomic
def switch(endpoint_id: UUID, *, on: bool, actor: Actor, at: datetime) -> Endpoint:
    """On: it hears what happens from now on (what failed is sent again on request). Off: nothing is sent."""
    endpoint = locked(endpoint_id, actor)
    if on:
        move(endpoint, EndpointState.ON, staff_id=actor.staff_id, at=at)
    else:
        switch_off(endpoint, OffWhy.BY_HAND, staff_id=actor.staff_id, at=at)
    return endpoint


@transaction.atomic
def remove_endpoint(endpoint_id: UUID, *, actor: Actor) -> None:
    """Forget it with its log."""
    policy.require(actor, "delete", "webhook")
    endpoint = locked(endpoint_id, actor)
    if endpoint.state == EndpointState.ON:
        raise Conflict(_("Switch it off first. Then it can be removed with its log."))
    endpoint.delete()
    _announce(endpoint)


def switch_off(endpoint: Endpoint, why: OffWhy, *, staff_id: UUID | None = None, at: datetime) -> None:
    """Stop telling a locked endpoint; what waited for it is given up, to be sent again when it is back."""
    move(endpoint, EndpointState.OFF, why=why, staff_id=staff_id, at=at)
    waiting = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.WAITING)
    DELIVERY_LIFE.check(DeliveryState.WAITING, DeliveryState.FAILED)
    waiting.update(state=DeliveryState.FAILED, settled_at=at)


def move(
    endpoint: Endpoint, to: EndpointState, *, why: OffWhy | None = None, staff_id: UUID | None, at: datetime
) -> None:
    ENDPOINT_LIFE.check(endpoint.state, to)
    Transition.objects.create(
        subject="webhook_endpoint", subject_id=endpoint.id, before=endpoint.state, after=to, staff_id=staff_id,
        at=at, why=why or "",
    )  # fmt: skip
    endpoint.state, endpoint.off_why = to, why or ""
    endpoint.failures, endpoint.failing_since, endpoint.resting_until = 0, None, None
    endpoint.save(update_fields=["state", "off_why", "failures", "failing_since", "resting_until"])
    _announce(endpoint)


def locked(endpoint_id: UUID, actor: Actor) -> Endpoint:
    """An endpoint that the actor may change, locked until the transaction ends. Raises `Forbidden`, `NotFound`."""
    policy.require(actor, "write", "webhook")
    found = Endpoint.objects.visible_to(actor).select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if found is None:
        raise NotFound(_("This webhook does not exist."))
    return found


def keys_of(endpoint: Endpoint, at: datetime) -> list[str]:
    """The keys that sign a delivery at this instant, the current one first."""
    keys = [unseal(endpoint.secret_sealed, purpose=PURPOSE)]
    if endpoint.previous_sealed and endpoint.previous_until and at < endpoint.previous_until:
        keys.append(unseal(endpoint.previous_sealed, purpose=PURPOSE))
    return keys


def shown_of(key: str) -> str:
    """What the receiver needs: the secret, or the public half of a private key."""
    return signing.public_key(key) if key.startswith(signing.PRIVATE) else key


def public_key_of(endpoint: Endpoint) -> str:
    """The key that anybody may know, of an endpoint that has one."""
    key = unseal(endpoint.secret_sealed, purpose=PURPOSE)
    return signing.public_key(key) if key.startswith(signing.PRIVATE) else ""


def checked_url(url: str) -> str:
    """The address, if Amity would connect to it; encrypted unless it is one of our own. Raises `Invalid`."""
    url = url.strip()
    try:
        place = place_of(url)
        if place.scheme != "https" and not is_peer(place):
            raise Refused(_("Use https://: what is sent would be readable on its way."))
        check(url)
    except (Refused, Unreachable) as error:
        raise Invalid(error.message, fields={"url": error.message}) from error
    return url


def checked_types(types: Collection[str]) -> list[str]:
    """Known types in their order. Raises `Invalid`."""
    unknown = set(types) - KINDS.keys()
    if unknown or not types:
        message = _("Choose what it should hear of.")
        raise Invalid(message, fields={"types": message})
    return [kind for kind in KINDS if kind in types]


def _shown(endpoint: Endpoint, actor: Actor, at: datetime) -> None:
    record("webhook.secret_shown", actor=actor, at=at, subject="endpoint", subject_id=endpoint.id)


def _announce(endpoint: Endpoint) -> None:
    announce("webhook", endpoint.id)
