"""Where systems outside send to: verified on the raw bytes, taken in through the corridor in one transaction."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from amity.kernel.acting import acting, bulk
from amity.kernel.actor import SYSTEM
from amity.kernel.api.limits import Buckets, Limit
from amity.kernel.audit import record
from amity.kernel.errors import DomainError
from amity.site import errors, ingest
from amity.site.accounts.adapters import client_address
from amity.webhooks import reading, services

log = structlog.get_logger(__name__)

MOST_BYTES = 1_000_000
FROM_ONE_PLACE = Limit("webhook", 1_200)
REFUSED_FROM_ONE_PLACE = Limit("webhook-refused", 60)
buckets = Buckets()


class TooLarge(DomainError):
    """The body is larger than an inlet takes."""

    code = "webhook.too_large"
    status = 413


class TooMany(DomainError):
    """This sender sends too much, or too much that is not verified."""

    code = "webhook.too_many"
    status = 429


@csrf_exempt  # programs send here; the signature says who it is
@require_POST
def inlet(request: HttpRequest, inlet_id: UUID) -> HttpResponse:
    """200 when it is taken in (or was before), 401 when it is not verified; then nothing is stored."""
    try:
        return _taken_in(request, inlet_id)
    except DomainError as error:
        return errors.problem(error)


def _taken_in(request: HttpRequest, inlet_id: UUID) -> HttpResponse:
    place = f"{inlet_id} {client_address(request)}"
    _count(place, FROM_ONE_PLACE)
    if buckets.is_empty(place, REFUSED_FROM_ONE_PLACE):
        _count(place, REFUSED_FROM_ONE_PLACE)
    body = _body(request)
    at = timezone.now()
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        let = services.let_in(inlet_id, headers=headers, body=body, at=at)
    except services.NotLetIn as error:
        buckets.take(place, REFUSED_FROM_ONE_PLACE)
        log.info("webhook was not verified", inlet=str(inlet_id), reason=error.context["reason"])
        raise
    with acting(SYSTEM, via="api", address=client_address(request)), bulk(), transaction.atomic():
        if not services.is_first(let, at):
            return JsonResponse({"status": "known"})
        record(
            "webhook.received", actor=SYSTEM, at=at, subject="inlet", subject_id=inlet_id, why=let.message_id
        )
        item, reader = reading.item(body, let.message_id), reading.reader(let.inlet.mapping)
        counts = ingest.deliver(let.inlet.source, [item], reader)
    return JsonResponse({"status": "taken", **counts})


def _count(place: str, limit: Limit) -> None:
    standing = buckets.take(place, limit)
    if standing.wait_s:
        raise TooMany(_("Too many requests. Wait %(n)s s.") % {"n": standing.wait_s}, wait_s=standing.wait_s)


def _body(request: HttpRequest) -> bytes:
    """The raw bytes, none of them read where the sender says that they are too many."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    if told.isdecimal() and int(told) <= MOST_BYTES:
        body = request.read(MOST_BYTES + 1)
        if len(body) <= MOST_BYTES:
            return body
    raise TooLarge(_("At most %(n)d bytes are taken at once.") % {"n": MOST_BYTES})
