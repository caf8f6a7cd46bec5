"""What happens around every view: headers that keep a page in its box, who asks, and errors made into answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers

from amity.kernel import policy
from amity.kernel.acting import acting
from amity.kernel.actor import Actor
from amity.kernel.errors import DomainError
from amity.kernel.models import Staff
from amity.kernel.requests import ActingRequest, is_fragment, path_of, wants_json
from amity.site import api_edge, errors
from amity.site.accounts import sessions, standing_in
from amity.site.accounts.adapters import client_address
from amity.site.accounts.web import urls as accounts

NOBODY = Actor(role=None, name="not signed in")
"""Who is told to the audit trail on pages that are open to everybody. No view ever gets this actor."""
GetResponse = Callable[[HttpRequest], HttpResponseBase]

OPEN_TO_EVERYBODY = accounts.OPEN_TO_EVERYBODY | {"healthz", "readyz", "metrics", "webhook-inlet"}
SEEN_AGAIN_AFTER = timedelta(minutes=1)

_FEATURES_OFF = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "screen-wake-lock", "usb", "xr-spatial-tracking",
)  # fmt: skip
_FOR_PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY = ", ".join(
    [f"{feature}=()" for feature in _FEATURES_OFF] + [f"{feature}=(self)" for feature in _FOR_PASSKEYS]
)


def live_origin(request: HttpRequest) -> str:
    """Where this browser reaches the live stream: `AMITY_LIVE_ORIGIN`, else the same host at the live port."""
    if settings.LIVE_ORIGIN:
        return str(settings.LIVE_ORIGIN).rstrip("/")
    host = request.get_host()
    if not host.endswith("]"):  # [::1] without a port
        host = host.rpartition(":")[0] or host
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}"


def content_security_policy(request: HttpRequest) -> str:
    """Everything from this site, connections also to the live stream, nothing inline, nothing evaluated."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "media-src 'self'",
            "frame-src 'self'",  # mails, each in a sandbox with a policy of its own
            f"connect-src 'self' {live_origin(request)}",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "manifest-src 'self'",
        )
    )


def security_headers(get_response: GetResponse) -> GetResponse:
    """Add the headers of a locked-down site to every answer, and keep pages out of every cache."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # A view that serves something foreign (an attachment) brings a stricter policy of its own.
        response.headers.setdefault("Content-Security-Policy", content_security_policy(request))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        if "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
        return response

    return middleware


_behind_actor: list[GetResponse] = []
"""The view, as `actor` calls it. Django puts its chain together from the view outwards, so it is here in time."""


def programs(get_response: GetResponse) -> GetResponse:
    """Lead who comes with a token straight to the edge of the public interface: they have no session, no cookie and no
    form, and ask for no file of ours, so what stands between would look for nothing."""
    view = _behind_actor[-1]

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not (request.path_info.startswith(api_edge.ROOT) and api_edge.has_token(request)):
            return get_response(request)
        response = api_edge.serve(request, view)
        if isinstance(response, HttpResponse):
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response

    return middleware


def actor(get_response: GetResponse) -> GetResponse:
    """Put who asks and when on the request, speak their language in their time zone, and send outsiders to sign in."""

    _behind_actor[:] = [get_response]

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(api_edge.ROOT):
            return api_edge.serve(request, get_response)
        now = timezone.now()
        name = _url_name(request)
        if name in OPEN_TO_EVERYBODY:
            request.now = now  # type: ignore[attr-defined]  # see ActingRequest
            with acting(NOBODY, via="page", address=client_address(request)):
                return get_response(request)
        user = request.user
        if not isinstance(user, Staff):
            return _turned_away(request)
        asking: ActingRequest = request  # type: ignore[assignment]  # becomes one in the next three lines
        other = standing_in.stood_in(request.session, user, at=now)
        asking.now, asking.staff, asking.behind = now, other or user, user if other else None
        asking.actor = standing_in.visitor(other) if other else user.actor()
        if other is None:
            _touch(asking)
        elif standing_in.is_closed(name):
            return errors.answer(request, policy.StandingIn())
        if user.second_factor_due and name not in accounts.FOR_SECOND_FACTOR:
            return _sent_to(request, reverse("settings-security"), errors.SecondFactorNeeded())
        with (
            translation.override(user.language),
            timezone.override(user.zone),
            policy.one_look(),
            acting(
                asking.actor,
                via="page",
                address=client_address(request),
                on_behalf_of=user.pk if other else None,
            ),
        ):
            return get_response(request)

    return middleware


def _url_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _touch(request: ActingRequest) -> None:
    seen = request.staff.last_seen_at
    if seen is None or request.now - seen > SEEN_AGAIN_AFTER:
        Staff.objects.filter(pk=request.staff.pk).update(last_seen_at=request.now)
        sessions.seen(request.session.session_key or "", at=request.now, address=client_address(request))


def _turned_away(request: HttpRequest) -> HttpResponse:
    wanted = path_of(request)
    login = resolve_url(settings.LOGIN_URL)
    address = login if wanted == "/" else f"{login}?{urlencode({'next': wanted})}"
    return _sent_to(request, address, errors.SignInNeeded())


def _sent_to(request: HttpRequest, address: str, error: DomainError) -> HttpResponse:
    if is_fragment(request):
        return HttpResponse(status=error.status, headers={"HX-Redirect": address})
    if wants_json(request):
        return errors.problem(error)
    return HttpResponseRedirect(address)


class _DomainErrors:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return errors.answer(request, error) if isinstance(error, DomainError) else None


def domain_errors(get_response: GetResponse) -> GetResponse:
    """Turn a `DomainError` that a view raised into the answer that `amity.site.errors` has for it."""
    return _DomainErrors(get_response)
