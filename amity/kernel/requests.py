"""What a request is here: who asks, when, and which kind of answer they can use."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import cast

from django.http import HttpRequest

from amity.kernel.actor import Actor
from amity.kernel.models import Staff


class ActingRequest(HttpRequest):
    """A request of a signed-in colleague, as `amity.site.middleware.actor` hands it to views.

    `actor` is the colleague as the access policy sees them, `now` the one reading of the clock for this request.
    `behind` is who is signed in as that colleague, None as a rule.
    """

    behind: Staff | None

    actor: Actor
    now: datetime
    staff: Staff


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page (and not for a page, or to fill the whole body)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def wants_json(request: HttpRequest) -> bool:
    """Whether the client prefers JSON to HTML."""
    if is_fragment(request):
        return False
    preferred = request.get_preferred_type(["text/html", "application/json", "application/problem+json"])
    return preferred is not None and preferred != "text/html"


def remote_address(request: HttpRequest, proxies: int) -> str:
    """The address of the client. `proxies` is how many reverse proxies of our own stand in front of Amity: the entry
    that the outermost of them wrote into X-Forwarded-For is believed, everything before it is hearsay."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    return named[-proxies] if proxies and len(named) >= proxies else direct


def place_of(address: str) -> str:
    """What counts as one place where tries are counted: of IPv6 the /64, which is the least that anybody is given."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found, 64), strict=False))


def path_of(request: HttpRequest) -> str:
    """The page that the person looks at: for a fragment the page around it, as a path of this site."""
    current = request.headers.get("HX-Current-URL", "")
    own = f"{request.scheme}://{request.get_host()}/"
    if is_fragment(request):
        return "/" + current[len(own) :] if current.startswith(own) else "/"
    return request.get_full_path() if request.method == "GET" else "/"


def as_acting(request: HttpRequest) -> ActingRequest | None:
    """The same request, if somebody is signed in."""
    return cast(ActingRequest, request) if hasattr(request, "actor") else None
