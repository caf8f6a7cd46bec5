"""What every request passes first: probes, the scheme and the host under which Amity is reached.

The three middlewares stand before all others, in this order with `amity.site.request_log` between the first two.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from amity.kernel.errors import DomainError
from amity.kernel.requests import wants_json
from amity.site import errors
from amity.site.web import health

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": health.healthz,
    "/readyz": health.readyz,
    "/metrics": health.prometheus,
}


class WrongHost(DomainError):
    """The request names a host that is not ours: a mistake in the set-up, or a try to have us make links to theirs."""

    code = "wrong_host"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            _(
                "Amity is not reached under this name. If it should be, "
                "whoever runs it adds the name to the setting AMITY_HOSTS and starts it again."
            )
        )


def probes(get_response: GetResponse) -> GetResponse:
    """Answer who only asks whether we live, whatever name they call us by: load balancers use addresses."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        probe = PROBES.get(request.path_info)
        if probe is None or request.method not in {"GET", "HEAD"}:
            return get_response(request)
        if probe is health.prometheus and not settings.METRICS_TOKEN:
            return get_response(request)
        response = probe(request)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        return response

    return middleware


def scheme(get_response: GetResponse) -> GetResponse:
    """Behind TLS (`AMITY_HTTPS`) every request is a secure one, whatever headers it carries.

    The setting says so once; a header would have to be believed each time. Without this, forms would be refused:
    browsers send `Origin: https://…`, and the proxy speaks plain HTTP to us.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if settings.IS_BEHIND_TLS:
            request.META["wsgi.url_scheme"] = "https"
        return get_response(request)

    return middleware


def host(get_response: GetResponse) -> GetResponse:
    """Refuse, in words, a request for a host that is not in `AMITY_HOSTS`. `X-Forwarded-Host` is never looked at."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            return _refused(request)
        return get_response(request)

    return middleware


def _refused(request: HttpRequest) -> HttpResponse:
    error = WrongHost()
    response = (
        errors.problem(error)
        if wants_json(request)
        else HttpResponse(f"{error.message}\n", status=error.status, content_type="text/plain; charset=utf-8")
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
