"""Who belongs with whom, from when until when; and organisations kept in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from amity.kernel import audit
from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, In, operation
from amity.kernel.errors import Invalid
from amity.people.domain.relations import ORGANISATION, PERSON, Kind
from amity.people.organising import (
    merge_organisations,
    say_whose_domain,
    take_back_organisation_merge,
)
from amity.people.queries import organisation_of, person_record
from amity.people.queries.employment import employments_of
from amity.people.queries.relations import RelationShown, relations_of_organisation, relations_of_person
from amity.people.relations import (
    End,
    Terms,
    bring_back_relation,
    change_relation,
    known_relation,
    relate,
    take_back_relation,
)

router = Router(tags=["people"])


class RelationOut(Schema):
    """What a person or organisation is to another one."""

    id: UUID
    kind: Kind = Field(
        description="employed, owner, contact, member; spouse, child, assistant, refers; part, supplier."
    )
    way: Literal["out", "in"] = Field(description="out: this one is it to the other one; in: the reverse.")
    what: Literal["person", "organisation"] = Field(description="What the other one is.")
    other_id: UUID = Field(description="The id of the other one.")
    other: str = Field(description="What the other one is called.")
    words: str = Field(description="As what, such as a job title.")
    from_on: date | None = Field(description="Since when; null where nobody said.")
    until_on: date | None = Field(description="From this day on it is over; null while it holds.")
    is_over: bool = Field(description="Whether it is over today.")
    method: str = Field(description="staff, or the name of the program that said so.")
    by: str = Field(description="The name of the colleague who said so.")
    at: datetime = Field(description="When that was.")


class EmploymentOut(Schema):
    """A time with an employer, as sources told it."""

    organisation_id: UUID | None = Field(
        description="The id of the organisation; null where it has no record."
    )
    organisation: str = Field(description="What it is called.")
    titles: list[str] = Field(description="What the person was called there, newest first.")
    from_at: datetime = Field(description="When a source first named it: it began then at the latest.")
    until_at: datetime | None = Field(
        description="When a newer record named another one; null while none does."
    )
    sources: list[str] = Field(description="The names of the sources that told it.")


class RelationsOfPerson(Schema):
    """What was said by hand, and what sources told of employers."""

    relations: list[RelationOut] = Field(description="What holds, then what is over.")
    employments: list[EmploymentOut] = Field(description="Newest first.")


class RelationsOfOrganisation(Schema):
    """What was said by hand."""

    relations: list[RelationOut] = Field(description="What holds, then what is over.")


class RelationIn(In):
    """What this one is to another one."""

    kind: Kind = Field(
        description="employed, owner, contact, member; spouse, child, assistant, refers; part, supplier."
    )
    way: Literal["out", "in"] = Field("out", description="in: the other one is it to this one.")
    person_id: UUID | None = Field(None, description="The other one, a person.")
    organisation_id: UUID | None = Field(None, description="The other one, an organisation.")
    organisation: str = Field(
        "", max_length=200, description="Its name, where you have no id; made where it is new."
    )
    words: str = Field("", max_length=200, description="As what, such as a job title.")
    from_on: date | None = Field(None, description="Since when.")
    until_on: date | None = Field(None, description="From this day on it is over.")


class RelationChange(In):
    """What is to be so from now on; what is left out becomes empty."""

    words: str = Field("", max_length=200, description="As what, such as a job title.")
    from_on: date | None = Field(None, description="Since when.")
    until_on: date | None = Field(None, description="From this day on it is over.")


class RelationRef(Schema):
    id: UUID = Field(description="The id of the relation.")


class OrganisationMergeIn(In):
    """Which one becomes one with it."""

    other: UUID = Field(description="The id of the organisation that leaves.")


class OrganisationMergeRef(Schema):
    id: UUID = Field(description="The one that stays.")
    merge_id: UUID = Field(description="It takes the merge back.")


class DomainIn(In):
    """Whether everybody who writes from the domain is of the organisation, unless a source says otherwise."""

    is_on: bool


class OrganisationBack(Schema):
    id: UUID = Field(description="The one that is on its own again.")


@operation(
    router, "GET", "/people/{uuid:person_id}/relations", of="person", does="read", answer=RelationsOfPerson
)
def relations_about_person(request: ApiRequest, person_id: UUID) -> Mapping[str, Any]:
    """With whom a person belongs, and for whom they worked, now and before."""
    record = person_record(request.actor, person_id)
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    employments = [
        {
            "organisation_id": one.organisation_id, "organisation": one.name, "titles": list(one.spell.titles),
            "from_at": one.spell.from_at, "until_at": one.spell.until_at, "sources": list(one.spell.sources),
        }
        for one in employments_of(request.actor, record)
    ]  # fmt: skip
    said = relations_of_person(request.actor, record.id, _today(request))
    return {"relations": [_shown(one) for one in said], "employments": employments}


@operation(
    router,
    "POST",
    "/people/{uuid:person_id}/relations",
    of="person",
    does="write",
    answer=RelationRef,
    status=201,
)
def relate_person(request: ApiRequest, person_id: UUID, body: RelationIn) -> Answer:
    """Say what a person is to an organisation or to another person. Said twice, it is the same relation."""
    return _relate(request, End(PERSON, person_record(request.actor, person_id).id), body)


@operation(
    router, "GET", "/organisations/{uuid:organisation_id}/relations", of="organisation", does="read",
    answer=RelationsOfOrganisation,
)  # fmt: skip
def relations_about_organisation(request: ApiRequest, organisation_id: UUID) -> Mapping[str, Any]:
    """The people and organisations with whom it belongs."""
    found = organisation_of(request.actor, organisation_id)
    said = relations_of_organisation(request.actor, found.id, _today(request))
    return {"relations": [_shown(one) for one in said]}


@operation(
    router, "POST", "/organisations/{uuid:organisation_id}/relations", of="organisation", does="write",
    answer=RelationRef, status=201,
)  # fmt: skip
def relate_organisation(request: ApiRequest, organisation_id: UUID, body: RelationIn) -> Answer:
    """Say what an organisation is to another one; of people to it, with `way` in."""
    found = organisation_of(request.actor, organisation_id)
    return _relate(request, End(ORGANISATION, found.id), body)


def _relate(request: ApiRequest, near: End, body: RelationIn) -> Answer:
    far = _far(body)
    one, other = (near, far) if body.way == "out" else (far, near)
    terms = Terms(body.words, body.from_on, body.until_on)
    made = relate(
        one,
        other,
        body.kind,
        terms,
        actor=request.actor,
        at=request.now,
        method=request.token_name or "staff",
    )
    return Answer({"id": made}, 201)


def _far(body: RelationIn) -> End:
    if body.person_id:
        return End(PERSON, body.person_id)
    if body.organisation_id or body.organisation:
        return End(ORGANISATION, body.organisation_id, body.organisation)
    words = _("Name the other one: person_id, organisation_id or organisation.")
    raise Invalid(words, fields={"person_id": words})


@operation(
    router, "PATCH", "/relations/{uuid:relation_id}", of="person", does="write", answer=None, status=204
)
def update_relation(request: ApiRequest, relation_id: UUID, body: RelationChange) -> Answer:
    """Say otherwise as what, since when or until when it is so."""
    known_relation(relation_id, request.actor)
    terms = Terms(body.words, body.from_on, body.until_on)
    change_relation(relation_id, terms, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router,
    "POST",
    "/relations/{uuid:relation_id}/withdrawal",
    of="person",
    does="write",
    answer=None,
    status=204,
)
def take_back_relation_of_person(request: ApiRequest, relation_id: UUID) -> Answer:
    """It was never so. What is over instead has an end: see `update_relation`."""
    take_back_relation(relation_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(
    router,
    "POST",
    "/relations/{uuid:relation_id}/restoration",
    of="person",
    does="write",
    answer=None,
    status=204,
)
def restore_relation(request: ApiRequest, relation_id: UUID) -> Answer:
    """It holds again as it did before it was taken back."""
    bring_back_relation(relation_id, actor=request.actor)
    return Answer(None, 204)


@operation(
    router, "POST", "/organisations/{uuid:organisation_id}/merges", of="organisation", does="write",
    answer=OrganisationMergeRef, status=201,
)  # fmt: skip
def merge_one_organisation(request: ApiRequest, organisation_id: UUID, body: OrganisationMergeIn) -> Answer:
    """Make another one one with this one, which stays. It can be taken back at any time, exactly."""
    made = merge_organisations(organisation_id, body.other, actor=request.actor, at=request.now)
    return Answer({"id": organisation_of(request.actor, organisation_id).id, "merge_id": made}, 201)


@operation(
    router, "POST", "/organisation-merges/{uuid:merge_id}/withdrawal", of="organisation", does="write",
    answer=OrganisationBack,
)  # fmt: skip
def take_back_merge_of_organisation(request: ApiRequest, merge_id: UUID) -> Mapping[str, Any]:
    """They are two again, with the people whom sources name of each."""
    return {"id": take_back_organisation_merge(merge_id, actor=request.actor, at=request.now)}


@operation(
    router, "PUT", "/organisations/{uuid:organisation_id}/domains/{domain}", of="organisation", does="write",
    answer=None, status=204,
)  # fmt: skip
def put_domain_of_organisation(
    request: ApiRequest, organisation_id: UUID, domain: str, body: DomainIn
) -> Answer:
    """Have everybody who writes from a domain be of the organisation, unless a source says otherwise; or no longer."""
    say_whose_domain(organisation_id, domain, is_on=body.is_on, actor=request.actor, at=request.now)
    return Answer(None, 204)


def _shown(one: RelationShown) -> dict[str, Any]:
    names = (
        "id",
        "kind",
        "what",
        "other_id",
        "other",
        "words",
        "from_on",
        "until_on",
        "is_over",
        "method",
        "by",
        "at",
    )
    return {name: getattr(one, name) for name in names} | {"way": "out" if one.is_from else "in"}


def _today(request: ApiRequest) -> date:
    return timezone.localtime(request.now).date()
