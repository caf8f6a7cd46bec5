"""Settings, API tokens, Reference: every operation of the public interface, readable, from the OpenAPI document."""

from __future__ import annotations

from functools import cache

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amity.kernel import policy
from amity.kernel.errors import NotFound
from amity.kernel.requests import ActingRequest
from amity.site.api import description
from amity.site.domain.interface import Operation, by_tag, operations_of
from amity.site.web.settings_page import show_part

PART = "settings-api-tokens"
TITLES = {
    "today": gettext_lazy("Today"),
    "people": gettext_lazy("People and organisations"),
    "orders": gettext_lazy("Orders and products"),
    "activities": gettext_lazy("What was said and done"),
    "conversations": gettext_lazy("Conversations and promises"),
    "imports": gettext_lazy("Imports and sources"),
    "figures": gettext_lazy("Figures"),
    "channels": gettext_lazy("Channels"),
    "webhooks": gettext_lazy("Webhooks"),
    "workspace": gettext_lazy("Oneself and the company"),
    "audit": gettext_lazy("Audit"),
}


@cache
def _operations() -> dict[str, Operation]:
    return {one.name: one for one in operations_of(description())}


def _may(request: ActingRequest, operation: Operation) -> bool:
    """Whether a token of this colleague could ask it."""
    resource, _colon, action = operation.scope.partition(":")
    return not resource or policy.may(request.actor, action, resource)


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """All operations by what they are about, and what holds for each of them."""
    found = list(_operations().values())
    groups = [
        (tag, TITLES.get(tag, tag), [(one, _may(request, one)) for one in group])
        for tag, group in by_tag(found)
    ]
    shown: dict[str, object] = {
        "groups": groups,
        "count": len(found),
        "root": request.build_absolute_uri("/api/v1"),
    }
    return show_part(request, PART, shown, template="site/settings_api_reference.html")


@require_safe
def one(request: ActingRequest, operation: str) -> HttpResponse:
    """One operation: what it takes, what it answers, and the line to try it with."""
    found = _operations().get(operation)
    if found is None:
        raise NotFound(_("There is no operation of this name."))
    shown: dict[str, object] = {
        "operation": found,
        "title": TITLES.get(found.tag, found.tag),
        "is_open": _may(request, found),
        "line": _line(request, found),
    }
    return show_part(request, PART, shown, template="site/settings_api_operation.html")


def _line(request: ActingRequest, operation: Operation) -> str:
    """A command that asks it, with places to fill in."""
    parts = ["curl -sS"]
    if operation.method != "GET":
        parts.append(f"-X {operation.method}")
    parts.append('-H "Authorization: Bearer $TOKEN"')
    if operation.body:
        parts.append('-H "Content-Type: application/json" -d @body.json')
    parts.append(f"'{request.build_absolute_uri(operation.path)}'")
    return " ".join(parts)
