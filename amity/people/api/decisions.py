"""Who is who: compare, merge, split, tell apart, each with its way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel import audit
from amity.kernel.actor import Actor
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import Past, require_match
from amity.kernel.api.operations import ApiRequest, In, Problem, Sparse, operation
from amity.people.api.people import shown
from amity.people.distinctions import tell_apart, withdraw
from amity.people.locks import choose_values
from amity.people.merging import MOST_AT_ONCE, Arrived, merge, unmerge
from amity.people.queries import PersonRecord
from amity.people.queries.comparing import compare
from amity.people.queries.decided import MergeShown, Said, SplitShown, decided_of
from amity.people.queries.grouped import known_root
from amity.people.queries.visibility import sees_addresses
from amity.people.splitting import split, unsplit

router = Router(tags=["people"])
Value = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class ComparedField(Schema):
    """A field of people side by side."""

    field: str = Field(description="Which field, such as city.")
    values: list[str] = Field(description="What is shown of each, in the order in which you named them.")
    sign: Literal["same", "alike", "differs", "adds"] = Field(
        description="alike: but for case, accents and length; adds: not all of them know one."
    )
    after: str = Field(description="What would be shown of them as one person.")
    why: str = Field(
        description="Why it would be this value: newest, trusted, complete, first, parts (of a name) or chosen."
    )
    why_source: str = Field(description="The name of the source that is trusted most, where that is why.")


class ComparisonOut(Schema):
    """People side by side, before they become one."""

    ids: list[UUID] = Field(description="Who is compared; the first would stay.")
    fields: list[ComparedField] = Field(description="Those of which at least one of them knows something.")
    said_to_be_two_by: str | None = Field(
        description="Who said that these are two people; null where nobody did."
    )
    said_to_be_two_at: datetime | None = Field(description="When.")


class ComparisonQuery(Schema):
    """With whom."""

    others: list[UUID] = Field([], max_length=MOST_AT_ONCE, description="Who would leave.")


class MergeIn(In):
    """Who becomes one with the person, who stays."""

    others: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE, description="Who leaves.")
    chosen: dict[str, Value] = Field(
        {}, max_length=20, description="Field → the value to be shown, one of those that sources gave."
    )
    despite: bool = Field(False, description="Also where somebody said that they are two people.")


class MergeRef(Schema):
    """The person who stays, and the act with which all of it is taken back."""

    id: UUID = Field(description="Who stays.")
    act_id: UUID = Field(description="What was merged together; it takes all of it back.")


class WithdrawalIn(In):
    """With whom goes what came between the merge and now."""

    arrived: Literal["as_named", "stays", "goes"] = Field(
        "as_named", description="as_named: with whom the record named it."
    )
    are_two: bool = Field(False, description="They are two people from now on: never proposed again.")


class ChoicesIn(In):
    """Which of several values is shown."""

    chosen: dict[str, Annotated[str, StringConstraints(max_length=2_000)]] = Field(
        {},
        max_length=20,
        description="Field → one of the values that sources gave; empty: what follows.",
    )


class PeopleBack(Schema):
    """Who is a person of their own again."""

    ids: list[UUID] = Field(description="Their ids.")


class SplitIn(In):
    """Which accounts and addresses become a person of their own."""

    identities: list[UUID] = Field(min_length=1, max_length=200, description="Their ids, of this person.")


class SplitRef(Schema):
    """The new person, and the split with which it is taken back."""

    id: UUID = Field(description="Who was made.")
    split_id: UUID = Field(description="It takes the split back.")


class OtherIn(In):
    """The other person."""

    other: UUID = Field(description="Their id.")


class MergedHandle(Schema):
    """An account, address or number that came with somebody who was merged."""

    network: str = Field(description="Where, such as email.")
    address: str = Field(description="What it is there.")


class MergeOut(Sparse):
    """That somebody was merged into the person."""

    id: UUID
    act_id: UUID = Field(description="What was merged together.")
    person_id: UUID = Field(description="Who left.")
    name: str = Field(description="What they were called, as far as you may know.")
    addresses: list[MergedHandle] = Field(description="What came with them.")
    method: str = Field(
        description="staff, where a colleague or a program said so; rule, where the evidence did."
    )
    confidence: float = Field(description="How sure that was, 0 to 1.")
    by: str = Field(description="The name of the colleague who said so; empty where a rule did.")
    at: datetime = Field(description="When.")
    taken_back_by: str = Field(description="Who took it back; empty while it holds.")
    taken_back_at: datetime | None = Field(description="When that was; null while it holds.")


class SplitOut(Schema):
    """That accounts of the person became somebody of their own."""

    id: UUID
    person_id: UUID = Field(description="Who was made.")
    name: str = Field(description="What they are called.")
    by: str = Field(description="The name of the colleague who said so; empty where a rule did.")
    at: datetime = Field(description="When.")
    taken_back_by: str = Field(description="Who took it back; empty while it holds.")
    taken_back_at: datetime | None = Field(description="When that was; null while it holds.")


class ChoiceOut(Schema):
    """That a colleague chose which value is shown."""

    field: str = Field(description="Which field, such as city.")
    value: str = Field(description="What is shown of it while a source says so.")
    by: str = Field(description="The name of the colleague.")
    at: datetime = Field(description="When.")


class DecisionsOut(Schema):
    """What was decided about who a person is, newest first."""

    merges: list[MergeOut] = Field(description="Who was merged into them.")
    splits: list[SplitOut] = Field(description="Who was split off.")
    choices: list[ChoiceOut] = Field(description="Which values colleagues chose.")


@operation(
    router, "GET", "/people/{uuid:person_id}/comparison", of="person", does="read", answer=ComparisonOut
)
def compare_people(request: ApiRequest, person_id: UUID, wanted: Query[ComparisonQuery]) -> Mapping[str, Any]:
    """Compare a person with others, as they would be merged."""
    compared = compare(request.actor, [person_id, *wanted.others])
    for side in compared.sides:
        audit.looked_at("person", side.id, actor=request.actor, at=request.now)
    who, when = compared.said_to_be_two or (None, None)
    return {
        "ids": [side.id for side in compared.sides], "fields": list(compared.fields),
        "said_to_be_two_by": who, "said_to_be_two_at": when,
    }  # fmt: skip


@operation(
    router, "POST", "/people/{uuid:person_id}/merges", of="person", does="write", answer=MergeRef, status=201,
    also={412: Problem},
)  # fmt: skip
def merge_people(request: ApiRequest, person_id: UUID, body: MergeIn) -> Answer:
    """Make others one person with this one, who stays. It can be taken back at any time, exactly.

    409 with the code `person.said_to_be_two` where a colleague said that they are two people. With If-Match it is
    refused where somebody changed the one who stays meanwhile.
    """
    header = request.headers.get("If-Match")

    def unchanged(record: PersonRecord) -> None:
        require_match(header, shown(request.actor, record), {}, Past(lambda _: []))

    act = merge(
        person_id, body.others, actor=request.actor, at=request.now, chosen=body.chosen, despite=body.despite,
        unchanged=unchanged if header else None,
    )  # fmt: skip
    return Answer({"id": known_root(request.actor, person_id), "act_id": act}, 201)


@operation(router, "POST", "/merges/{uuid:merge_id}/withdrawal", of="person", does="write", answer=PeopleBack)
def take_back_merge(request: ApiRequest, merge_id: UUID, body: WithdrawalIn) -> Mapping[str, Any]:
    """Take a merge back, by its id or that of the act: who left is a person of their own again, as they were."""
    back = unmerge(
        [merge_id], actor=request.actor, at=request.now, arrived=Arrived(body.arrived), are_two=body.are_two
    )
    return {"ids": back}


@operation(
    router, "POST", "/people/{uuid:person_id}/splits", of="person", does="write", answer=SplitRef, status=201
)
def split_person(request: ApiRequest, person_id: UUID, body: SplitIn) -> Answer:
    """Make a person of their own of some accounts and addresses. Both are two people from now on."""
    made = split(person_id, body.identities, actor=request.actor, at=request.now)
    return Answer({"id": made.into_id, "split_id": made.pk}, 201)


@operation(router, "POST", "/splits/{uuid:split_id}/withdrawal", of="person", does="write", answer=PeopleBack)
def take_back_split(request: ApiRequest, split_id: UUID) -> Mapping[str, Any]:
    """Take a split back: the accounts are again whose they were, and what came to the new person goes along."""
    return {"ids": [unsplit(split_id, actor=request.actor, at=request.now)]}


@operation(
    router,
    "POST",
    "/people/{uuid:person_id}/distinctions",
    of="person",
    does="write",
    answer=None,
    status=204,
)
def tell_people_apart(request: ApiRequest, person_id: UUID, body: OtherIn) -> Answer:
    """Say that these are two people, however alike: nobody proposes them again."""
    tell_apart(person_id, body.other, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router, "POST", "/people/{uuid:person_id}/distinctions/withdrawal", of="person", does="write", answer=None,
    status=204,
)  # fmt: skip
def withdraw_distinction(request: ApiRequest, person_id: UUID, body: OtherIn) -> Answer:
    """They may be one after all: what was said about these two ends. Nothing happens where nobody said it."""
    withdraw(person_id, body.other, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router, "PUT", "/people/{uuid:person_id}/choices", of="person", does="write", answer=None, status=204
)
def choose_values_of_person(request: ApiRequest, person_id: UUID, body: ChoicesIn) -> Answer:
    """Choose which of several values is shown of a field, or let it follow from what sources say again."""
    choose_values(person_id, body.chosen, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "GET", "/people/{uuid:person_id}/decisions", of="person", does="read", answer=DecisionsOut)
def decisions_about_person(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """What was decided about who a person is: merges, splits, chosen values, and what was taken back."""
    decided = decided_of(request.actor, person_id)
    return {
        "merges": [_merge(request.actor, one) for one in decided.merges],
        "splits": [_split(one) for one in decided.splits],
        "choices": list(decided.choices),
    }


def _merge(actor: Actor, one: MergeShown) -> dict[str, Any]:
    handles = [{"network": network, "address": address} for network, address in one.addresses]
    return {
        "id": one.id, "act_id": one.act_id, "person_id": one.person_id, "name": one.name,
        "method": one.method, "confidence": one.confidence,
    } | _said(one.said) | ({"addresses": handles} if sees_addresses(actor) else {})  # fmt: skip


def _split(one: SplitShown) -> dict[str, Any]:
    return {"id": one.id, "person_id": one.into_id, "name": one.name} | _said(one.said)


def _said(said: Said) -> dict[str, Any]:
    return {
        "by": said.by, "at": said.at, "taken_back_by": said.taken_back_by, "taken_back_at": said.taken_back_at,
    }  # fmt: skip
