"""How many people somebody reaches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from amity.kernel.api.operations import ApiRequest, operation
from amity.people.queries import person_record
from amity.people.queries.audience import reach_by_identities, tellings_of

router = Router(tags=["people"])


class AudienceFact(Schema):
    """What a source told of an account."""

    identity_id: UUID = Field(description="The account, one of the person's identities.")
    network: str
    field: str = Field(description="followers, posts, reactions or verified.")
    value: str = Field(description="As it was told; numbers as digits.")
    source: str = Field(description="The name of the source.")
    told_at: datetime = Field(description="When.")
    counts: bool = Field(description="Whether it is the newest of its field for this account.")


class NetworkReach(Schema):
    """A part of the sum."""

    network: str
    people: int = Field(description="Followers of the largest account there.")


class ReachOut(Schema):
    """How many somebody reaches, and the records from which it follows."""

    reach: int | None = Field(
        description="The largest account of each network, added up; null where no network told."
    )
    networks: list[NetworkReach] = Field(description="Its parts, largest first.")
    engagement: float = Field(description="Reactions to a post, weighed by followers.")
    influence: int = Field(description="100 × log10(1 + reach × (1 + engagement)) ÷ 8, at most 100.")
    is_verified: bool = Field(description="Whether a network says that it checked who this is.")
    told: list[AudienceFact] = Field(description="What was told, newest first.")


@operation(router, "GET", "/people/{uuid:person_id}/reach", of="person", does="read", answer=ReachOut)
def reach_of_person(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """How many a person reaches, from what networks told."""
    record = person_record(request.actor, person_id)
    reach = reach_by_identities(request.actor, record.identity_ids)
    told = tellings_of(request.actor, record.identity_ids)
    return {
        "reach": reach.people if reach else None,
        "networks": [{"network": one, "people": n} for one, n in reach.by_network] if reach else [],
        "engagement": reach.engagement if reach else 0.0,
        "influence": reach.influence if reach else 0,
        "is_verified": reach.is_verified if reach else False,
        "told": [{name: getattr(one, name) for name in AudienceFact.model_fields} for one in told],
    }
