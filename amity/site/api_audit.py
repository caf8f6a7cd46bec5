"""The audit trail for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import Field

from amity.kernel.api.operations import CSV_ANSWER, ApiRequest, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.api.types import Instant
from amity.kernel.downloads import csv_file
from amity.site import trail
from amity.site.trail import Line, Wanted
from amity.site.trail_export import export_trail

router = Router(tags=["audit"])


class AuditEntryOut(Sparse):
    """One thing that somebody did. `actor_id` is null for Amity itself and for whoever was not signed in.

    `is_withheld`: the values are of a record that is hidden from this reader; `before`, `after` and `why` are empty.
    """

    id: int
    at: datetime = Field(description="When it was done.")
    actor_id: UUID | None = Field(
        description="The colleague who did it; null for Amity itself and for whoever was not signed in."
    )
    actor_name: str = Field(description="What they were called then.")
    role: str = Field(description="The role that they had then.")
    via: str = Field(description="How: page, api, mcp, command or job.")
    address: str = Field(description="The address it came from, where it came over the network.")
    token_id: str = Field(description="The token it was done with; empty without one.")
    on_behalf_of: UUID | None = Field(description="Who really did it, while signed in as the actor.")
    action: str = Field(description="What was done, such as changed or export.made.")
    subject: str = Field(description="The kind of record.")
    subject_id: str = Field(description="The id of the record.")
    before: dict[str, Any] = Field(description="What changed, as it was.")
    after: dict[str, Any] = Field(description="What changed, as it is since.")
    why: str = Field(description="The reason that was given.")
    is_withheld: bool = Field(
        description="Its values are of a record that is hidden from you: they are left out."
    )


class AuditPage(Schema):
    items: list[AuditEntryOut]
    after: str | None = None


class AuditFilters(Schema):
    """Which entries."""

    who: str = Field("", max_length=60, description="The id of a colleague, or system.")
    what: str = Field("", max_length=200, description="The action, such as changed or export.made.")
    since: Instant | None = Field(None, description="Not before this instant.")
    before: Instant | None = Field(None, description="Before this instant.")
    subject: str = Field("", max_length=200, description="The kind of record.")
    record: str = Field("", max_length=200, description="The id of a record.")
    q: str = Field("", max_length=200, description="Part of an action or kind, or the start of an id.")


class AuditQuery(AuditFilters, PageQuery):
    """Which entries, and which page of them."""


@operation(router, "GET", "/audit", of="audit", does="read", answer=AuditPage)
def list_of_audit_entries(request: ApiRequest, wanted: Query[AuditQuery]) -> Mapping[str, Any]:
    """List who did what, newest first."""
    filters = _wanted(wanted)
    of = f"audit {request.staff.id} {filters}"
    place = read_cursor(of, wanted.after)
    found = trail.page(filters, actor=request.actor, before=int(place) if place else None, limit=wanted.limit)
    return page_of(
        [_told(line) for line in found.lines], wanted, list(AuditEntryOut.model_fields), of, found.older
    )


def _wanted(query: AuditFilters) -> Wanted:
    return Wanted(
        who=query.who, what=query.what, since=query.since, before=query.before,
        subject=query.subject, record=query.record, text=query.q.strip(),
    )  # fmt: skip


@operation(router, "GET", "/audit/export", of="audit", does="export", answer=None, extra=CSV_ANSWER)
def export_audit_trail(request: ApiRequest, wanted: Query[AuditFilters]) -> HttpResponseBase:
    """The audit trail as CSV, newest first, at most 100,000 entries. That it was taken is an entry itself."""
    filters = wanted.model_dump(mode="json", exclude_defaults=True)
    chunks = export_trail(_wanted(wanted), filters=filters, actor=request.actor, at=request.now)
    return csv_file(chunks, f"audit-{request.now:%Y-%m-%d}.csv")


def _told(line: Line) -> dict[str, Any]:
    own = {"before": line.before, "after": line.after, "is_withheld": line.is_withheld}
    own["why"] = line.why
    return {
        name: own[name] if name in own else getattr(line.entry, name) for name in AuditEntryOut.model_fields
    }
