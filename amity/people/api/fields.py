"""The company's own fields: what there is, and making, changing and hiding them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel import policy
from amity.kernel.actor import Role
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import ApiRequest, In, Problem, Sparse, operation
from amity.kernel.errors import NotFound
from amity.people import fields
from amity.people.domain.fields.conditions import OPERATORS
from amity.people.domain.fields.definition import Definition
from amity.people.models import CustomField
from amity.people.queries.fields import all_fields, fields_for, may_write, sees

router = Router(tags=["people"])
Label = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Resource = Literal["person", "organisation"]
KindName = Literal["text", "number", "money", "date", "choice", "choices", "person", "url", "yes_no"]
PurposeName = Literal["service", "sales", "marketing", "analysis", "legal"]
_ONE = "/fields/{int:field_id}"
_OF = "Of which records: person or organisation."
_KIND = "What its values are. It stays as it was made."
_HELP = "What it is for, in your words."
_PURPOSES = "What it may be used for. Roles that are here for one of these see it."
_WRITERS = "The roles that may write it; empty: every role that sees it and changes such records."
_LISTED = "Whether it is a column of the list unless somebody chooses others."
_CURRENCY = "Of money: its currency. It stays as it was made."
_LABEL = "What it is called. No other field that is shown is called so."


class OptionOut(Schema):
    """An option of a choice."""

    key: str = Field(description="What values hold. It stays when the option is renamed.")
    label: str = Field(description="What it is called.")
    gone: str = Field(
        description="Empty while it is offered; keep, clear or becomes: what became of its values."
    )
    becomes: str = Field(description="The key of the option that they became.")


class FieldOut(Sparse):
    """A field of the company's own."""

    id: int = Field(description="The id by which it is asked for.")
    of: str = Field(description=_OF)
    key: str = Field(description="What programs and imports call it.")
    label: str = Field(description=_LABEL)
    help: str = Field(description=_HELP)
    kind: str = Field(description=_KIND)
    options: list[OptionOut] = Field(description="Of a choice: what can be chosen, in order.")
    currency: str = Field(description=_CURRENCY)
    purposes: list[str] = Field(description=_PURPOSES)
    writers: list[str] = Field(description=_WRITERS)
    is_listed: bool = Field(description=_LISTED)
    is_hidden: bool = Field(description="Taken away from every screen; its values are kept.")
    may_write: bool = Field(description="Whether you may write it.")
    operators: list[str] = Field(description="How lists can be asked by it: key=…, key.has=…, key.from=…")


class FieldsOut(Schema):
    """All of them, in their order."""

    items: list[FieldOut]


class OwnFieldsQuery(Schema):
    """Of which records."""

    of: Resource = Field("person", description=_OF)
    with_hidden: bool = Field(False, description="Hidden ones too: for who may change settings.")


class FieldIn(In):
    """A new field."""

    of: Resource = Field("person", description=_OF)
    label: Label = Field(description=_LABEL)
    kind: KindName = Field(description=_KIND)
    help: str = Field("", max_length=300, description=_HELP)
    options: list[Label] = Field([], max_length=200, description="Of a choice: what can be chosen, in order.")
    currency: str = Field("", max_length=3, description=_CURRENCY)
    purposes: list[PurposeName] = Field(
        ["service", "sales", "marketing", "analysis", "legal"], max_length=5, description=_PURPOSES
    )
    writers: list[Role] = Field([], max_length=20, description=_WRITERS)
    is_listed: bool = Field(False, description=_LISTED)


class OptionIn(In):
    """An option as it shall be called."""

    key: str = Field("", max_length=32, description="Of one that is there; empty for a new one.")
    label: Label = Field(description="What it is called.")


class RemovedOption(In):
    """What happens to the values of an option that is taken out."""

    key: str = Field(max_length=32, description="Which option.")
    gone: Literal["keep", "clear", "becomes", ""] = Field(
        description="keep: who has it keeps it; clear: they have nothing; becomes: another; empty: offered again."
    )
    becomes: str = Field("", max_length=32, description="The key of the option that they have then.")


class FieldChange(In):
    """What shall be different. What is left out stays."""

    label: Label | None = Field(None, description=_LABEL)
    help: str | None = Field(None, max_length=300, description=_HELP)
    options: list[OptionIn] | None = Field(
        None, max_length=200, description="In their order. Those that are not named stay behind them."
    )
    take_out: list[RemovedOption] = Field(
        [], max_length=20, description="Options that are not offered any more, or again."
    )
    purposes: list[PurposeName] | None = Field(None, max_length=5, description=_PURPOSES)
    writers: list[Role] | None = Field(None, max_length=20, description=_WRITERS)
    is_listed: bool | None = Field(None, description=_LISTED)
    is_hidden: bool | None = Field(None, description="Take it away from every screen, or put it back.")
    move: Literal["up", "down"] | None = Field(None, description="One place up or down in their order.")


def _whole(request: ApiRequest, one: Definition) -> dict[str, Any]:
    return {
        "id": one.id, "of": one.resource, "key": one.key, "label": one.label, "help": one.help,
        "kind": one.kind.value, "currency": one.currency,
        "options": [
            {"key": option.key, "label": option.label, "gone": option.gone, "becomes": option.becomes}
            for option in one.options
        ],
        "purposes": sorted(one.purposes), "writers": sorted(one.writers), "is_listed": one.is_listed,
        "is_hidden": one.is_hidden, "may_write": may_write(request.actor, one),
        "operators": [operator.value for operator in OPERATORS[one.kind]],
    }  # fmt: skip


def _answer(request: ApiRequest, one: Definition, status: int = 200) -> Answer:
    whole = _whole(request, one)
    return Answer(whole, status, etag=tag_of(whole))


@operation(router, "GET", "/fields", of="person", does="read", answer=FieldsOut)
def list_of_fields(request: ApiRequest, wanted: Query[OwnFieldsQuery]) -> Mapping[str, Any]:
    """The company's own fields that you may see, in their order."""
    if wanted.with_hidden and policy.may(request.actor, "read", "settings"):
        return {"items": [_whole(request, one) for one in all_fields(wanted.of)]}
    return {"items": [_whole(request, one) for one in fields_for(request.actor, wanted.of)]}


@operation(router, "POST", "/fields", of="settings", does="write", answer=FieldOut, status=201)
def create_field(request: ApiRequest, body: FieldIn) -> Answer:
    """Make a field. Its key follows from what it is called."""
    said = body.model_dump(mode="json")
    made = fields.add_field(said.pop("of"), **said, actor=request.actor, at=request.now)
    return _answer(request, made.definition(), 201)


@operation(router, "GET", _ONE, of="person", does="read", answer=FieldOut, also={304: None})
def get_field(request: ApiRequest, field_id: int) -> Answer:
    """One of the company's own fields."""
    found = CustomField.objects.filter(pk=field_id).first()
    definition = found.definition() if found else None
    if definition is None or not (
        sees(request.actor, definition) or policy.may(request.actor, "read", "settings")
    ):
        raise NotFound(fields.no_field())
    return _answer(request, definition)


@operation(router, "PATCH", _ONE, of="settings", does="write", answer=FieldOut, also={412: Problem})
def update_field(request: ApiRequest, field_id: int, body: FieldChange) -> Answer:
    """Rename it, say who sees and writes it, change its options, move, hide or put it back. Values stay."""
    header = request.headers.get("If-Match")
    changes = body.model_dump(mode="json", exclude_none=True)
    taken, hides, moves = changes.pop("take_out"), changes.pop("is_hidden", None), changes.pop("move", None)

    def unchanged(there: CustomField) -> None:
        require_match(header, _whole(request, there.definition()), changes)

    with fields.together():
        fields.change_field(field_id, changes, actor=request.actor, unchanged=unchanged)
        for one in taken:
            if one["gone"]:
                fields.remove_option(field_id, **one, actor=request.actor)
            else:
                fields.put_back_option(field_id, one["key"], actor=request.actor)
        if hides is not None:
            if hides:
                fields.hide_field(field_id, actor=request.actor, at=request.now)
            else:
                fields.put_back_field(field_id, actor=request.actor)
        if moves:
            fields.move_field(field_id, -1 if moves == "up" else 1, actor=request.actor)
        found = CustomField.objects.get(pk=field_id)
    return _answer(request, found.definition())
