"""One log line a request, under an id that its other lines and its answer carry too.

It tells what was asked of which route by whom, how it ended and how long it took: ids only. The path stays out where it
was resolved, and the query always: they hold what people searched for.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from amity.kernel import tracing
from amity.kernel.requests import as_acting
from amity.site import metrics

log = structlog.get_logger("amity.request")
GetResponse = Callable[[HttpRequest], HttpResponseBase]

HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NOWHERE = "(none)"


def request_log(get_response: GetResponse) -> GetResponse:
    """Give the request an id, and tell of it when it is answered."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id, method = id_of(request), method_of(request)
        parent = request.headers if settings.PROXIES else None
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            tracing.span(method, kind="server", parent=parent, amity__request_id=request_id) as span,
        ):
            response = get_response(request)
            _tell(request, method, response.status_code, time.perf_counter() - started, span)
        response.headers[HEADER] = request_id
        return response

    return middleware


def _tell(request: HttpRequest, method: str, status: int, seconds: float, span: Any) -> None:
    route, acting = route_of(request), as_acting(request)
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        duration_ms=round(seconds * 1000, 1),
        staff_id=str(acting.actor.staff_id) if acting else None,
    )
    metrics.REQUESTS.add(method=method, route=route, status=str(status))
    metrics.REQUEST_SECONDS.observe(seconds, route=route)
    if span is not None:  # names as the semantic conventions for HTTP have them
        span.update_name(f"{method} {route}")
        span.set_attributes(
            {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        )
        if status >= 500:
            tracing.mark_failed(span, str(status))


def id_of(request: HttpRequest) -> str:
    """The id that our own reverse proxy gave it, where one stands before us (`AMITY_PROXIES`), else a fresh one.

    From anybody else it would let them forge our log.
    """
    given = request.headers.get(HEADER, "") if settings.PROXIES else ""
    return given if _ACCEPTABLE.match(given) else secrets.token_hex(8)


def route_of(request: HttpRequest) -> str:
    """The pattern that the path was resolved to, such as `people/<uuid:person_id>/`; never the path."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None else NOWHERE


def method_of(request: HttpRequest) -> str:
    """One of the methods of HTTP: what else a client sends goes into no log and no metric."""
    return request.method if request.method in METHODS else "OTHER"
