"""Who is told of what: endpoints, their secrets, and what became of telling them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ninja import Query, Router

from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, Problem, operation, require_confirmed
from amity.kernel.api.paging import FieldsQuery, page_of, read_cursor
from amity.kernel.keyset import Cursor
from amity.webhooks import queries, services
from amity.webhooks.api.schemas import (
    DeliveriesPage,
    DeliveriesQuery,
    DeliveryRow,
    EventTypesOut,
    LoggedDelivery,
    SentAgain,
    SinceIn,
    StateIn,
    TryOut,
    WebhookChange,
    WebhookDelivery,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhooksOut,
)
from amity.webhooks.kinds import KINDS
from amity.webhooks.models import Delivery, Endpoint
from amity.webhooks.services.endpoints import Made
from amity.webhooks.services.sending import body_of

router = Router(tags=["webhooks"])
_ONE = "/webhooks/{uuid:endpoint_id}"
_DELIVERY = "/webhooks/deliveries/{uuid:delivery_id}"


def _whole(endpoint: Endpoint) -> dict[str, Any]:
    """What people decide of it, and so what its tag stands for; how it does changes with every delivery."""
    plain = (
        "id",
        "url",
        "description",
        "types",
        "state",
        "off_why",
        "owner_id",
        "created_at",
        "previous_until",
    )
    return {name: getattr(endpoint, name) for name in plain} | {
        "signing": "v1a" if endpoint.is_asymmetric else "v1",
        "public_key": services.public_key_of(endpoint) if endpoint.is_asymmetric else "",
    }


@operation(router, "GET", "/webhooks", of="webhook", does="read", answer=WebhooksOut)
def list_of_webhooks(request: ApiRequest) -> Mapping[str, Any]:
    """List the addresses that are told of events, with how they do."""
    return {
        "items": [
            _whole(one.endpoint)
            | {
                "standing": one.standing, "waiting": one.waiting, "failed_in_a_week": one.failed,
                "arrived_at": one.endpoint.arrived_at, "off_at": queries.off_at(one.endpoint),
            }
            for one in queries.endpoints(request.actor, request.now)
        ]
    }  # fmt: skip


@operation(router, "GET", "/webhooks/types", of="webhook", does="read", answer=EventTypesOut)
def list_of_event_types(request: ApiRequest) -> Mapping[str, Any]:
    """List the events that there are."""
    return {"items": [{"type": kind.type, "meaning": kind.meaning} for kind in KINDS.values()]}


@operation(
    router, "POST", "/webhooks", of="webhook", does="write", answer=WebhookMade, status=201, extra=NO_TOOL
)
def create_webhook(request: ApiRequest, body: WebhookIn) -> Answer:
    """Add an address. Its secret is in this answer and nowhere after, not even under the same Idempotency-Key."""
    require_confirmed(request)
    made = services.add_endpoint(
        url=body.url, types=body.types, description=body.description, is_asymmetric=body.signing == "v1a",
        actor=request.actor, at=request.now,
    )  # fmt: skip
    return _with_secret(made, 201, {"Location": f"{request.path}/{made.endpoint.id}"})


def _with_secret(made: Made, status: int, headers: Mapping[str, str]) -> Answer:
    whole = _whole(made.endpoint)
    return Answer(whole | {"secret": made.secret}, status, headers=headers, kept=whole | {"secret": ""})


@operation(router, "GET", _ONE, of="webhook", does="read", answer=WebhookOut, also={304: None})
def get_webhook(request: ApiRequest, endpoint_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """An address that is told of events. How it does stands in the list."""
    whole = _whole(queries.endpoint(endpoint_id, request.actor))
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


@operation(
    router, "PATCH", _ONE, of="webhook", does="write", answer=WebhookOut, also={412: Problem}, extra=NO_TOOL
)
def update_webhook(request: ApiRequest, endpoint_id: UUID, body: WebhookChange) -> Answer:
    """Another address, other events, another description."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")

    def unchanged(there: Endpoint) -> None:
        require_match(header, _whole(there), changes)
        if there.is_elsewhere(body.url):  # as a new one
            require_confirmed(request)

    changed = services.change_endpoint(endpoint_id, **changes, actor=request.actor, unchanged=unchanged)
    whole = _whole(changed)
    return Answer(whole, etag=tag_of(whole))


@operation(router, "POST", f"{_ONE}/secret", of="webhook", does="write", answer=WebhookMade, extra=NO_TOOL)
def rotate_webhook_secret(request: ApiRequest, endpoint_id: UUID) -> Answer:
    """A new secret, told this once. For a day deliveries are signed with the one before too."""
    require_confirmed(request)
    return _with_secret(services.rotate_secret(endpoint_id, actor=request.actor, at=request.now), 200, {})


@operation(router, "POST", f"{_ONE}/state", of="webhook", does="write", answer=WebhookOut)
def switch_webhook(request: ApiRequest, endpoint_id: UUID, body: StateIn) -> Mapping[str, Any]:
    """On: it hears what happens from now on. Off: nothing is sent, and what waits is given up."""
    on = body.state == "on"
    return _whole(services.switch(endpoint_id, on=on, actor=request.actor, at=request.now))


@operation(router, "POST", f"{_ONE}/test", of="webhook", does="write", answer=WebhookDelivery, status=201)
def test_webhook(request: ApiRequest, endpoint_id: UUID) -> Answer:
    """Tell it of nothing but itself. What came of it stands in the delivery that is answered."""
    made = services.send_test(endpoint_id, actor=request.actor, at=request.now)
    place = request.path.removesuffix(f"{endpoint_id}/test") + f"deliveries/{made.id}"
    return Answer(_delivered(request, made.id), 201, headers={"Location": place})


@operation(router, "POST", f"{_ONE}/replay", of="webhook", does="write", answer=SentAgain)
def replay_webhook(request: ApiRequest, endpoint_id: UUID, body: SinceIn) -> Mapping[str, Any]:
    """Send everything once more that failed since an instant."""
    count = services.send_failed_again(endpoint_id, since=body.since, actor=request.actor, at=request.now)
    return {"count": count}


@operation(router, "DELETE", _ONE, of="webhook", does="delete", answer=None, status=204)
def delete_webhook(request: ApiRequest, endpoint_id: UUID) -> Answer:
    """Forget one with its log. It has to be switched off before."""
    services.remove_endpoint(endpoint_id, actor=request.actor)
    return Answer(None, 204)


@operation(router, "GET", f"{_ONE}/deliveries", of="webhook", does="read", answer=DeliveriesPage)
def list_of_deliveries(
    request: ApiRequest, endpoint_id: UUID, wanted: Query[DeliveriesQuery]
) -> Mapping[str, Any]:
    """List what was sent to an address, or waits, or failed, newest first."""
    endpoint = queries.endpoint(endpoint_id, request.actor)
    of = f"deliveries {request.staff.id} {endpoint_id} {wanted.state}"
    place = read_cursor(of, wanted.after)
    page = queries.log(
        endpoint, request.actor, state=wanted.state or "", before=Cursor.read(place) if place else None,
        limit=wanted.limit,
    )  # fmt: skip
    items = [
        _row(one) | {"last_status": one.last_status, "last_outcome": one.last_outcome}  # type: ignore[attr-defined]  # annotated
        for one in page.deliveries
    ]
    return page_of(items, wanted, list(LoggedDelivery.model_fields), of, page.older)


def _row(one: Delivery) -> dict[str, Any]:
    own = {
        "message_id": one.event.message_id, "type": one.event.type, "subject_id": one.event.subject_id,
    }  # fmt: skip
    return {name: own[name] if name in own else getattr(one, name) for name in DeliveryRow.model_fields}


def _delivered(request: ApiRequest, delivery_id: UUID) -> dict[str, Any]:
    found = queries.delivery(delivery_id, request.actor)
    tries = [
        {name: getattr(one, name) for name in TryOut.model_fields} for one in found.tries.order_by("-id")
    ]
    return _row(found) | {
        "webhook_id": found.endpoint_id, "body": json.loads(body_of(found.event)), "tries": tries
    }  # fmt: skip


@operation(router, "GET", _DELIVERY, of="webhook", does="read", answer=WebhookDelivery)
def get_delivery(request: ApiRequest, delivery_id: UUID, wanted: Query[FieldsQuery]) -> Mapping[str, Any]:
    """A delivery: what is sent, and what each attempt got back."""
    whole = _delivered(request, delivery_id)
    return chosen(wanted.fields, whole, list(whole))


@operation(router, "POST", f"{_DELIVERY}/attempt", of="webhook", does="write", answer=WebhookDelivery)
def send_delivery_again(request: ApiRequest, delivery_id: UUID) -> Mapping[str, Any]:
    """Send one once more, under the same id."""
    services.send_again(delivery_id, actor=request.actor, at=request.now)
    return _delivered(request, delivery_id)
