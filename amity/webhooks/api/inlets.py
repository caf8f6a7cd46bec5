"""Who tells us: addresses of ours that systems outside send to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from ninja import Query, Router

from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, Problem, operation, require_confirmed
from amity.kernel.api.paging import FieldsQuery
from amity.webhooks import queries, reading, services
from amity.webhooks.api.schemas import InletChange, InletIn, InletMade, InletOut, InletsOut, KeyIn
from amity.webhooks.models import Inlet
from amity.webhooks.services.inlets import Opened

router = Router(tags=["webhooks"])
_ONE = "/inlets/{uuid:inlet_id}"


def _whole(request: ApiRequest, inlet: Inlet) -> dict[str, Any]:
    plain = ("id", "name", "source_id", "is_on", "created_at", "previous_until")
    return {name: getattr(inlet, name) for name in plain} | {
        "address": request.build_absolute_uri(reverse("webhook-inlet", args=[inlet.id])),
        "mapping": reading.as_written(inlet.mapping),
    }


@operation(router, "GET", "/inlets", of="webhook", does="read", answer=InletsOut)
def list_of_inlets(request: ApiRequest) -> Mapping[str, Any]:
    """List the addresses of ours that systems outside send to."""
    found = queries.inlets(request.actor)
    return {"items": [_whole(request, one) | {"received_at": one.received_at} for one in found]}


@operation(router, "POST", "/inlets", of="webhook", does="write", answer=InletMade, status=201, extra=NO_TOOL)
def create_inlet(request: ApiRequest, body: InletIn) -> Answer:
    """Open one. The secret for the sender is in this answer and nowhere after."""
    require_confirmed(request)
    opened = services.add_inlet(
        name=body.name, mapping=body.mapping, key=body.key, actor=request.actor, at=request.now
    )
    return _with_secret(request, opened, 201, {"Location": f"{request.path}/{opened.inlet.id}"})


def _with_secret(request: ApiRequest, opened: Opened, status: int, headers: Mapping[str, str]) -> Answer:
    whole = _whole(request, opened.inlet)
    return Answer(whole | {"secret": opened.secret}, status, headers=headers, kept=whole | {"secret": ""})


@operation(router, "GET", _ONE, of="webhook", does="read", answer=InletOut, also={304: None})
def get_inlet(request: ApiRequest, inlet_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """An address of ours, and how what comes there is read."""
    whole = _whole(request, queries.inlet(inlet_id, request.actor))
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


@operation(router, "PATCH", _ONE, of="webhook", does="write", answer=InletOut, also={412: Problem})
def update_inlet(request: ApiRequest, inlet_id: UUID, body: InletChange) -> Answer:
    """Read what comes from now on in another way, or let nothing in."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")

    def unchanged(there: Inlet) -> None:
        require_match(header, _whole(request, there), changes)

    changed = services.change_inlet(inlet_id, **changes, actor=request.actor, unchanged=unchanged)
    whole = _whole(request, changed)
    return Answer(whole, etag=tag_of(whole))


@operation(router, "POST", f"{_ONE}/secret", of="webhook", does="write", answer=InletMade, extra=NO_TOOL)
def change_inlet_secret(request: ApiRequest, inlet_id: UUID, body: KeyIn) -> Answer:
    """Another secret; for a day the one before is good too."""
    require_confirmed(request)
    opened = services.change_key(inlet_id, key=body.key, actor=request.actor, at=request.now)
    return _with_secret(request, opened, 200, {})


@operation(router, "DELETE", _ONE, of="webhook", does="delete", answer=None, status=204)
def delete_inlet(request: ApiRequest, inlet_id: UUID) -> Answer:
    """Let nothing in there any more. What came stays."""
    services.remove_inlet(inlet_id, actor=request.actor)
    return Answer(None, 204)
