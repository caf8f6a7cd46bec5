"""Data quality: the score, every share with the people who cost it, the trend, repairs and rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, In, Problem, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.errors import NotFound
from amity.quality.domain.scoring import AGAINST
from amity.quality.looking import ask_for_a_look
from amity.quality.models import Repair
from amity.quality.queries.counting import Sight
from amity.quality.queries.flagged import FlaggedRow, flagged_page
from amity.quality.queries.known import Scope, Settings, scope_named, scopes_for, set_for, settings
from amity.quality.queries.records import Bad, Wanted, bad_people, wanted_named
from amity.quality.queries.report import report_on, trend_of
from amity.quality.repairs import put_right, put_right_all, withdraw
from amity.quality.rules import change_settings

router = Router(tags=["people"])
Key = Annotated[str, StringConstraints(max_length=60)]
Problems = Literal["missing", "invalid", "shared", "stale", "conflict"]
Outcomes = Literal["", "flag", "refuse"]
SCOPE = "Whose words count: all, or a scope of `scopes`, such as source:… or team:…"


class QualityQuery(Schema):
    """By whose words."""

    scope: str = Field("all", max_length=60, description=SCOPE)


class ShareOut(Schema):
    """A share of a field: of `of` people `bad` have the problem."""

    dimension: Literal["completeness", "validity", "uniqueness", "freshness", "consistency"] = Field(
        description="What is measured."
    )
    problem: Problems = Field(description="What counts against it.")
    value: float | None = Field(description="The share of the others, 0 to 1; null where nobody counts.")
    bad: int = Field(description="How many have the problem: as many as `records` lists.")
    of: int = Field(description="How many count: all people, or those who have the field.")
    weight: int = Field(description="How much it counts for the score.")


class FieldQuality(Schema):
    """A field with its shares."""

    field: str = Field(description="The key of the field; record stands for the whole record.")
    label: str = Field(description="What it is called.")
    score: float | None = Field(description="The weighted mean of its shares, 0 to 100.")
    shares: list[ShareOut] = Field(description="One for each dimension that makes sense of it.")


class ScopeOut(Schema):
    """Whose words can be asked for."""

    scope: str = Field(description="To be named in `scope`.")
    name: str = Field(description="The name of the source or team; empty for all.")


class QualityOut(Schema):
    """The figures of data quality, as far as you may see."""

    scope: str = Field(description=SCOPE)
    score: float | None = Field(
        description="The weighted mean of all shares, 0 to 100; null before the first look."
    )
    people: int = Field(description="How many people are judged.")
    looked_at: datetime | None = Field(description="When everybody was judged last.")
    fields: list[FieldQuality] = Field(description="In the order of the screen.")
    scopes: list[ScopeOut] = Field(description="All that you may ask for.")


class QualityDay(Schema):
    """The score on a day."""

    on: date = Field(description="The day, of UTC.")
    score: float | None = Field(description="The score by today's weights.")
    people: int = Field(description="How many people were judged.")
    fields: dict[str, float | None] = Field(description="The score of each field.")


class QualityTrend(Schema):
    """The last ninety days."""

    items: list[QualityDay] = Field(description="Oldest first.")


class RecordsQuery(PageQuery):
    """Which people: those who have a problem with a field."""

    field: Key = Field(description="The key of the field.")
    problem: Problems = Field(description="What is wrong with it.")
    scope: str = Field("all", max_length=60, description=SCOPE)


class QualityRecord(Sparse):
    """Somebody of whom a figure counts the problem."""

    id: UUID = Field(description="The id of the person.")
    name: str = Field(description="What they are called.")
    value: str = Field(description="The value that is judged; empty where it is missing.")
    reason: str = Field(description="Why it is not valid, for programs, such as mistyped.")
    suggestion: str = Field(description="What it probably should be; empty where nobody can say.")
    is_safe: bool = Field(description="Whether the suggestion is applied with all others.")
    values: list[str] = Field(description="Those between which sources are divided.")


class QualityRecords(Schema):
    """A page of them. `after` is absent at the end."""

    items: list[QualityRecord]
    after: str | None = None


class RepairsIn(In):
    """Which suggestions are applied: the safe ones of all values of a field that are not valid."""

    field: Key = Field(description="The key of the field.")


class RepairOut(Schema):
    """What was put right."""

    id: UUID | None = Field(description="It takes the repair back; null where nothing was put right.")
    people: int = Field(description="Of how many people.")
    left: int = Field(description="How many are left, because no suggestion is safe or there are too many.")


class PersonValueIn(In):
    """What a field of somebody is."""

    field: Key = Field(description="The key of the field.")
    value: Annotated[str, StringConstraints(min_length=1, max_length=320)] = Field(description="What it is.")


class QualitySettings(Schema):
    """What counts how much, and the rules for people who come in."""

    months: int = Field(
        description="Values that nobody confirmed for so many months are not fresh; 0: never."
    )
    fields: dict[str, int] = Field(description="The weight of each field, 0 to 10.")
    dimensions: dict[str, int] = Field(description="The weight of each dimension, 0 to 10.")
    rules: dict[str, dict[str, Outcomes]] = Field(
        description="Field → rule (required, valid) → flag or refuse; a rule that is not here is off."
    )


class QualitySettingsIn(In):
    """What is given is set as a whole; the rest stays."""

    months: int | None = Field(None, ge=0, le=240, description="0: values do not age.")
    fields: dict[Key, int] | None = Field(None, max_length=200, description="Field → weight, 0 to 10.")
    dimensions: dict[Key, int] | None = Field(None, max_length=5, description="Dimension → weight, 0 to 10.")
    rules: dict[Key, dict[Key, Outcomes]] | None = Field(
        None, max_length=200, description="Field → rule (required, valid) → flag, refuse, or empty for off."
    )


class FlagsQuery(PageQuery):
    """Which rows."""

    run_id: UUID | None = Field(None, description="Only those of this import.")


class FlagOut(Sparse):
    """A row that was taken in although it breaks a rule."""

    id: int = Field(description="Newer ones have higher ids.")
    person_id: UUID | None = Field(description="Whose it is.")
    field: str = Field(description="The key of the field.")
    rule: str = Field(description="required or valid.")
    source: str = Field(description="The name of the source.")
    position: int = Field(description="Which row it was.")
    run_id: UUID | None = Field(description="The import; null for programs.")
    at: datetime = Field(description="When it was taken in.")


class FlagsPage(Schema):
    """A page of them, newest first."""

    items: list[FlagOut]
    after: str | None = None


def _scope(request: ApiRequest, text: str) -> Scope:
    found = scope_named(request.actor, text)
    if found is None:
        raise NotFound(_("There is no such source or team, or it is not for you."))
    return found


@operation(router, "GET", "/quality", of="person", does="read", answer=QualityOut, also={404: Problem})
def get_quality(request: ApiRequest, wanted: Query[QualityQuery]) -> Mapping[str, Any]:
    """How good the data about people is: score, fields, shares."""
    scope = _scope(request, wanted.scope)
    found = report_on(request.actor, request.now, scope)
    fields = [
        {
            "field": one.key, "label": str(one.label), "score": found.score_of(one.key),
            "shares": [
                {"dimension": each.dimension.value, "problem": each.problem.value, "value": each.value,
                 "bad": each.bad, "of": each.of, "weight": each.weight}
                for each in found.of_field(one.key)
            ],
        }
        for one in found.fields
    ]  # fmt: skip
    return {
        "scope": str(scope), "score": found.score, "people": found.people, "looked_at": found.looked_at,
        "fields": fields,
        "scopes": [{"scope": str(one), "name": one.name} for one in scopes_for(request.actor)],
    }  # fmt: skip


@operation(
    router, "GET", "/quality/trend", of="person", does="read", answer=QualityTrend, also={404: Problem}
)
def trend_of_quality(request: ApiRequest, wanted: Query[QualityQuery]) -> Mapping[str, Any]:
    """The score of each of the last ninety days."""
    days = trend_of(request.actor, request.now, _scope(request, wanted.scope))
    return {
        "items": [
            {"on": day.on, "score": day.score, "people": day.people, "fields": dict(day.by_field)}
            for day in days
        ]
    }


def _wanted(request: ApiRequest, field: str, problem: str, scope: str) -> Wanted:
    found = wanted_named(request.actor, request.now, field, problem, scope)
    if found is None:
        raise NotFound(_("There is no such figure, or it is not for you."))
    return found


@operation(
    router, "GET", "/quality/records", of="person", does="read", answer=QualityRecords, also={404: Problem}
)
def records_of_quality(request: ApiRequest, wanted: Query[RecordsQuery]) -> Mapping[str, Any]:
    """The people of whom a figure counts the problem."""
    figure = _wanted(request, wanted.field, wanted.problem, wanted.scope)
    of = f"quality {request.staff.id} {figure.key}"
    place = read_cursor(of, wanted.after)
    after = UUID(str(place)) if place else None
    page = bad_people(Sight(request.actor, request.now), figure, after=after, limit=wanted.limit)
    rows = [_record(one) for one in page.people]
    return page_of(
        rows, wanted, list(QualityRecord.model_fields), of, str(page.after) if page.after else None
    )


def _record(one: Bad) -> dict[str, Any]:
    return {
        "id": one.person_id, "name": one.name, "value": one.value, "reason": one.reason,
        "suggestion": one.suggestion.value if one.suggestion else "",
        "is_safe": bool(one.suggestion and one.suggestion.is_safe), "values": list(one.values),
    }  # fmt: skip


def _repaired(made: Repair | None, left: int = 0) -> dict[str, Any]:
    return {"id": made.pk if made else None, "people": made.people if made else 0, "left": left}


@operation(
    router, "POST", "/quality/repairs", of="person", does="write", answer=RepairOut, also={404: Problem}
)
def repair_values(request: ApiRequest, body: RepairsIn) -> Mapping[str, Any]:
    """Apply the safe suggestions for a field, at most a thousand at once."""
    figure = _wanted(request, body.field, "invalid", "all")
    done = put_right_all(figure, actor=request.actor, at=request.now)
    return _repaired(done.repair, done.left)


@operation(router, "POST", "/quality/people/{uuid:person_id}", of="person", does="write", answer=RepairOut)
def put_value_right(request: ApiRequest, person_id: UUID, body: PersonValueIn) -> Mapping[str, Any]:
    """Say what a field of somebody is. 409 for an address that somebody else has."""
    return _repaired(put_right(person_id, body.field, body.value, actor=request.actor, at=request.now))


@operation(
    router, "POST", "/quality/repairs/{uuid:repair_id}/withdrawal", of="person", does="write", answer=None,
    status=204,
)  # fmt: skip
def take_back_repair(request: ApiRequest, repair_id: UUID) -> Answer:
    """Take a repair back as a whole."""
    withdraw(repair_id, actor=request.actor, at=request.now)
    return Answer(None, 204)


@operation(router, "POST", "/quality/look", of="person", does="write", answer=None, status=202)
def look_at_quality_now(request: ApiRequest) -> Answer:
    """Have everybody judged soon; it is done every night, too."""
    ask_for_a_look()
    return Answer(None, 202)


@operation(router, "GET", "/quality/flags", of="person", does="read", answer=FlagsPage)
def flags_of_quality(request: ApiRequest, wanted: Query[FlagsQuery]) -> Mapping[str, Any]:
    """Rows that were taken in although they break a rule."""
    of = f"flags {request.staff.id} {wanted.run_id}"
    place = read_cursor(of, wanted.after)
    after = int(str(place)) if place else None
    page = flagged_page(request.actor, request.now, wanted.run_id, after, wanted.limit)
    rows = [_flag(one) for one in page.rows]
    return page_of(rows, wanted, list(FlagOut.model_fields), of, str(page.after) if page.after else None)


def _flag(one: FlaggedRow) -> dict[str, Any]:
    return {name: getattr(one, name) for name in FlagOut.model_fields}


@operation(router, "GET", "/quality/settings", of="person", does="read", answer=QualitySettings)
def get_quality_settings(request: ApiRequest) -> Mapping[str, Any]:
    """What counts how much, and the rules for people who come in."""
    return _set_now(request, settings())


def _set_now(request: ApiRequest, set_now: Settings) -> dict[str, Any]:
    fields = set_for(request.actor, request.now)
    return {
        "months": set_now.months,
        "fields": {one.key: set_now.fields.get(one.key, one.weight) for one in fields},
        "dimensions": {one.value: set_now.of_dimension[one] for one in AGAINST},
        "rules": {one.key: dict(set_now.rules[one.key]) for one in fields if one.key in set_now.rules},
    }


@operation(router, "PATCH", "/quality/settings", of="settings", does="write", answer=QualitySettings)
def change_quality_settings(request: ApiRequest, body: QualitySettingsIn) -> Mapping[str, Any]:
    """Set weights, age and rules."""
    changed = change_settings(
        actor=request.actor, at=request.now, months=body.months, fields=body.fields,
        dimensions=body.dimensions, rules=body.rules,
    )  # fmt: skip
    return _set_now(request, changed)
