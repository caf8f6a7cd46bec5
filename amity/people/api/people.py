"""People: list, one, new, more about one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router

from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.etags import Past, require_match, tag_of
from amity.kernel.api.operations import ApiRequest, Problem, operation
from amity.kernel.api.paging import FieldsQuery, page_of, read_cursor
from amity.kernel.downloads import answered_with, list_to_keep
from amity.kernel.errors import Invalid
from amity.kernel.purposes import OF_FIELD, known_as
from amity.people.api.schemas import (
    PeopleExport,
    PeopleFilters,
    PeoplePage,
    PeopleQuery,
    PersonChange,
    PersonIn,
    PersonOut,
    PersonRef,
    PersonRow,
)
from amity.people.domain.fields.conditions import Condition, Unknown, read_condition
from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.fields.values import YES, Refused
from amity.people.exporting import WRITINGS, export_people
from amity.people.field_words import refusal
from amity.people.queries import (
    FactShown,
    ListedPerson,
    PeopleWanted,
    PersonRecord,
    list_people,
    person_record,
)
from amity.people.queries.fields import fields_for
from amity.people.queries.listing import Place, allowed
from amity.people.queries.visibility import sees_addresses
from amity.people.services import change_person, record_person

router = Router(tags=["people"])
NO_FACTS = frozenset({"id", "first_seen_at", "identities", "facts", "custom"})


@operation(router, "GET", "/people", of="person", does="read", answer=PeoplePage)
def list_of_people(request: ApiRequest, wanted: Query[PeopleQuery]) -> Mapping[str, Any]:
    """List people, a page at a time."""
    asked = _wanted(request.actor, wanted)
    of = f"people {request.staff.id} {asked}"
    place, own = read_cursor(of, wanted.after), fields_for(request.actor)
    page = list_people(
        request.actor, asked, after=Place.read(place) if place else None, limit=wanted.limit, fields=own
    )
    known = _known(request.actor, PersonRow.model_fields)
    return page_of([_row(known, person, own) for person in page.people], wanted, known, of, page.after)


@operation(
    router, "GET", "/people/export", of="person", does="export", answer=None, extra=answered_with(WRITINGS)
)
def export_list_of_people(request: ApiRequest, wanted: Query[PeopleExport]) -> HttpResponseBase:
    """All pages of a list of people as a table, JSON Lines or vCard. No cell is a formula to a spreadsheet."""
    asked = _wanted(request.actor, wanted)
    filters = wanted.model_dump(mode="json", exclude_defaults=True)
    filters.pop("form", None)
    chunks = export_people(asked, form=wanted.form, filters=filters, actor=request.actor, at=request.now)
    return list_to_keep(chunks, "people", wanted.form, request.now)


def _wanted(actor: Actor, query: PeopleFilters) -> PeopleWanted:
    asked = PeopleWanted(
        words=query.q, language=query.language, country=query.country, network=query.network,
        organisation_id=query.organisation_id, active_since=query.active_since, quiet_since=query.quiet_since,
        conditions=_conditions(actor, query.where) if query.where else (),
    )  # fmt: skip
    if query.order:
        asked = replace(asked, order=query.order)
    granted = allowed(actor, asked)
    refused = [
        name
        for name in ("order", "active_since", "quiet_since", "language", "country", "organisation_id")
        if getattr(query, name) is not None and getattr(granted, name) != getattr(asked, name)
    ]
    if refused:
        words = _("You cannot have the list by this.")
        raise Invalid(words, fields=dict.fromkeys(refused, words))
    return granted


def _conditions(actor: Actor, where: list[str]) -> tuple[Condition, ...]:
    """What is asked of the company's own fields. Raises `Invalid` for what cannot be asked."""
    asked: dict[str, list[str]] = {}
    for one in where:
        key, _equals, value = one.partition("=")
        asked.setdefault(key.strip(), []).append(value)
    definitions, found = fields_for(actor), []
    for key, values in asked.items():
        try:
            condition = read_condition(key, values, definitions)
        except Unknown as error:
            words = _("You cannot have the list by “%(part)s”.") % {"part": error.part[:80]}
            raise Invalid(words, fields={"where": words}) from error
        except Refused as error:
            definition = next(one for one in definitions if one.key == key.partition(".")[0])
            words = refusal(definition, error)
            raise Invalid(words, fields={"where": words}) from error
        if condition is not None:
            found.append(condition)
    return tuple(found)


def _known(actor: Actor, names: Mapping[str, Any]) -> list[str]:
    hidden = policy.hidden_fields(actor, "person")
    return [name for name in names if name not in hidden]


def _row(known: Iterable[str], person: ListedPerson, own: Sequence[Definition]) -> dict[str, Any]:
    shown = {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "city": person.city,
        "country": person.country,
        "language": person.language,
        "organisation": _organisation(person.organisation_id, person.organisation),
        "last_activity_at": person.last_activity_at,
        "custom": as_json(own, person.custom),
    }
    return {name: shown[name] for name in known}


def as_json(own: Iterable[Definition], values: Mapping[str, str]) -> dict[str, Any]:
    """Canonical values as programs read them: true or false, lists of options, else texts."""

    def one(definition: Definition, value: str) -> bool | str | list[str]:
        if definition.kind is Kind.YES_NO:
            return value == YES
        return value.split(",") if definition.kind is Kind.CHOICES else value

    return {field.key: one(field, values[field.key]) for field in own if field.key in values}


def _organisation(id: UUID | None, name: str) -> dict[str, Any] | None:
    return {"id": id, "name": name} if id else None


def shown(actor: Actor, record: PersonRecord) -> dict[str, Any]:
    """A person in full, as this actor may see them."""
    golden, sees = record.golden, sees_addresses(actor)
    own = {one.fact: one for one in record.definitions}
    identities = [
        {
            "id": one.id, "network": one.network, "method": one.method, "confidence": one.confidence,
            "since": one.since, "use": one.use, "verified": one.verified.value if one.verified else "",
        }
        | ({"address": one.address} if sees else {})
        for one in record.identities
    ]  # fmt: skip
    whole = {
        "id": record.id,
        "name": golden.name,
        "email": golden.email,
        "city": golden.city,
        "country": golden.country,
        "language": golden.language,
        "job_title": golden.job_title,
        "organisation": _organisation(record.organisation_id, record.organisation),
        "first_seen_at": record.first_seen_at,
        "identities": identities,
        "facts": [_fact(fact, own) for fact in record.facts],
        "custom": as_json(own.values(), record.custom),
    }
    return {name: whole[name] for name in _known(actor, whole)}


def _fact(fact: FactShown, own: Mapping[str, Definition]) -> dict[str, Any]:
    named = (
        own[fact.field].purposes if fact.field in own else OF_FIELD["person"][known_as("person", fact.field)]
    )
    return {
        "field": fact.field, "shown": fact.shown, "others": list(fact.others),
        "why": fact.why, "why_source": fact.why_source,
        "purposes": sorted(map(str, named)),
    }  # fmt: skip


@operation(
    router, "GET", "/people/{uuid:person_id}", of="person", does="read", answer=PersonOut, also={304: None}
)
def get_person(request: ApiRequest, person_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """A person in full. The ETag stands for everything that you may see of them."""
    found = person_record(request.actor, person_id)
    audit.looked_at("person", found.id, actor=request.actor, at=request.now)
    whole = shown(request.actor, found)
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


@operation(
    router, "POST", "/people", of="person", does="write", answer=PersonRef, status=201, also={200: PersonRef}
)
def create_person(request: ApiRequest, body: PersonIn) -> Answer:
    """Say something of a person: somebody new (201), or whom one of the handles names already (200)."""
    said = body.model_dump(mode="json", exclude_none=True)
    found = record_person(said, actor=request.actor, at=request.now, program=request.token_name)
    status, place = 201 if found.is_new else 200, f"{request.path}/{found.person_id}"
    return Answer({"id": found.person_id, "is_new": found.is_new}, status, headers={"Location": place})


@operation(
    router,
    "PATCH",
    "/people/{uuid:person_id}",
    of="person",
    does="write",
    answer=PersonOut,
    also={412: Problem},
)
def update_person(request: ApiRequest, person_id: UUID, body: PersonChange) -> Answer:
    """Add facts or handles to a person. With If-Match it is refused where somebody changed them meanwhile."""
    header = request.headers.get("If-Match")
    before = person_record(request.actor, person_id)

    def unchanged(record: PersonRecord) -> None:
        require_match(header, shown(request.actor, record), _as_shown(body), _past(record))

    unchanged(before)
    change_person(
        person_id, body.model_dump(mode="json"), actor=request.actor, at=request.now,
        program=request.token_name, unchanged=unchanged if header else None,
    )  # fmt: skip
    whole = shown(request.actor, person_record(request.actor, person_id))
    return Answer(whole, etag=tag_of(whole))


def _as_shown(body: PersonChange) -> dict[str, Any]:
    """What a change would show, by the names of the record: for the three-way answer.

    Of a record not everything is a fact; one that is called like the rest of it changes none of that.
    """
    return {name: value for name, value in body.facts.items() if name not in NO_FACTS}


def _past(record: PersonRecord) -> Past:
    """The values of a field that sources gave before."""
    return Past(lambda name: [said.value for said in fact.others] if (fact := record.fact(name)) else [])
