"""Is it alive: for a load balancer, which needs no login and learns nothing else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while this process answers."""
    return HttpResponse("ok", content_type="text/plain")
