"""Legal holds: nothing of a person goes while one is on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import NO_TOOL, ApiRequest, In, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.people import holds
from amity.people.queries.held import ListedHold, get_hold, list_holds

router = Router(tags=["retention"])


class HoldOut(Schema):
    """A legal hold."""

    id: UUID
    reason: str = Field(description="Why nothing of them may go.")
    people: list[UUID] = Field(description="The people whom it keeps now and whom you may see.")
    others: int = Field(description="How many more it keeps whom you do not see.")
    placed_at: datetime = Field(description="Since when it holds.")
    placed_by: str = Field(description="The name of the colleague who placed it.")
    released_at: datetime | None = Field(description="When it was released; null while it holds.")
    released_by: str = Field(description="The name of the colleague who released it; empty while it holds.")
    released_why: str = Field(description="Why it was released; empty while it holds.")


class HoldsPage(Schema):
    """A page of holds."""

    items: list[HoldOut]
    after: str = Field("", description="Where the next page starts; not there on the last one.")


class HoldsQuery(PageQuery):
    """Which holds."""

    released: bool = Field(False, description="Those that were released instead of those that hold.")


class HoldIn(In):
    """Why a person is held."""

    reason: str = Field(description="Such as a lawsuit with its number.", max_length=holds.LONGEST)


class ReleaseIn(In):
    """Why a hold ends."""

    reason: str = Field(description="Why they need not be held any longer.", max_length=holds.LONGEST)


@operation(router, "GET", "/retention/holds", of="erasure", does="read", answer=HoldsPage, extra=NO_TOOL)
def list_of_holds(request: ApiRequest, wanted: Query[HoldsQuery]) -> Mapping[str, Any]:
    """List legal holds, the newest first, a page at a time."""
    of = f"holds {wanted.released} {request.staff.id}"
    place = read_cursor(of, wanted.after)
    before = datetime.fromisoformat(place) if place else None
    rows = list_holds(request.actor, released=wanted.released, before=before, limit=wanted.limit + 1)
    listed = rows[: wanted.limit]
    after = listed[-1].hold.placed_at.isoformat() if len(rows) > wanted.limit else None
    return page_of([_hold(one) for one in listed], wanted, list(HoldOut.model_fields), of, after)


@operation(
    router, "GET", "/retention/holds/{uuid:hold_id}", of="erasure", does="read", answer=HoldOut, extra=NO_TOOL,
)  # fmt: skip
def get_one_hold(request: ApiRequest, hold_id: UUID) -> Mapping[str, Any]:
    """Who placed a hold, why, since when, and whom it keeps."""
    return _hold(get_hold(request.actor, hold_id))


@operation(
    router, "POST", "/people/{uuid:person_id}/holds", of="erasure", does="write", answer=HoldOut, status=201,
    extra=NO_TOOL,
)  # fmt: skip
def place_hold(request: ApiRequest, person_id: UUID, body: HoldIn) -> Answer:
    """Have nothing of a person go: no rule and no erasure touches them until this is released."""
    made = holds.place(person_id, reason=body.reason, actor=request.actor, at=request.now)
    return Answer(_hold(get_hold(request.actor, made.pk)), 201)


@operation(
    router, "POST", "/retention/holds/{uuid:hold_id}/release", of="erasure", does="write", answer=HoldOut,
    extra=NO_TOOL,
)  # fmt: skip
def release_hold(request: ApiRequest, hold_id: UUID, body: ReleaseIn) -> Mapping[str, Any]:
    """Rules and erasures count for them again. 409 where it was released before."""
    holds.release(hold_id, why=body.reason, actor=request.actor, at=request.now)
    return _hold(get_hold(request.actor, hold_id))


def _hold(one: ListedHold) -> dict[str, Any]:
    hold = one.hold
    return {
        "id": hold.pk, "reason": hold.reason, "people": [person.pk for person in one.people], "others": one.others,
        "placed_at": hold.placed_at, "placed_by": hold.placed_by.name if hold.placed_by else "",
        "released_at": hold.released_at, "released_by": hold.released_by.name if hold.released_by else "",
        "released_why": hold.released_why,
    }  # fmt: skip
