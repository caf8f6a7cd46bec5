"""The stream: what was said and done, newest first; and messages that programs bring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Q
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.activity.models import Activity
from amity.activity.programs import record_message
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, In, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.api.types import ExternalId, Instant, Name, Text
from amity.kernel.keyset import Cursor

router = Router(tags=["activities"])


class ActivityOut(Sparse):
    """Who did what, where, when."""

    id: UUID
    occurred_at: datetime
    recorded_at: datetime = Field(description="When Amity heard of it.")
    source_id: UUID
    external_id: str
    direction: str
    channel: str
    verb: str = Field(description="What was done, as Activity Streams 2.0 call it, such as create.")
    object_type: str = Field(description="With what, such as note or order.")
    subject: str
    text: str
    is_public: bool
    amount: Decimal | None
    currency: str
    language: str
    sentiment: float | None = Field(
        description="How it sounds: -1 (unhappy) to 1 (pleased); null where nobody looked."
    )
    confidence: float | None = Field(description="How sure that is, 0 to 1.")
    actor_id: UUID | None = Field(description="The identity that did it.")
    staff_id: UUID | None
    about_id: UUID | None = Field(description="The identity of the customer.")
    thread_id: UUID | None = Field(description="The conversation that it belongs to.")


class ActivitiesPage(Schema):
    items: list[ActivityOut]
    after: str | None = None


class ActivitiesQuery(PageQuery):
    """Which activities, newest first."""

    source_id: UUID | None = None
    about_id: UUID | None = None
    direction: Literal["in", "out", "internal"] | None = None
    channel: str = Field("", max_length=24)
    since: Instant | None = None
    until: Instant | None = None


_KNOWN = tuple(ActivityOut.model_fields)


@operation(router, "GET", "/activities", of="activity", does="read", answer=ActivitiesPage)
def list_of_activities(request: ApiRequest, wanted: Query[ActivitiesQuery]) -> Mapping[str, Any]:
    """List what was said and done, newest first."""
    of = f"activities {request.staff.id} {wanted.model_dump(exclude={'after', 'limit', 'fields'})}"
    place = read_cursor(of, wanted.after)
    rows = Activity.objects.visible_to(request.actor)
    for name in ("source_id", "about_id", "direction", "channel"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.since:
        rows = rows.filter(occurred_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(occurred_at__lt=wanted.until)
    if before := Cursor.read(place or ""):
        rows = rows.filter(occurred_at__lte=before.at).filter(
            Q(occurred_at__lt=before.at) | Q(id__lt=before.id)
        )
    found = list(rows.order_by("-occurred_at", "-id").values(*_KNOWN)[: wanted.limit + 1])
    shown = found[: wanted.limit]
    more = len(found) > wanted.limit
    after = Cursor(shown[-1]["occurred_at"], shown[-1]["id"]) if more else None
    return page_of(shown, wanted, list(_KNOWN), of, after)


class AuthorIn(In):
    """Who said it: by one of the handles that you know."""

    external_id: str = Field("", max_length=300)
    identities: list[HandleIn] = Field([], max_length=1)
    name: Name = ""


class HandleIn(In):
    network: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")]
    address: Annotated[str, StringConstraints(min_length=1, max_length=320)]


class MessageIn(In):
    """Something that a customer said somewhere that only you know of."""

    external_id: ExternalId
    occurred_at: Instant
    author: AuthorIn
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,23}$")] = "message"
    text: Text
    subject: Name = ""
    in_reply_to: str = Field("", max_length=300, description="The external id of what it answers.")
    language: Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,8})?)?$")] = ""
    is_public: bool = False


class MessageRef(Schema):
    """The activity that it became."""

    id: UUID
    is_new: bool


AuthorIn.model_rebuild()
MessageIn.model_rebuild()


@operation(
    router, "POST", "/activities", of="activity", does="write", answer=MessageRef, status=201,
    also={200: MessageRef},
)  # fmt: skip
def record_activity(request: ApiRequest, body: MessageIn) -> Answer:
    """Bring a message of a customer; it comes into the inbox. The same external id again changes nothing (200)."""
    found = record_message(
        body.model_dump(mode="json"), actor=request.actor, at=request.now, program=request.token_name
    )
    return Answer({"id": found.activity_id, "is_new": found.is_new}, 201 if found.is_new else 200)
