"""Settings, API tokens, Reference: every operation of the public interface, readable, from the OpenAPI document."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amity.kernel import policy
from amity.kernel.api.operations import CSV
from amity.kernel.errors import NotFound
from amity.kernel.requests import ActingRequest
from amity.site.api import description
from amity.site.domain.interface import Operation, by_tag, operations_of
from amity.site.web.settings_page import show_part

PART = "settings-api-tokens"
TITLES = {
    "today": gettext_lazy("Today"),
    "people": gettext_lazy("People and organisations"),
    "consent": gettext_lazy("Purposes and consent"),
    "segments": gettext_lazy("Segments"),
    "orders": gettext_lazy("Orders and products"),
    "activities": gettext_lazy("What was said and done"),
    "conversations": gettext_lazy("Conversations and promises"),
    "imports": gettext_lazy("Imports and sources"),
    "figures": gettext_lazy("Figures"),
    "channels": gettext_lazy("Channels"),
    "webhooks": gettext_lazy("Webhooks"),
    "workspace": gettext_lazy("Oneself and the company"),
    "audit": gettext_lazy("Audit"),
    "colleagues": gettext_lazy("Colleagues"),
    "sign-in": gettext_lazy("Signing in"),
    "backups": gettext_lazy("Backups"),
    "settings": gettext_lazy("Personal data"),
    "retention": gettext_lazy("Retention and legal holds"),
}
PROBLEMS = {
    "400": gettext_lazy("The request cannot be read."),
    "401": gettext_lazy("There is no token, or it is over or revoked."),
    "403": gettext_lazy("The role or the token does not allow it."),
    "404": gettext_lazy("There is no such record for this reader."),
    "409": gettext_lazy("It cannot be done now: something or somebody was faster."),
    "412": gettext_lazy("Somebody changed it since it was read; the answer says what."),
    "413": gettext_lazy("The body is larger than 20 MB."),
    "415": gettext_lazy("The body is of another kind than this operation reads."),
    "422": gettext_lazy("Something in it needs a change; fields says what."),
    "429": gettext_lazy("Too many requests; Retry-After says how many seconds to wait."),
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
        "problems": [(status, PROBLEMS.get(status, "")) for status in found.problems],
        "csv": CSV,
    }
    return show_part(request, PART, shown, template="site/settings_api_operation.html")


def _line(request: ActingRequest, operation: Operation) -> str:
    """A command that asks it, with an example of what it needs; ids are to be filled in."""
    path = re.sub(r"\{(\w+)\}", lambda found: f"${found.group(1).upper()}", operation.path)
    needed = {one.name: one.example for one in operation.parameters if one.is_in_query and one.is_required}
    address = request.build_absolute_uri(path) + (f"?{urlencode(needed)}" if needed else "")
    parts = [f'curl -sS -X {operation.method} "{address}"', '-H "Authorization: Bearer $TOKEN"']
    if operation.example is not None:
        said = json.dumps(operation.example, ensure_ascii=False)
        parts += ['-H "Content-Type: application/json"', f"-d {shlex.quote(said)}"]
    elif operation.body_kinds:
        parts += [f'-H "Content-Type: {operation.body_kinds[0]}"', "--data-binary @people.csv"]
    if any(answer.kind == CSV for answer in operation.answers):
        parts.append("-o table.csv")
    return " \\\n  ".join(parts)
