"""Households: who lives together, what they bought, and who may belong to one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from amity.commerce.queries import bought_by_people
from amity.kernel import policy
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, In, operation
from amity.people.households import MOST_AT_ONCE, put_back, put_together, refuse, take_out, withdraw_refusal
from amity.people.queries import person_record
from amity.people.queries.households import households_of, proposed_for

router = Router(tags=["people"])


class SumOut(Schema):
    """What was bought in one currency."""

    orders: int = Field(description="How many orders.")
    amount: Decimal
    currency: str


class MemberOut(Schema):
    """Somebody of the household."""

    person_id: UUID
    name: str
    member_ids: list[UUID] = Field(description="With these they are taken out.")
    bought: list[SumOut] = Field(description="What they bought, by currency.")


class HouseholdOut(Schema):
    id: UUID
    members: list[MemberOut] = Field(description="Everybody of it whom you may know of.")


class ProposedOut(Schema):
    """Somebody of the same street, postcode and family name."""

    person_id: UUID
    name: str


class HouseholdsOut(Schema):
    items: list[HouseholdOut] = Field(description="Usually one; several where people were merged.")
    proposed: list[ProposedOut] = Field(description="Who may belong to it.")


class TogetherIn(In):
    """Who lives with the person."""

    others: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE, description="Their ids.")


class TogetherRef(Schema):
    id: UUID = Field(description="The household.")
    member_ids: list[UUID] = Field(description="The memberships that began; with these it is taken back.")


class MembersIn(In):
    """Which memberships."""

    member_ids: list[UUID] = Field(min_length=1, max_length=50, description="Their ids.")


class MembersOut(Schema):
    member_ids: list[UUID] = Field(
        description="The memberships that ended: all, where only one would have been left."
    )


class RefusalIn(In):
    """That two people are no household."""

    other: UUID = Field(description="The other person.")
    holds: bool = Field(True, description="false: it may be proposed again.")


@operation(
    router, "GET", "/people/{uuid:person_id}/households", of="person", does="read", answer=HouseholdsOut
)
def households_about_person(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """With whom a person lives, what each of them bought, and who may belong to them."""
    record = person_record(request.actor, person_id)
    found = households_of(request.actor, record.id)
    people = {one.person_id for household in found for one in household.members}
    bought = bought_by_people(request.actor, people) if policy.may(request.actor, "read", "order") else {}
    items = [
        {
            "id": household.id,
            "members": [
                {
                    "person_id": one.person_id, "name": one.name, "member_ids": list(one.member_ids),
                    "bought": [
                        {"orders": sum_.orders, "amount": sum_.paid.amount, "currency": sum_.paid.currency}
                        for sum_ in bought.get(one.person_id, ())
                    ],
                }
                for one in household.members
            ],
        }
        for household in found
    ]  # fmt: skip
    proposed = proposed_for(request.actor, record.id, people)
    return {"items": items, "proposed": [{"person_id": one.person_id, "name": one.name} for one in proposed]}


@operation(
    router,
    "POST",
    "/people/{uuid:person_id}/households",
    of="person",
    does="write",
    answer=TogetherRef,
    status=201,
)
def put_people_together(request: ApiRequest, person_id: UUID, body: TogetherIn) -> Answer:
    """Say that people live together. Who is in a household already takes the others in."""
    made = put_together(person_id, body.others, actor=request.actor, at=request.now)
    return Answer({"id": made.household_id, "member_ids": list(made.member_ids)}, 201)


@operation(
    router, "POST", "/households/{uuid:household_id}/withdrawal", of="person", does="write", answer=MembersOut
)
def take_people_out(request: ApiRequest, household_id: UUID, body: MembersIn) -> Mapping[str, Any]:
    """End memberships. The household ends with the last but one."""
    return {"member_ids": take_out(household_id, body.member_ids, actor=request.actor, at=request.now)}


@operation(
    router,
    "POST",
    "/households/{uuid:household_id}/restoration",
    of="person",
    does="write",
    answer=None,
    status=204,
)
def put_people_back(request: ApiRequest, household_id: UUID, body: MembersIn) -> Answer:
    """These memberships hold again."""
    put_back(household_id, body.member_ids, actor=request.actor)
    return Answer(None, 204)


@operation(
    router,
    "POST",
    "/people/{uuid:person_id}/household-refusals",
    of="person",
    does="write",
    answer=None,
    status=204,
)
def refuse_household(request: ApiRequest, person_id: UUID, body: RefusalIn) -> Answer:
    """Say that two people are no household, so that nobody proposes it again; or that they may be."""
    if body.holds:
        refuse(person_id, body.other, actor=request.actor, at=request.now)
    else:
        withdraw_refusal(person_id, body.other, actor=request.actor, at=request.now)
    return Answer(None, 204)
