"""Duplicates: pairs of people who may be one, why, and what is decided about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel import audit
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, In, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.people.proposing import (
    ask_for_a_look,
    check,
    merge_all,
    merge_proposed,
    put_off,
    reopen,
    tell_proposed_apart,
    uncheck,
)
from amity.people.queries.proposed import ProposedPair, checks_of, evidence_of, proposal_shown, queue_of

router = Router(tags=["people"])
Value = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
PAIR = "/duplicates/{uuid:proposal_id}"


class DuplicateRow(Sparse):
    """Two people who may be one."""

    id: UUID
    one_id: UUID = Field(description="One of them.")
    one: str = Field(description="What they are called.")
    other_id: UUID = Field(description="The other.")
    other: str = Field(description="What they are called.")
    bits: float = Field(description="Logarithm to the base 2 of the odds that they are one person.")
    reasons: list[str] = Field(description="What speaks for it most, such as email or family_name.")


class DuplicatesPage(Schema):
    """A page of pairs, surest first; empty for who does not see all sources. `after` is absent at the end."""

    items: list[DuplicateRow]
    after: str | None = None


class DuplicatesQuery(PageQuery):
    """Which page of the pairs."""

    of: Literal["open", "checks"] = Field(
        "open",
        description="open: pairs that wait; checks: a random page of what a rule merged and nobody looked at.",
    )


class EvidenceOut(Schema):
    """One piece of evidence. Their bits add up to those of the pair; `prior` is where any two people stand."""

    code: str = Field(description="comparison.level, such as email.same.")
    values: list[str] = Field(description="What both say; empty texts where that is not shown.")
    bits: float = Field(description="For (+) or against (-).")


class DuplicateOut(Schema):
    """A pair with what speaks for and against it."""

    id: UUID
    one_id: UUID = Field(description="One of them.")
    other_id: UUID = Field(description="The other.")
    state: Literal["open", "later", "merged", "two", "gone"] = Field(description="What was decided.")
    bits: float = Field(description="Logarithm to the base 2 of the odds that they are one person.")
    probability: float = Field(description="The same as a share, 0 to 1.")
    evidence: list[EvidenceOut] = Field(description="In the order in which it was compared.")
    found_at: datetime = Field(description="When they were last found to be alike.")


class DuplicateMergeIn(In):
    """How they become one."""

    stays: UUID | None = Field(None, description="Who stays; by default who was known first.")
    chosen: dict[str, Value] = Field(
        {}, max_length=20, description="Field → the value to be shown, one of those that sources gave."
    )


class DuplicateMerged(Schema):
    """That they are one person now."""

    act_id: UUID = Field(description="It takes the merge back.")


class DuplicatesIn(In):
    """Which pairs."""

    ids: list[UUID] = Field(min_length=1, max_length=200, description="Ids of pairs.")


class DuplicatesMerged(Schema):
    """What was merged; pairs that were decided meanwhile are left out."""

    act_ids: list[UUID] = Field(description="Each takes one merge back.")


@operation(router, "GET", "/duplicates", of="person", does="read", answer=DuplicatesPage)
def list_of_duplicates(request: ApiRequest, wanted: Query[DuplicatesQuery]) -> Mapping[str, Any]:
    """List pairs of people who may be one, surest first."""
    if wanted.of == "checks":
        rows = [_row(pair) for pair in checks_of(request.actor, limit=wanted.limit).pairs]
        return page_of(rows, wanted, list(DuplicateRow.model_fields), "duplicates to check", None)
    of = f"duplicates {request.staff.id}"
    place = read_cursor(of, wanted.after)
    bits, _space, last = (place or "").partition(" ")
    after = (float(bits), UUID(last)) if place else None
    queue = queue_of(request.actor, after=after, limit=wanted.limit)
    next_place = f"{queue.after[0]!r} {queue.after[1]}" if queue.after else None
    return page_of(
        [_row(pair) for pair in queue.pairs], wanted, list(DuplicateRow.model_fields), of, next_place
    )


def _row(pair: ProposedPair) -> dict[str, Any]:
    return {
        "id": pair.id, "one_id": pair.one.pk, "one": pair.one.name, "other_id": pair.other.pk,
        "other": pair.other.name, "bits": pair.bits, "reasons": list(pair.reasons),
    }  # fmt: skip


@operation(router, "GET", PAIR, of="person", does="read", answer=DuplicateOut)
def get_duplicate(request: ApiRequest, proposal_id: UUID) -> Mapping[str, Any]:
    """A pair with what speaks for and against it."""
    pair = proposal_shown(request.actor, proposal_id)
    for person in (pair.one_id, pair.other_id):
        audit.looked_at("person", person, actor=request.actor, at=request.now)
    told = evidence_of(pair, request.actor)
    lines = [{"code": code, "values": [one, other], "bits": bits} for code, one, other, bits in told.lines]
    return {
        "id": pair.pk, "one_id": pair.one_id, "other_id": pair.other_id, "state": pair.state, "bits": told.bits,
        "probability": told.probability, "evidence": lines, "found_at": pair.found_at,
    }  # fmt: skip


@operation(router, "POST", PAIR + "/merge", of="person", does="write", answer=DuplicateMerged, status=201)
def merge_duplicate(request: ApiRequest, proposal_id: UUID, body: DuplicateMergeIn) -> Answer:
    """They are one person. 409 where somebody decided on the pair meanwhile."""
    act = merge_proposed(
        proposal_id, actor=request.actor, at=request.now, stays=body.stays, chosen=body.chosen
    )
    return Answer({"act_id": act}, 201)


class DuplicateCheckIn(In):
    """What looking at it told."""

    right: bool = Field(
        description="Whether the two are one person; where not, they are two again and stay so."
    )


@operation(router, "POST", PAIR + "/check", of="person", does="write", answer=None, status=204)
def check_duplicate(request: ApiRequest, proposal_id: UUID, body: DuplicateCheckIn) -> Answer:
    """Say whether a merge by rule was right. 409 where it is none, or somebody looked at it before."""
    check(proposal_id, is_right=body.right, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "POST", PAIR + "/unchecking", of="person", does="write", answer=None, status=204)
def uncheck_duplicate(request: ApiRequest, proposal_id: UUID) -> Answer:
    """Take back that a merge by rule was found right. 409 where nobody found it so."""
    uncheck(proposal_id, actor=request.actor)
    return Answer(None, 204)


@operation(router, "POST", PAIR + "/distinction", of="person", does="write", answer=None, status=204)
def tell_duplicate_apart(request: ApiRequest, proposal_id: UUID) -> Answer:
    """They are two people, and are not proposed again."""
    tell_proposed_apart(proposal_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "POST", PAIR + "/postponement", of="person", does="write", answer=None, status=204)
def put_duplicate_off(request: ApiRequest, proposal_id: UUID) -> Answer:
    """Ask again in thirty days."""
    put_off(proposal_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "POST", PAIR + "/reopening", of="person", does="write", answer=None, status=204)
def reopen_duplicate(request: ApiRequest, proposal_id: UUID) -> Answer:
    """Take back what was decided about a pair; a merge comes apart exactly."""
    reopen(proposal_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "POST", "/duplicates/merging", of="person", does="write", answer=DuplicatesMerged)
def merge_duplicates(request: ApiRequest, body: DuplicatesIn) -> Mapping[str, Any]:
    """Merge many pairs, surest first."""
    return {"act_ids": merge_all(body.ids, actor=request.actor, at=request.now)}


@operation(router, "POST", "/duplicates/look", of="person", does="write", answer=None, status=202)
def look_for_duplicates_now(request: ApiRequest) -> Answer:
    """Have all people compared again soon; it is done every night, too."""
    ask_for_a_look(at=request.now)
    return Answer(None, 202)
