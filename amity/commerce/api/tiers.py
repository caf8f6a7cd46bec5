"""Tiers: which there are, and who has which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.commerce.domain.tiers import MOST_DAYS, MOST_TIERS, Rule
from amity.commerce.standings import Tiers, standings, tier_counts, tiers_in_force
from amity.commerce.tier_words import asks_for, tier_name, why
from amity.commerce.tiering import MOST, change_tiers, choose_tier, take_back_choice_of
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, operation
from amity.people.queries import person_record

router = Router(tags=["orders"])
Tone = Literal["outline", "accent", "good", "caution", "info"]
_Least = Annotated[int, Field(ge=0, le=MOST)]


class TierOut(Schema):
    """A tier, and who has it: whoever meets one of its conditions."""

    key: str
    name: str
    tone: Tone = Field(description="The colour of its chip, one of the signal colours.")
    is_vip: bool = Field(description="Answered within the shorter time.")
    bought_from: int | None = Field(description="Bought for so much in the currency of the company.")
    orders_from: int | None = Field(description="So many orders.")
    days: int | None = Field(description="Purchases of so many last days count; null for all.")
    reach_from: int | None = Field(description="Reaches so many people.")
    asks_for: str = Field(description="The same in words.")
    people: int = Field(description="How many people whom you may know of have it.")


class TiersOut(Schema):
    items: list[TierOut] = Field(description="The highest first.")


class TierIn(In):
    """A tier. One condition that is met is enough; without any it is given by hand alone."""

    key: Annotated[str, StringConstraints(max_length=40)] = Field("", description="Empty for a new one.")
    name: Annotated[str, StringConstraints(max_length=40)] = Field(
        "", description="Empty for gold and silver."
    )
    tone: Tone = Field("outline", description="The colour of its chip, one of the signal colours.")
    is_vip: bool = Field(False, description="Answered within the shorter time.")
    bought_from: _Least | None = Field(None, description="Bought for so much in the currency of the company.")
    orders_from: _Least | None = Field(None, description="So many orders.")
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = Field(
        None, description="Purchases of so many last days count; null for all."
    )
    reach_from: _Least | None = Field(None, description="Reaches so many people.")


class TiersIn(In):
    """All tiers; those that are left out are gone."""

    tiers: list[TierIn] = Field(max_length=MOST_TIERS, description="The highest first.")


class StandingOut(Schema):
    """The tier of a person, and why."""

    tier: str = Field(description="Its key; empty for none.")
    name: str
    ground: str = Field(description="bought, orders, reach or hand; empty for none.")
    amount: Decimal | None = Field(description="What they have of it; null where it was chosen by hand.")
    least: int | None = Field(description="Where the tier starts; null where it was chosen by hand.")
    why: str = Field(description="The same in a sentence.")
    until_on: date | None = Field(description="On this day a choice by hand is over; null where it is not.")


class ChoiceIn(In):
    """A tier by hand."""

    tier: str = Field(max_length=40, description="Its key.")
    reason: str = Field(min_length=1, max_length=300, description="Why, for those who read it.")
    until_on: date | None = Field(None, description="On this day it is over; null for never.")


class ChoiceRef(Schema):
    id: UUID = Field(description="The choice that was made.")


@operation(router, "GET", "/tiers", of="settings", does="read", answer=TiersOut, also={304: None})
def list_of_tiers(request: ApiRequest) -> Answer:
    """The tiers of the company, and how many people have each."""
    there = tiers_in_force()
    return Answer(_told(request, there), etag=tag_of(_values(there)))


@operation(router, "PUT", "/tiers", of="settings", does="write", answer=TiersOut, also={412: Problem})
def change_tiers_of_company(request: ApiRequest, body: TiersIn) -> Answer:
    """Say which tiers there are. With If-Match it is refused where somebody changed them meanwhile."""
    header = request.headers.get("If-Match")
    rules = [Rule(**one.model_dump()) for one in body.tiers]

    def unchanged(there: Tiers) -> None:
        require_match(header, _values(there), {})

    change_tiers(rules, actor=request.actor, at=request.now, unchanged=unchanged if header else None)
    there = tiers_in_force()
    return Answer(_told(request, there), etag=tag_of(_values(there)))


def _values(there: Tiers) -> dict[str, Any]:
    return {"tiers": [one.as_value() for one in there.rules]}


def _told(request: ApiRequest, there: Tiers) -> dict[str, Any]:
    counts = tier_counts(request.actor, there, request.now)
    return {
        "items": [
            one.as_value()
            | {"name": tier_name(one), "asks_for": asks_for(one, there.currency), "people": counts[one.key]}
            for one in there.rules
        ]
    }


@operation(router, "GET", "/people/{uuid:person_id}/tier", of="person", does="read", answer=StandingOut)
def tier_of_person(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """Which tier a person has, and why."""
    record = person_record(request.actor, person_id)
    there = tiers_in_force()
    standing = standings(request.actor, [record.id], there, request.now).get(record.id)
    if standing is None:
        empty: dict[str, Any] = dict.fromkeys(("amount", "least", "until_on"))
        return empty | dict.fromkeys(("tier", "name", "ground", "why"), "")
    choice = standing.choice
    return {
        "tier": standing.rule.key, "name": tier_name(standing.rule), "ground": str(standing.ground),
        "amount": None if choice else standing.amount, "least": None if choice else standing.least,
        "why": why(standing, there.currency), "until_on": choice.until_on if choice else None,
    }  # fmt: skip


@operation(router, "PUT", "/people/{uuid:person_id}/tier", of="person", does="write", answer=ChoiceRef)
def choose_tier_of_person(request: ApiRequest, person_id: UUID, body: ChoiceIn) -> Mapping[str, Any]:
    """Give a person a tier by hand, whatever the rules say."""
    made = choose_tier(
        person_id, body.tier, reason=body.reason, until_on=body.until_on, actor=request.actor, at=request.now
    )
    return {"id": made}


@operation(
    router, "DELETE", "/people/{uuid:person_id}/tier", of="person", does="write", answer=None, status=204
)
def drop_tier_of_person(request: ApiRequest, person_id: UUID) -> Answer:
    """Let the rules decide again, or what was chosen before. 409 where they decide already."""
    take_back_choice_of(person_id, actor=request.actor, at=request.now)
    return Answer(None, 204)
