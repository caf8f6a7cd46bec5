"""Which of several values is shown: the rule of each field, and whom the company trusts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, operation
from amity.people.domain.precedence import Rules, Way
from amity.people.models import ShownRules
from amity.people.queries.survivorship import (
    foretell,
    known_tellers,
    newest_rules,
    ruled_fields,
    rules_for,
)
from amity.people.survivorship import MOST_TRUSTED, change_rules, read_rules, with_what_is_hidden

router = Router(tags=["people"])
_PATH = "/people/survivorship"
_WAYS = (
    "newest, trusted (the source that stands first in the order of trust), complete (the most words, or parts of a "
    "date) or first (in the alphabet)"
)
_TRUST = "Ids of sources, and `hand` for what colleagues type; the most trusted first. The others come after these."
_FieldName = Annotated[str, StringConstraints(max_length=40)]
_Teller = Annotated[str, StringConstraints(max_length=36)]


class RuleOut(Schema):
    """The rule of a field."""

    field: str = Field(description="Which field: city, or custom:key of one of the company's own.")
    way: Way = Field(description=f"What is shown of several values: {_WAYS}.")
    ways: list[Way] = Field(description="The ways that this field can have, its usual one first.")


class TellerOut(Schema):
    """Somebody who is trusted."""

    id: str = Field(description="The id of a source, or `hand`.")
    name: str = Field(description="The name of the source; empty for what colleagues type.")


class ShownRulesOut(Schema):
    """The rules that hold, and how far they are applied."""

    fields: list[RuleOut] = Field(description="Every field that has a rule.")
    trust: list[TellerOut] = Field(description=_TRUST)
    said_at: datetime | None = Field(description="When they were set; null where nobody ever did.")
    looked_at: int = Field(description="People who were looked at since.")
    of_people: int = Field(description="How many people there were.")
    changed: int = Field(description="Of how many something else is shown since.")
    is_under_way: bool = Field(
        description="Whether there are people who are still shown by the rules before."
    )


class ShownRulesIn(In):
    """Rules as they shall be."""

    ways: dict[_FieldName, Way] = Field(
        {}, description=f"By field, what is shown: {_WAYS}. Those that are left out have their usual one."
    )
    trust: list[_Teller] = Field(["hand"], max_length=MOST_TRUSTED, description=_TRUST)


class ShownExample(Schema):
    """Somebody of whom something else would be shown."""

    person_id: UUID
    name: str
    field: str = Field(description="Which field.")
    before: str = Field(description="What is shown now; empty for nothing.")
    after: str = Field(description="What would be shown.")


class ShownPreview(Schema):
    """What rules would change. Nothing is saved."""

    changed: int = Field(
        description="Of how many people something else would be shown; at least, unless `is_all`."
    )
    looked_at: int = Field(description="How many people were looked at.")
    is_all: bool = Field(description="Whether these are all whom you may know of.")
    examples: list[ShownExample] = Field(description="Some of them.")


@operation(router, "GET", _PATH, of="settings", does="read", answer=ShownRulesOut, also={304: None})
def rules_of_shown_values(request: ApiRequest) -> Answer:
    """By which rules of several values one is shown, and how far they are applied."""
    return _answer(request)


@operation(router, "PUT", _PATH, of="settings", does="write", answer=ShownRulesOut, also={412: Problem})
def change_rules_of_shown_values(request: ApiRequest, body: ShownRulesIn) -> Answer:
    """Set the rules; people follow in the background. With If-Match it is refused where somebody changed them
    meanwhile. To go back, put what GET told before."""
    header = request.headers.get("If-Match")

    def unchanged(_there: ShownRules | None) -> None:
        require_match(header, _values(request, rules_for(request.actor)), {})

    change_rules(
        {name: str(way) for name, way in body.ways.items()},
        body.trust,
        actor=request.actor,
        at=request.now,
        unchanged=unchanged if header else None,
    )
    return _answer(request)


@operation(router, "POST", f"{_PATH}/preview", of="settings", does="write", answer=ShownPreview)
def preview_rules_of_shown_values(request: ApiRequest, body: ShownRulesIn) -> dict[str, Any]:
    """Tell of how many people something else would be shown by these rules, with examples. Nothing is saved."""
    wanted = read_rules({name: str(way) for name, way in body.ways.items()}, body.trust, request.actor)
    found = foretell(request.actor, with_what_is_hidden(wanted, rules_for(request.actor), request.actor))
    return {
        "changed": found.changed, "looked_at": found.looked_at, "is_all": found.is_all,
        "examples": list(found.examples),
    }  # fmt: skip


def _values(request: ApiRequest, rules: Rules) -> dict[str, Any]:
    names = {one.id: one.name for one in known_tellers(request.actor)}
    return {
        "fields": [
            {"field": one.name, "way": rules.way(one.name), "ways": list(one.ways)} for one in ruled_fields()
        ],
        "trust": [{"id": str(one), "name": names[one]} for one in rules.trust if one in names],
    }


def _answer(request: ApiRequest) -> Answer:
    values, newest = _values(request, rules_for(request.actor)), newest_rules()
    standing = {
        "said_at": newest.said_at if newest else None,
        "looked_at": newest.looked_at if newest else 0,
        "of_people": newest.of_people if newest else 0,
        "changed": newest.changed if newest else 0,
        "is_under_way": newest is not None and newest.done_at is None,
    }
    return Answer(values | standing, etag=tag_of(values))
