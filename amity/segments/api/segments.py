"""Segments for programs: their rules, who is in them, counts at once, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.keyset import Cursor
from amity.segments import services
from amity.segments.conditions import fields_for
from amity.segments.models import Segment
from amity.segments.queries import (
    known_segments,
    members_of,
    preview,
    progress,
    segment_shown,
    why,
)

router = Router(tags=["segments"])
_ONE = "/segments/{uuid:segment_id}"
SegmentName = Annotated[str, StringConstraints(min_length=1, max_length=120)]
_RULE = (
    'A tree: {"all": […]}, {"any": […]}, {"not": …}, and conditions {"field", "op", "value", "within_days", "of"}. '
    "What can be asked is listed by /segments/fields."
)


class SegmentOut(Schema):
    """People of whom a rule holds."""

    id: UUID
    name: str
    description: str
    rule: dict[str, Any] = Field(description=_RULE)
    version: int = Field(description="Of the rule: each change makes the next one.")
    is_counted: bool = Field(
        description="False for the moments in which the members of a new rule are counted."
    )
    members: int = Field(description="How many people are in it.")
    owner_id: UUID | None = Field(description="The colleague who made it.")
    created_at: datetime = Field(description="When it was made.")


class SegmentsOut(Schema):
    items: list[SegmentOut]


class SegmentIn(In):
    """A new segment."""

    name: SegmentName
    description: str = Field("", max_length=500)
    rule: dict[str, Any] = Field(description=_RULE)


class SegmentChange(In):
    """What shall be different. What is left out stays."""

    name: SegmentName | None = None
    description: str | None = Field(None, max_length=500)
    rule: dict[str, Any] | None = Field(None, description=_RULE)


class PreviewIn(In):
    """A rule that is not kept."""

    rule: dict[str, Any] = Field(description=_RULE)


class SegmentPreviewOut(Schema):
    """How many people a rule holds of, now and exactly."""

    count: int | None = Field(description="Null while everybody is read for the first time.")
    sample: list[UUID] = Field(description="Some of these people.")
    read: int = Field(description="How many people were read so far.")
    to_read: int = Field(description="How many there are.")


class SegmentMemberOut(Sparse):
    """Somebody who is in a segment."""

    person_id: UUID
    person: str = Field(description="Their name.")
    since: datetime = Field(description="When they came in.")


class MembersPage(Schema):
    items: list[SegmentMemberOut]
    after: str | None = None


class SegmentReasonOut(Schema):
    """One condition and what it finds of a person."""

    path: list[int] = Field(description="Its place in the groups of the rule, from the outside in.")
    condition: dict[str, Any] = Field(description="The condition, as it stands in the rule.")
    holds: bool = Field(description="Whether it holds.")
    found: Any = Field(
        description="What there is: a number, words, an instant in minutes since 1970, or null."
    )


class StayOut(Schema):
    """A time for which somebody was in it."""

    since: datetime = Field(description="When they came in.")
    until: datetime | None = Field(description="When they left; null: they are in it.")


class SegmentWhyOut(Schema):
    """Why somebody is in a segment, or is not."""

    is_in: bool = Field(description="Whether they are in it now.")
    reasons: list[SegmentReasonOut] = Field(description="What each condition finds now.")
    stays: list[StayOut] = Field(description="When they were in it, the last time first.")


class OpOut(Schema):
    """One way to ask."""

    op: str = Field(description="As it stands in a condition.")
    takes: str = Field(
        description="What `value` is: text, option (of the field), number, amount, figure, mood, days, hours, date, "
        "segment, or nothing."
    )


class SegmentFieldOut(Schema):
    """Something that conditions can ask for."""

    field: str = Field(description="As it stands in a condition.")
    label: str = Field(description="What people call it.")
    ops: list[OpOut] = Field(description="How it can be asked.")
    of: str = Field(
        description="What `of` narrows it to: channel, source, verb, currency, product, or nothing."
    )
    is_of_needed: bool = Field(description="Whether `of` must be there.")
    is_windowed: bool = Field(description="Whether `within_days` can be there.")


class SegmentFieldsOut(Schema):
    items: list[SegmentFieldOut]


def _whole(one: Segment) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "description": one.description, "rule": one.rule, "version": one.version,
        "is_counted": not one.is_building, "members": one.members, "owner_id": one.owner_id,
        "created_at": one.created_at,
    }  # fmt: skip


def _tag(one: Segment) -> str:
    """Of what people change: members come and go meanwhile."""
    return tag_of(_changed(one))


def _changed(one: Segment) -> dict[str, Any]:
    return {"name": one.name, "description": one.description, "rule": one.rule}


@operation(router, "GET", "/segments", of="segment", does="read", answer=SegmentsOut)
def list_of_segments(request: ApiRequest) -> Mapping[str, Any]:
    """All segments that you may know of, by name."""
    return {"items": [_whole(one) for one in known_segments(request.actor)]}


@operation(router, "GET", "/segments/fields", of="segment", does="read", answer=SegmentFieldsOut)
def fields_of_segments(request: ApiRequest) -> Mapping[str, Any]:
    """What conditions can ask for."""
    return {
        "items": [
            {
                "field": key, "label": str(one.label), "of": one.of, "is_of_needed": one.of_needed,
                "is_windowed": one.windowed, "ops": [{"op": op.key, "takes": op.takes} for op in one.ops],
            }
            for key, one in fields_for(request.actor).items()
        ]
    }  # fmt: skip


@operation(router, "POST", "/segments", of="segment", does="write", answer=SegmentOut, status=201)
def create_segment(request: ApiRequest, body: SegmentIn) -> Answer:
    """Make a segment. Its members are counted at once, in the background."""
    made = services.create_segment(
        name=body.name, description=body.description, rule=body.rule, actor=request.actor, at=request.now
    )
    return Answer(_whole(made), 201, etag=_tag(made))


@operation(router, "POST", "/segments/preview", of="segment", does="read", answer=SegmentPreviewOut)
def preview_segment(request: ApiRequest, body: PreviewIn) -> Mapping[str, Any]:
    """Count the people of whom a rule holds, without keeping it."""
    tree = services.checked_rule(body.rule, actor=request.actor)
    state = progress()
    seen = None if state.is_reading or not state.is_kept else preview(tree, request.now)
    return {
        "count": seen.count if seen else None, "sample": seen.sample if seen else (), "read": state.read,
        "to_read": state.to_read,
    }  # fmt: skip


@operation(router, "GET", _ONE, of="segment", does="read", answer=SegmentOut, also={304: None})
def get_segment(request: ApiRequest, segment_id: UUID) -> Answer:
    """A segment with its rule. The ETag is of its name, description and rule."""
    one = segment_shown(request.actor, segment_id)
    return Answer(_whole(one), etag=_tag(one))


@operation(router, "PATCH", _ONE, of="segment", does="write", answer=SegmentOut, also={412: Problem})
def update_segment(request: ApiRequest, segment_id: UUID, body: SegmentChange) -> Answer:
    """Change a segment. With a new rule its members are counted anew."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")

    def unchanged(there: Segment) -> None:
        require_match(header, _changed(there), changes)

    one = services.change_segment(
        segment_id, **changes, unchanged=unchanged, actor=request.actor, at=request.now
    )
    return Answer(_whole(one), etag=_tag(one))


@operation(router, "DELETE", _ONE, of="segment", does="write", answer=None, status=204)
def delete_segment(request: ApiRequest, segment_id: UUID) -> Answer:
    """Put a segment away. For a month it can be brought back."""
    services.delete_segment(segment_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "POST", f"{_ONE}/restoration", of="segment", does="write", answer=SegmentOut)
def restore_segment(request: ApiRequest, segment_id: UUID) -> Answer:
    """Bring a deleted segment back."""
    one = services.restore_segment(segment_id, actor=request.actor, at=request.now)
    return Answer(_whole(one), etag=_tag(one))


@operation(router, "GET", f"{_ONE}/members", of="segment", does="read", answer=MembersPage)
def members_of_segment(request: ApiRequest, segment_id: UUID, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """Who is in a segment, the last to come first."""
    one = segment_shown(request.actor, segment_id)
    of = f"members {request.staff.id} {one.id}"
    place = read_cursor(of, wanted.after)
    page = members_of(request.actor, one.id, after=Cursor.read(place) if place else None, limit=wanted.limit)
    rows = [
        {"person_id": member.person.id, "person": member.person.name, "since": member.since}
        for member in page.members
    ]
    return page_of(rows, wanted, list(SegmentMemberOut.model_fields), of, page.after)


@operation(
    router, "GET", f"{_ONE}/people/{{uuid:person_id}}", of="segment", does="read", answer=SegmentWhyOut
)
def why_in_segment(request: ApiRequest, segment_id: UUID, person_id: UUID) -> Mapping[str, Any]:
    """Why somebody is in a segment, or is not."""
    one = segment_shown(request.actor, segment_id)
    found = why(request.actor, one, person_id, request.now)
    return {
        "is_in": found.is_in,
        "reasons": [
            {
                "path": list(reason.path), "condition": reason.leaf.to_json(), "holds": reason.found.holds,
                "found": reason.found.value,
            }
            for reason in found.reasons
        ],
        "stays": [{"since": stay.since, "until": stay.until} for stay in found.stays],
    }  # fmt: skip
