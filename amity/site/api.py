"""The public interface, assembled: every package's operations under `/api/v1`, errors as problem JSON."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from amity import __version__
from amity.activity.api.activities import router as activities
from amity.channels.api.imports import router as imports
from amity.channels.api.mappings import router as mappings
from amity.commerce.api.households import router as households
from amity.commerce.api.orders import router as orders
from amity.commerce.api.tiers import router as tiers
from amity.consent.api.consent import router as consent
from amity.conversations.api.files import router as files_of_replies
from amity.conversations.api.reading import router as conversations
from amity.conversations.api.verbs import router as verbs
from amity.insight.api.figures import router as figures
from amity.kernel.api.answers import to_json
from amity.kernel.api.bodies import StrictParser, Unreadable
from amity.kernel.errors import DomainError, Invalid
from amity.people.api.audience import router as audience
from amity.people.api.bulk import router as bulk_people
from amity.people.api.decisions import router as decisions
from amity.people.api.duplicates import router as duplicates
from amity.people.api.fields import router as fields_of_people
from amity.people.api.holds import router as holds
from amity.people.api.identities import router as identities_of_people
from amity.people.api.more import router as more_of_people
from amity.people.api.notes import router as notes_about_people
from amity.people.api.people import router as people
from amity.people.api.relations import router as relations
from amity.people.api.rights import router as rights
from amity.people.api.survivorship import router as shown_values
from amity.quality.api.quality import router as quality
from amity.retention.api.retention import router as retention
from amity.segments.api.segments import router as segments
from amity.site import errors
from amity.site.api_audit import router as audit
from amity.site.api_backups import router as backups
from amity.site.api_colleagues import router as colleagues
from amity.site.api_mailboxes import router as channels
from amity.site.api_personal_data import router as personal_data
from amity.site.api_sign_in import router as sign_in
from amity.site.api_teams import router as teams
from amity.site.api_today import router as today
from amity.site.api_views import router as views
from amity.site.api_workspace import router as workspace
from amity.site.domain.meanings import explain
from amity.webhooks.api.endpoints import router as webhooks
from amity.webhooks.api.inlets import router as inlets

PREFIX = "/api/v1"
DESCRIPTION = """Everything that people do in Amity, for programs. See docs/how-to/use-the-api.md.

Errors are problem details (RFC 9457). Lists come in pages: ask again with `after`. `fields=` asks for some fields only.
Reads of one record carry an ETag; updates take If-Match and then say what others changed. A POST with an
Idempotency-Key happens once. Limits stand in the RateLimit headers."""

ROUTERS = (
    today,
    bulk_people,
    people,
    more_of_people,
    notes_about_people,
    decisions,
    relations,
    audience,
    consent,
    duplicates,
    fields_of_people,
    identities_of_people,
    shown_values,
    rights,
    personal_data,
    holds,
    retention,
    segments,
    quality,
    orders,
    tiers,
    households,
    activities,
    conversations,
    files_of_replies,
    verbs,
    imports,
    mappings,
    figures,
    channels,
    webhooks,
    inlets,
    workspace,
    views,
    teams,
    colleagues,
    sign_in,
    backups,
    audit,
)

api = NinjaAPI(
    title="Amity",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
)
for _router in ROUTERS:
    api.add_router("", _router)


@api.exception_handler(DomainError)
def _domain_error(_request: HttpRequest, error: DomainError) -> HttpResponse:
    return errors.problem(error)


@api.exception_handler(ValidationError)
def _not_valid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields: dict[str, str] = {}
    for one in error.errors:
        place = [str(part) for part in one["loc"] if part not in ("body", "query", "path", "wanted")]
        fields.setdefault(".".join(place) or "body", one["msg"])
    return errors.problem(Invalid(_("Something in the request is not as it should be."), fields=fields))


@api.exception_handler(HttpError)
def _unreadable(_request: HttpRequest, _error: HttpError) -> HttpResponse:
    return errors.problem(Unreadable(_("The request could not be read.")))


@api.exception_handler(SuspiciousOperation)
def _suspicious(_request: HttpRequest, _error: SuspiciousOperation) -> HttpResponse:
    return errors.problem(Unreadable(_("The request could not be read.")))


@api.exception_handler(Http404)
def _missing(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return errors.problem(errors.PageMissing())


@api.exception_handler(Exception)
def _unexpected(request: HttpRequest, _error: Exception) -> HttpResponse:
    return errors.problem(errors.unexpected(request))


@cache
def description() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    found: dict[str, Any] = api.get_openapi_schema(path_prefix=f"{PREFIX}/")
    for methods in found["paths"].values():
        for described in methods.values():
            for response in described["responses"].values():
                _as_problem(response)
    explain(found)
    found["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    found["info"]["x-amity-version"] = __version__
    return found


def _as_problem(response: dict[str, Any]) -> None:
    content = response.get("content", {})
    if content.get("application/json", {}).get("schema", {}).get("$ref", "").endswith("/Problem"):
        response["content"] = {errors.PROBLEM: content["application/json"]}


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json: what can be asked, for everybody."""
    return HttpResponse(to_json(description()), content_type="application/json")
