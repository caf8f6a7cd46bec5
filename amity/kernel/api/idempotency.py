"""Idempotency-Key: the same request sent again is answered with the first answer, and nothing happens twice."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from amity.kernel.actor import Actor
from amity.kernel.api.bodies import raw_body
from amity.kernel.api_models import KeptAnswer
from amity.kernel.errors import Conflict, Invalid

KEPT_FOR = timedelta(hours=24)
LOST_AFTER = timedelta(minutes=10)
LONGEST_KEY = 255
_KEPT_HEADERS = ("Content-Type", "ETag", "Location")


class OtherRequest(Invalid):
    """The key was used for another request."""

    code = "idempotency.other_request"


class InFlight(Conflict):
    """The first request with this key is still being worked on."""

    code = "idempotency.in_flight"


class Unknown(Conflict):
    """The first request with this key was interrupted, and nobody knows how far it came."""

    code = "idempotency.unknown"


def once(
    request: HttpRequest,
    key: str,
    holder: UUID,
    at: datetime,
    respond: Callable[[], HttpResponseBase],
    *,
    actor: Actor,
) -> HttpResponseBase:
    """Answer with `respond`, or with what it answered when this holder first sent this key.

    An answer is kept for whom it was given: whoever may see something else since is not given it again. Only what
    changed something is kept: after a refusal the key is free again.
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        words = _("An Idempotency-Key is 1 to 255 printable ASCII characters, best a UUID.")
        raise Invalid(words, fields={"Idempotency-Key": words})
    said = f"{request.method} {request.get_full_path()}\n{_standing(actor)}\n".encode() + raw_body(request)
    if not _claim(holder, key, digest_of(said), at):
        return _kept(holder, key, said, at)
    try:
        response = respond()
    except BaseException:
        _forget(holder, key)
        raise
    if not isinstance(response, HttpResponse) or response.status_code >= 400:
        _forget(holder, key)
        return response
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = getattr(response, "kept_content", response.content)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_keptanswer SET status = %s, headers = %s, body = %s WHERE holder = %s AND key = %s",
            [response.status_code, json.dumps(headers), body, holder, key],
        )
    return response


def digest_of(said: bytes) -> bytes:
    """What is kept of a request, to know it again. A body may hold a password, so who has the database alone cannot try
    words until one fits: that takes the secret key too."""
    return salted_hmac("amity.idempotency", said, algorithm="sha256").digest()


def _is_of(kept: bytes, said: bytes) -> bool:
    """Whether this digest is one of these words; also a plain one, as an Amity before the upgrade of today left it."""
    return any(hmac.compare_digest(kept, one) for one in (digest_of(said), hashlib.sha256(said).digest()))


def _standing(actor: Actor) -> str:
    """What decides on what an actor sees, as far as it is the actor's."""
    teams = sorted(str(team) for team in actor.team_ids)
    return json.dumps([actor.role, teams, actor.is_visited])


def _claim(holder: UUID, key: str, digest: bytes, at: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_keptanswer (holder, key, request_digest, status, headers, body, created_at) "
            "VALUES (%s, %s, %s, 0, '{}', '', %s) ON CONFLICT (holder, key) DO UPDATE SET "
            "request_digest = excluded.request_digest, status = 0, headers = '{}', body = '', "
            "created_at = excluded.created_at WHERE kernel_keptanswer.created_at < %s",
            [holder, key, digest, at, at - KEPT_FOR],
        )
        return bool(cursor.rowcount)


def _kept(holder: UUID, key: str, said: bytes, at: datetime) -> HttpResponse:
    found = KeptAnswer.objects.filter(holder=holder, key=key).first()
    if found is not None and not _is_of(bytes(found.request_digest), said):
        raise OtherRequest(
            _("This Idempotency-Key was used for another request. Use a new one."),
            fields={"Idempotency-Key": _("Used for another request.")},
        )
    if found is not None and found.status == 0 and at - found.created_at > LOST_AFTER:
        raise Unknown(
            _(
                "The first request with this key was interrupted. Look whether it was done, then use a new key."
            )
        )
    if found is None or found.status == 0:
        raise InFlight(_("The first request with this key is still being worked on. Ask again in a second."))
    return HttpResponse(
        bytes(found.body), status=found.status, headers={**found.headers, "Idempotent-Replayed": "true"}
    )


def _forget(holder: UUID, key: str) -> None:
    KeptAnswer.objects.filter(holder=holder, key=key).delete()


def remove_old(at: datetime) -> int:
    """Delete the answers that nobody may ask for any more; how many."""
    gone, _by_model = KeptAnswer.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return gone
