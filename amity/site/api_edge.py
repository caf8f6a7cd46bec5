"""The edge of the public interface: who asks, how often, in whose name; and what every answer carries.

A program comes with a token. A page of Amity itself may come with its session, then from the same origin and with
the token against forged requests. There are no headers that would let pages of other origins in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from amity.kernel import policy
from amity.kernel.acting import Via, acting
from amity.kernel.api.bodies import Unreadable
from amity.kernel.api.idempotency import once
from amity.kernel.api.limits import Buckets, Limit, Standing
from amity.kernel.api.operations import ApiRequest, SignInNeeded
from amity.kernel.api.tokens import bearer_of
from amity.kernel.errors import DomainError
from amity.kernel.models import Staff
from amity.kernel.requests import place_of, remote_address
from amity.site import errors
from amity.site.accounts import standing_in
from amity.site.accounts.web.confirming import is_confirmed

ROOT = "/api/"
VIA = "amity.via"
OPEN = frozenset({"api-openapi"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BUCKETS = Buckets()
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TooMany(DomainError):
    """The limit of this holder is used up."""

    code = "too_many_requests"
    status = 429


class Forged(DomainError):
    """A session was used without the token that only a page of Amity knows."""

    code = "csrf"
    status = 403


def limit_of(request: HttpRequest) -> Limit:
    """The class of a request: reading, writing, or writing in bulk."""
    if request.method in SAFE:
        return Limit("read", settings.API_READS_PER_MINUTE)
    if request.path_info.endswith("/bulk"):
        return Limit("bulk", settings.API_BULKS_PER_MINUTE)
    return Limit("write", settings.API_WRITES_PER_MINUTE)


def serve(request: HttpRequest, get_response: GetResponse) -> HttpResponseBase:
    """Answer a request below `/api/`; every error is problem JSON."""
    standing: list[Standing] = []
    try:
        response = _answer(request, get_response, standing)
    except DomainError as error:
        response = errors.problem(error)
    except Exception:  # noqa: BLE001  # logged under an id; programs get no page
        response = errors.problem(errors.unexpected(request))
    response = _as_problem(response)
    for one in standing[-1:]:
        for name, value in one.headers.items():
            response.headers.setdefault(name, value)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Amity"'
    add_never_cache_headers(response)
    return response


def _answer(request: HttpRequest, get_response: GetResponse, standing: list[Standing]) -> HttpResponseBase:
    if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path_info:
        raise Unreadable(_("The address holds a character of code 0. Leave it out."))
    if _is_open(request.path_info):
        return get_response(request)
    asking = _identified(request, standing)
    holder = asking.token_id or asking.staff.id
    standing.append(BUCKETS.take(str(holder), limit_of(request)))
    if standing[-1].wait_s:
        raise TooMany(_("Too many requests. Wait %(n)s s.") % {"n": standing[-1].wait_s})
    with ExitStack() as around:
        around.enter_context(translation.override(asking.staff.language))
        around.enter_context(policy.one_look())
        address = remote_address(request, settings.PROXIES)
        around.enter_context(
            acting(
                asking.actor,
                via=_via(request),
                address=address,
                token_id=asking.token_id,
                on_behalf_of=asking.behind.pk if asking.behind else None,
            )
        )
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST":
            return get_response(request)
        return once(request, key, holder, asking.now, lambda: get_response(request), actor=asking.actor)


def _authorization(request: HttpRequest) -> tuple[str, str, str]:
    return request.META.get("HTTP_AUTHORIZATION", "").partition(" ")  # type: ignore[no-any-return]


def has_token(request: HttpRequest) -> bool:
    """Whether somebody comes as a program, whose session and cookies, if any, count for nothing."""
    return bool(_authorization(request)[0])


def _via(request: HttpRequest) -> Via:
    """How they came in. No header of a request can have that name."""
    return "mcp" if request.META.get(VIA) == "mcp" else "api"


@lru_cache(maxsize=200)
def _is_open(path: str) -> bool:
    try:
        return resolve(path).url_name in OPEN
    except Resolver404:
        return False


def _identified(request: HttpRequest, standing: list[Standing]) -> ApiRequest:
    """The same request with who asks. Raises `SignInNeeded`, or `TooMany` for an address that guesses tokens."""
    asking: ApiRequest = request  # type: ignore[assignment]  # becomes one in the next lines
    asking.now, asking.token_id, asking.token_name = timezone.now(), None, ""
    asking.behind, asking.is_confirmed = None, True
    kind, _space, secret = _authorization(request)
    if kind:
        _by_token(asking, secret.strip() if kind.lower() == "bearer" else "", standing)
        return asking
    user = request.user
    if not isinstance(user, Staff):
        raise SignInNeeded(_("Send a token: Authorization: Bearer amity_…"))
    if user.second_factor_due:
        raise errors.SecondFactorNeeded
    if request.method not in SAFE and (check_csrf(request) or not _is_same_origin(request)):
        raise Forged(_("A session needs the X-CSRFToken of a page of Amity. Programs use a token."))
    other = standing_in.stood_in(request.session, user, at=asking.now)
    asking.staff, asking.behind = other or user, user if other else None
    asking.actor = standing_in.visitor(other) if other else user.actor()
    asking.is_confirmed = is_confirmed(asking)
    return asking


def _by_token(request: ApiRequest, secret: str, standing: list[Standing]) -> None:
    address = place_of(remote_address(request, settings.PROXIES))
    guesses = Limit("guess", settings.API_GUESSES_PER_MINUTE)
    if BUCKETS.is_empty(address, guesses):
        standing.append(BUCKETS.take(address, guesses))
        raise TooMany(_("Too many wrong tokens came from this address. Wait a minute."))
    bearer = bearer_of(secret, at=request.now)
    if bearer is None:
        BUCKETS.take(address, guesses)
        raise SignInNeeded(
            _(
                "This token is not valid: mistyped, over, or revoked, as all are when an administrator resets a "
                "password. Make a new one under Settings, API tokens."
            )
        )
    if bearer.staff.second_factor_due:
        raise errors.SecondFactorNeeded
    request.staff, request.actor = bearer.staff, bearer.actor
    request.token_id, request.token_name = bearer.token_id, bearer.token_name


def _is_same_origin(request: HttpRequest) -> bool:
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def _as_problem(response: HttpResponseBase) -> HttpResponseBase:
    """Errors that Django made by itself (404, 405, 500) in the shape of all others."""
    if response.status_code < 400 or response.headers.get("Content-Type") == errors.PROBLEM:
        return response
    missing = errors.PageMissing() if response.status_code == 404 else None
    found = missing or errors.Bare(response.status_code)
    answer: HttpResponse = errors.problem(found)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer
