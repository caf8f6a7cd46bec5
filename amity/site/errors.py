"""Errors become answers here and nowhere else: a page, a toast for htmx, or problem JSON (RFC 9457)."""

from __future__ import annotations

import json
import secrets
import sys
from http import HTTPStatus

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.kernel.api.answers import to_json
from amity.kernel.errors import DomainError
from amity.kernel.requests import as_acting, is_fragment, wants_json

log = structlog.get_logger(__name__)

PROBLEM = "application/problem+json"
TOASTS = "#toasts"


class SignInNeeded(DomainError):
    """Nobody is signed in."""

    code = "sign_in_needed"
    status = 401

    def __init__(self) -> None:
        super().__init__(_("Sign in first."))


class SecondFactorNeeded(DomainError):
    """Their role must have a second factor, and they have none yet."""

    code = "second_factor_needed"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("Your role needs a second factor. Set one up under Settings, Security."))


class PageMissing(DomainError):
    """No page has this address, or this colleague may not know of it: both look the same."""

    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            _("There is nothing here. The address may be mistyped, or what stood here was merged or removed.")
        )


class NotAllowed(DomainError):
    """A request that was refused before it reached a view."""

    code = "forbidden"
    status = 403

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or _("This is not open to your role. An administrator can change that in Settings.")
        )


class FormExpired(DomainError):
    """The form carries no valid token: it was left open too long, or it is not from here."""

    code = "form_expired"
    status = 403

    def __init__(self) -> None:
        super().__init__(_("This page was open for too long to be sent safely. Reload it and send it again."))


class BadRequest(DomainError):
    """The request cannot be read."""

    code = "bad_request"
    status = 400

    def __init__(self) -> None:
        super().__init__(
            _("This request could not be understood. Nothing was changed. Go back and try it again.")
        )


class Bare(DomainError):
    """An answer that Django gave by itself, of which only the status is known."""

    code = "refused"

    def __init__(self, status: int) -> None:
        super().__init__(title(status))
        self.status = status


class Unexpected(DomainError):
    """Our own mistake. `error_id` is what to look for in the logs."""

    code = "unexpected"
    status = 500

    def __init__(self, error_id: str) -> None:
        super().__init__(
            _(
                "Something went wrong on our side and was written down as error %(id)s. "
                "What you saved before is safe. Try it again; if it comes back, give your administrator this number."
            )
            % {"id": error_id},
            error_id=error_id,
        )


TITLES = {
    400: gettext_lazy("This request could not be read"),
    401: gettext_lazy("Please sign in"),
    403: gettext_lazy("You may not do this"),
    404: gettext_lazy("Nothing found here"),
    409: gettext_lazy("This cannot be done now"),
    422: gettext_lazy("Something in it needs a change"),
    429: gettext_lazy("Too many tries"),
    500: gettext_lazy("Something went wrong"),
}


def title(status: int) -> str:
    """What an answer with this status is called on a page."""
    return str(TITLES.get(status) or HTTPStatus(status).phrase)


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The answer that fits the question: problem JSON, a toast, or a page with a way on."""
    if wants_json(request):
        return problem(error)
    return with_wait(_toast(request, error) if is_fragment(request) else _page(request, error), error)


def with_wait(response: HttpResponse, error: DomainError) -> HttpResponse:
    """The answer with `Retry-After`, where the error knows how many seconds to wait (`wait_s`)."""
    if "wait_s" in error.context:
        response.headers["Retry-After"] = str(error.context["wait_s"])
    return response


def problem(error: DomainError) -> HttpResponse:
    """RFC 9457 problem details; `code` is stable, `fields` maps field names to messages."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title(error.status),
        "status": error.status,
        "detail": error.message,
        "code": error.code,
    }
    if error.fields:
        body["fields"] = error.fields
    body |= error.context.get("problem", {})
    if "error_id" in error.context:
        body["error_id"] = error.context["error_id"]
    response = JsonResponse(body, encoder=_Encoder, status=error.status, content_type=PROBLEM)
    return with_wait(response, error)


class _Encoder(DjangoJSONEncoder):
    """Instants and ids in the shape that the public interface has."""

    def default(self, o: object) -> object:
        return json.loads(to_json(o))


def _toast(request: HttpRequest, error: DomainError) -> HttpResponse:
    html = render_to_string("site/error_toast.html", _context(error), request=request)
    headers = {"HX-Retarget": TOASTS, "HX-Reswap": "beforeend", "HX-Push-Url": "false"}
    return HttpResponse(html, status=error.status, headers=headers)


def _page(request: HttpRequest, error: DomainError) -> HttpResponse:
    # Nobody signed in, or our own mistake: no navigation, for it asks the database, which may be what is broken.
    bare = as_acting(request) is None or error.status >= 500
    name = "site/error_bare.html" if bare else "site/error.html"
    html = render_to_string(name, _context(error), request=None if error.status >= 500 else request)
    return HttpResponse(html, status=error.status)


def _context(error: DomainError) -> dict[str, object]:
    return {"error": error, "error_title": title(error.status), "error_id": error.context.get("error_id", "")}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - by name
    """handler400"""
    return answer(request, BadRequest())


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - by name
    """handler403"""
    return answer(request, NotAllowed())


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - by name
    """handler404"""
    return answer(request, PageMissing())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - by name
    """CSRF_FAILURE_VIEW"""
    return answer(request, FormExpired())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500"""
    return answer(request, unexpected(request))


def unexpected(request: HttpRequest) -> Unexpected:
    """Our own mistake, of which the exception is being handled: logged where it happened, under a fresh id."""
    error_id = secrets.token_hex(4)
    acting = as_acting(request)
    log.error(
        "unhandled error",
        error_id=error_id,
        method=request.method,
        route=request.resolver_match.route if request.resolver_match else "",  # a path may hold a secret
        staff_id=str(acting.actor.staff_id) if acting else "",
        exc_info=sys.exc_info(),
    )
    return Unexpected(error_id)
