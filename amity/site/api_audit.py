"""The audit trail for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from amity.kernel.api.operations import ApiRequest, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.site import trail
from amity.site.trail import Line, Wanted

router = Router(tags=["audit"])


class AuditEntryOut(Sparse):
    """One thing that somebody did. `actor_id` is null for Amity itself and for whoever was not signed in.

    `is_withheld`: the values are of a record that is hidden from this reader; `before`, `after` and `why` are empty.
    """

    id: int
    at: datetime
    actor_id: UUID | None
    actor_name: str
    role: str
    via: str
    address: str
    token_id: str
    on_behalf_of: UUID | None
    action: str
    subject: str
    subject_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    why: str
    is_withheld: bool


class AuditPage(Schema):
    items: list[AuditEntryOut]
    after: str | None = None


class AuditQuery(PageQuery):
    """Which entries."""

    who: str = Field("", max_length=60, description="The id of a colleague, or system.")
    what: str = Field("", max_length=200, description="The action, such as changed or export.made.")
    since: AwareDatetime | None = Field(None, description="Not before this instant.")
    before: AwareDatetime | None = Field(None, description="Before this instant.")
    subject: str = Field("", max_length=200, description="The kind of record.")
    record: str = Field("", max_length=200, description="The id of a record.")
    q: str = Field("", max_length=200, description="Part of an action or kind, or the start of an id.")


@operation(router, "GET", "/audit", of="audit", does="read", answer=AuditPage)
def list_of_audit_entries(request: ApiRequest, wanted: Query[AuditQuery]) -> Mapping[str, Any]:
    """List who did what, newest first."""
    filters = Wanted(
        who=wanted.who, what=wanted.what, since=wanted.since, before=wanted.before,
        subject=wanted.subject, record=wanted.record, text=wanted.q.strip(),
    )  # fmt: skip
    of = f"audit {request.staff.id} {filters}"
    place = read_cursor(of, wanted.after)
    found = trail.page(filters, actor=request.actor, before=int(place) if place else None, limit=wanted.limit)
    return page_of(
        [_told(line) for line in found.lines], wanted, list(AuditEntryOut.model_fields), of, found.older
    )


def _told(line: Line) -> dict[str, Any]:
    own = {"before": line.before, "after": line.after, "is_withheld": line.is_withheld}
    own["why"] = line.why
    return {
        name: own[name] if name in own else getattr(line.entry, name) for name in AuditEntryOut.model_fields
    }
