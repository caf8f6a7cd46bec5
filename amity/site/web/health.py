"""Is it alive, is it ready: for load balancers and supervisors, which need no login and learn nothing else."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from amity.site import metrics, readiness


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while this process answers. The database is not asked: starting this process again would not mend it."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served, 503 with the reason when not.

    `?exclude=worker` leaves a check out (it may stand more than once): pages answer also while background work waits.
    """
    found = readiness.look(timezone.now(), without=frozenset(request.GET.getlist("exclude")))
    return JsonResponse(found.as_json(), status=200 if found.is_ready else 503)


@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for who sends AMITY_METRICS_TOKEN as a bearer token; without one there is no such page.

    Where the request comes from opens nothing: behind a reverse proxy on this machine, everybody comes from it.
    """
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given, settings.METRICS_TOKEN):
        wanted = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("Bearer token wanted.\n", "text/plain", 401, headers=wanted)
    return HttpResponse(metrics.exposition(timezone.now()), content_type=metrics.CONTENT_TYPE)
