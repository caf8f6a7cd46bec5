"""The timeline of a person, and organisations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from amity.activity import queries as stream
from amity.activity.queries import Lane, Moment, Wanted
from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, Sparse, operation
from amity.kernel.api.paging import FieldsQuery, PageQuery, page_of, read_cursor
from amity.kernel.api.types import Instant
from amity.kernel.downloads import Form, answered_with, list_to_keep
from amity.kernel.errors import Invalid
from amity.kernel.keyset import Cursor
from amity.people.api.people import as_json
from amity.people.api.schemas import CustomIn, CustomKey, CustomOut
from amity.people.custom_facts import as_text
from amity.people.exporting.organisations import WRITINGS, export_organisations
from amity.people.of_organisations import say_of_organisation
from amity.people.organising import rename_organisation
from amity.people.queries import list_organisations, organisation_of, person_record
from amity.people.queries.handles import list_handles
from amity.people.queries.organisation_fields import fields_of_organisation
from amity.people.queries.visibility import sees_addresses

router = Router(tags=["people"])


class MomentOut(Sparse):
    """One entry of a timeline. `lane`: said (the customer), bought, did (we)."""

    id: UUID
    occurred_at: datetime
    lane: str
    direction: str
    channel: str
    verb: str = Field(description="What was done, as Activity Streams 2.0 call it, such as create.")
    object_type: str = Field(description="With what, such as note or order.")
    external_id: str
    answers: str = Field(description="The external id of what it answers; empty for none.")
    subject: str
    text: str = Field(description="The first 1,000 characters.")
    why_empty: str = Field(description="The retention rule that took its words; empty where none did.")
    is_public: bool
    amount: Decimal | None
    currency: str
    language: str
    sentiment: float | None = Field(
        description="How it sounds: -1 (unhappy) to 1 (pleased); null where nobody looked."
    )
    confidence: float | None = Field(description="How sure that is, 0 to 1.")
    about_id: UUID
    staff_id: UUID | None
    thread_id: UUID | None = Field(description="The conversation that it belongs to.")
    object_id: UUID | None = Field(description="The id of the order or promise that it is about.")


class TimelinePage(Schema):
    items: list[MomentOut]
    after: str | None = None


class TimelineQuery(PageQuery):
    """Which part of a timeline."""

    lane: Literal["said", "bought", "did"] | None = None
    q: str = Field("", max_length=200, description="Words that a text or subject holds.")
    since: Instant | None = None
    until: Instant | None = None


@operation(
    router, "GET", "/people/{uuid:person_id}/timeline", of="activity", does="read", answer=TimelinePage
)
def timeline_of_person(
    request: ApiRequest, person_id: UUID, wanted: Query[TimelineQuery]
) -> Mapping[str, Any]:
    """What a person said and bought and what we did for them, newest first."""
    record = person_record(request.actor, person_id)
    asked = Wanted(
        lanes=frozenset({Lane(wanted.lane)}) if wanted.lane else stream.ALL_LANES,
        words=wanted.q, since=wanted.since, until=wanted.until,
    )  # fmt: skip
    of = f"timeline {request.staff.id} {person_id} {asked}"
    place = read_cursor(of, wanted.after)
    page = stream.timeline(
        request.actor, record.identity_ids, wanted=asked, before=Cursor.read(place) if place else None,
        limit=wanted.limit,
    )  # fmt: skip
    return page_of(
        [_moment(one) for one in page.moments], wanted, list(MomentOut.model_fields), of, page.older
    )


def _moment(moment: Moment) -> dict[str, Any]:
    return {name: getattr(moment, name) for name in MomentOut.model_fields}


class HandleOut(Sparse):
    """An account, address or number, and whose it is. `address` is absent where it is hidden from your role."""

    id: UUID
    network: str
    address: str
    person_id: UUID


class HandlesPage(Schema):
    items: list[HandleOut]
    after: str | None = None


class HandlesQuery(PageQuery):
    """Which handles."""

    network: str = Field("", max_length=60)
    address: str = Field("", max_length=320, description="The whole address; needs a network.")
    person_id: UUID | None = None


@operation(router, "GET", "/identities", of="person", does="read", answer=HandlesPage)
def list_of_identities(request: ApiRequest, wanted: Query[HandlesQuery]) -> Mapping[str, Any]:
    """List the handles that are known, or find whose one is."""
    asked = (wanted.network.strip().lower(), wanted.address.strip(), wanted.person_id)
    of = f"identities {request.staff.id} {asked}"
    place = read_cursor(of, wanted.after)
    handles = list_handles(
        request.actor, network=asked[0], address=asked[1], person_id=wanted.person_id,
        after=UUID(place) if place else None, limit=wanted.limit + 1,
    )  # fmt: skip
    known = [name for name in HandleOut.model_fields if name != "address" or sees_addresses(request.actor)]
    items = [{name: getattr(one, name) for name in known} for one in handles[: wanted.limit]]
    more = items[-1]["id"] if len(handles) > wanted.limit else None
    return page_of(items, wanted, known, of, more)


class OrganisationOut(Sparse):
    """A company, café, school or household."""

    id: UUID
    name: str
    domain: str = Field(description="Of its addresses, such as roast.example.")
    people: int = Field(description="How many people of it you may know of.")
    cities: list[str] = Field(description="Where these people live.")
    last_activity_at: datetime | None = Field(description="When one of them last said or bought something.")


class OrganisationsPage(Schema):
    items: list[OrganisationOut]
    after: str | None = None


class OrganisationWhole(Sparse):
    id: UUID
    name: str
    domain: str = Field(description="Of its addresses, such as roast.example.")
    custom: dict[str, CustomOut] = Field(
        description="Values of the company's own fields (see /fields?of=organisation), by key."
    )


class OrganisationChange(In):
    """What is so from now on. What was said before is kept."""

    custom: dict[CustomKey, CustomIn] = Field(
        min_length=1, max_length=100, description="Values of the company's own fields, by key."
    )


class OrganisationsQuery(PageQuery):
    q: str = Field("", max_length=200, description="The beginning of a word of the name.")


class OrganisationsExport(Schema):
    """Which organisations, and in which form."""

    q: str = Field("", max_length=200, description="The beginning of a word of the name.")
    form: Literal[Form.CSV, Form.XLSX, Form.JSONL] = Field(
        Form.CSV, description="A table (`csv`, `xlsx`), or an object for each (`jsonl`)."
    )


@operation(
    router, "GET", "/organisations/export", of="organisation", does="export", answer=None,
    extra=answered_with(WRITINGS),
)  # fmt: skip
def export_list_of_organisations(request: ApiRequest, wanted: Query[OrganisationsExport]) -> HttpResponseBase:
    """All pages of a list of organisations as a table or JSON Lines. No cell is a formula to a spreadsheet."""
    chunks = export_organisations(wanted.q, form=wanted.form, actor=request.actor, at=request.now)
    return list_to_keep(chunks, "organisations", wanted.form, request.now)


@operation(router, "GET", "/organisations", of="organisation", does="read", answer=OrganisationsPage)
def list_of_organisations(request: ApiRequest, wanted: Query[OrganisationsQuery]) -> Mapping[str, Any]:
    """List organisations by name."""
    of = f"organisations {request.staff.id} {wanted.q}"
    place = read_cursor(of, wanted.after)
    page = list_organisations(request.actor, words=wanted.q, after=_place(place), limit=wanted.limit)
    known = list(OrganisationOut.model_fields)
    items = [{name: getattr(one, name) for name in known} for one in page.organisations]
    return page_of(items, wanted, known, of, f"{page.after[1]}~{page.after[0]}" if page.after else None)


def _place(word: str | None) -> tuple[str, UUID] | None:
    if word is None:
        return None
    id, separator, name = word.partition("~")
    if not separator:
        raise Invalid(_("This page does not belong to this list. Start again without “after”."))
    return name, UUID(id)


@operation(
    router, "GET", "/organisations/{uuid:organisation_id}", of="organisation", does="read",
    answer=OrganisationWhole, also={304: None},
)  # fmt: skip
def get_organisation(request: ApiRequest, organisation_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """An organisation. Its people: `/people?organisation_id=`."""
    whole = _whole(request, organisation_id)
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


def _whole(request: ApiRequest, organisation_id: UUID) -> dict[str, Any]:
    found = organisation_of(request.actor, organisation_id)
    own = fields_of_organisation(request.actor, found.id)
    values = {one.definition.key: one.value for one in own if one.value}
    custom = as_json([one.definition for one in own], values)
    return {"id": found.id, "name": found.name, "domain": found.domain, "custom": custom}


@operation(
    router, "PATCH", "/organisations/{uuid:organisation_id}", of="organisation", does="write",
    answer=OrganisationWhole, also={412: Problem},
)  # fmt: skip
def update_organisation(request: ApiRequest, organisation_id: UUID, body: OrganisationChange) -> Answer:
    """Say something of an organisation in the company's own fields."""
    header = request.headers.get("If-Match")

    def unchanged() -> None:
        require_match(header, _whole(request, organisation_id), {"custom": body.custom})

    organisation_of(request.actor, organisation_id)
    said = {key: as_text(value) for key, value in body.custom.items()}
    say_of_organisation(organisation_id, said, actor=request.actor, at=request.now, unchanged=unchanged)
    whole = _whole(request, organisation_id)
    return Answer(whole, etag=tag_of(whole))


class OrganisationNamed(Schema):
    id: UUID
    name: str
    before: str = Field(description="What it was called until now.")


class OrganisationName(In):
    """What it is called from now on."""

    name: str = Field(
        min_length=1, max_length=200, description="What colleagues call it; sources may go on otherwise."
    )


@operation(
    router, "PUT", "/organisations/{uuid:organisation_id}/name", of="organisation", does="write",
    answer=OrganisationNamed,
)  # fmt: skip
def rename_one_organisation(
    request: ApiRequest, organisation_id: UUID, body: OrganisationName
) -> Mapping[str, Any]:
    """Call an organisation otherwise. What sources call it leads to it as before."""
    before = rename_organisation(organisation_id, body.name, actor=request.actor, at=request.now)
    found = organisation_of(request.actor, organisation_id)
    return {"id": found.id, "name": found.name, "before": before}
