"""Addresses of people by hand, and who somebody may be already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import tag_of
from amity.kernel.api.operations import ApiRequest, In, operation
from amity.people.adding import Typed, who_may_be
from amity.people.addresses import describe_address, remove_address
from amity.people.api.people import shown
from amity.people.api.schemas import PersonOut
from amity.people.queries import person_record

router = Router(tags=["people"])


class IdentityDescribed(In):
    """What an address is for, and how somebody made sure that it is theirs."""

    use: Literal["work", "private", "other", ""] = Field(
        "", description="What it is for; empty where nobody knows."
    )
    verified: Literal["told", "answered", "document", ""] = Field(
        "",
        description="They told us, they answered there, it stood on a document; empty where nobody made sure.",
    )


_IDENTITY = "/people/{uuid:person_id}/identities/{uuid:identity_id}"


@operation(router, "PUT", _IDENTITY, of="person", does="write", answer=PersonOut)
def describe_identity(
    request: ApiRequest, person_id: UUID, identity_id: UUID, body: IdentityDescribed
) -> Answer:
    """Say what an address of a person is for, and how it was verified."""
    describe_address(person_id, identity_id, **body.model_dump(), actor=request.actor, at=request.now)
    whole = shown(request.actor, person_record(request.actor, person_id))
    return Answer(whole, etag=tag_of(whole))


@operation(router, "DELETE", _IDENTITY, of="person", does="write", answer=None, status=204)
def remove_identity(request: ApiRequest, person_id: UUID, identity_id: UUID) -> Answer:
    """Take away an address that only colleagues named by hand. What a source names is split off instead."""
    remove_address(person_id, identity_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


class AlikeQuery(Schema):
    """What is known of somebody."""

    name: str = Field("", max_length=400, description="What they are called.")
    email: str = Field("", max_length=320, description="An address of theirs.")
    phone: str = Field("", max_length=320, description="In any notation.")
    city: str = Field("", max_length=200, description="Where they live.")
    country: str = Field("", max_length=80, description="Its name or two-letter code.")
    organisation: str = Field("", max_length=200, description="What they belong to.")


class AlikeOut(Schema):
    """Somebody who may be the one."""

    id: UUID
    name: str
    probability: float | None = Field(
        description="How likely it is the same person, 0 to 1; null where only the name is alike."
    )
    has_address: bool = Field(description="An address that you named is theirs.")


class AlikePage(Schema):
    items: list[AlikeOut] = Field(description="The likeliest first, at most five.")


@operation(router, "GET", "/people/alike", of="person", does="read", answer=AlikePage)
def people_alike(request: ApiRequest, wanted: Query[AlikeQuery]) -> Mapping[str, Any]:
    """Who may be the person of whom you know this, before you make a new one."""
    facts = {name: value for name, value in wanted.model_dump(exclude={"email", "phone"}).items() if value}
    found = who_may_be(Typed(wanted.email, wanted.phone, facts), actor=request.actor)
    return {
        "items": [
            {"id": one.person_id, "name": one.name, "probability": one.probability, "has_address": one.has_address}
            for one in found
        ]
    }  # fmt: skip
