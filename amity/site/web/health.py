"""Is it alive, is it ready: for load balancers and supervisors, which need no login and learn nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from amity.site import readiness


def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while this process answers. The database is not asked: starting this process again would not mend it."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served, 503 with the reason when not.

    `?exclude=worker` leaves a check out (it may stand more than once): pages answer also while background work waits.
    """
    found = readiness.look(timezone.now(), without=frozenset(request.GET.getlist("exclude")))
    return JsonResponse(found.as_json(), status=200 if found.is_ready else 503)
